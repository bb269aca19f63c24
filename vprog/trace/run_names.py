"""The names of runs, by time and number: 20261120-153000-n000042.

The number says which run is newer, whatever the clock says: clocks are set back, in autumn by an
hour.
"""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

_NAME = re.compile(r"\d{8}-\d{6}-n(\d{1,15})", re.ASCII)
_MOST_TRIES = 1000


def new_run_folder(parent: Path) -> Path:
    """A new, empty folder for a run, numbered after all that are there.

    Raises:
        OSError: it cannot be made.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with os.scandir(parent) as entries:  # not a list: there may be tens of thousands
        number = 1 + max((_number(entry.name) for entry in entries), default=0)
    for following in range(number, number + _MOST_TRIES):
        folder = parent / f"{datetime.now():%Y%m%d-%H%M%S}-n{following:06}"
        try:
            folder.mkdir()
        except FileExistsError:  # another process took the number in the same second
            continue
        return folder
    raise FileExistsError(f"{parent}: no free number for a run")


def run_order(name: str) -> tuple[int, str]:
    """What names of runs are sorted by; the newest comes last.

    Folders without a number, from older versions or renamed, come before, by their names.
    """
    return _number(name), name


def _number(name: str) -> int:
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else 0
