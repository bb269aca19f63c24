"""The names of runs, by time and number: 20261120-153000-n000042.

The number says which run is newer, whatever the clock says: clocks are set back, in autumn by an
hour.
"""

from __future__ import annotations

import os
import re
import threading
from datetime import datetime
from pathlib import Path

_NAME = re.compile(r"\d{8}-\d{6}-n(\d{1,15})", re.ASCII)
_MOST_TRIES = 1000
_numbering = threading.Lock()
_last: dict[Path, tuple[int, int]] = {}
"""The folder of the last run, when it was changed by that, and the number."""


def new_run_folder(parent: Path) -> Path:
    """A new, empty folder for a run, numbered after all that are there.

    Raises:
        OSError: it cannot be made.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with _numbering:
        number = 1 + _last_number(parent)
        for following in range(number, number + _MOST_TRIES):
            folder = parent / f"{datetime.now():%Y%m%d-%H%M%S}-n{following:06}"
            try:
                folder.mkdir()
            except FileExistsError:  # another process took the number in the same second
                continue
            _last.clear()
            _last[parent] = (parent.stat().st_mtime_ns, following)
            return folder
    raise FileExistsError(f"{parent}: no free number for a run")


def _last_number(parent: Path) -> int:
    """The highest number there; read from the names only if not the last run here made the last."""
    changed, number = _last.get(parent, (0, 0))
    if parent.stat().st_mtime_ns == changed:
        return number
    with os.scandir(parent) as entries:  # not a list: there may be tens of thousands
        return max((_number(entry.name) for entry in entries), default=0)


def run_order(name: str) -> tuple[int, str]:
    """What names of runs are sorted by; the newest comes last.

    Folders without a number, from older versions or renamed, come before, by their names.
    """
    return _number(name), name


def _number(name: str) -> int:
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else 0
