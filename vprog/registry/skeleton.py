"""A new package that adds one module: written out, ready to install, and conforming.

What stands in the files is in skeleton_files.py.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection
from pathlib import Path

from vprog.errors import DiskFullError, UsageError
from vprog.registry.skeleton_files import FILES
from vprog.registry.task import RESERVED
from vprog.types import VALUE_TYPES

MAX_TASK = 40


def write_skeleton(task: str, folder: Path, *, taken: Collection[str] = ()) -> list[Path]:
    """Write the package `vprog-<task>` into a folder.

    Args:
        task: the word that programs will call, e.g. "estimate_depth".
        folder: where the new folder goes; made if it is not there.
        taken: further words that programs use already, e.g. those of installed modules.

    Returns:
        The files written, in the order in which to read them.

    Raises:
        UsageError: the word cannot be a task, or the new folder is there already.
        DiskFullError: the files cannot be written.
    """
    _check_task(task, taken)
    package = f"vprog_{task}"
    words = {
        "@task@": task,
        "@package@": package,
        "@project@": f"vprog-{task.replace('_', '-')}",
        "@class@": "".join(word.capitalize() for word in task.split("_")) + "Plain",
    }
    root = Path(folder) / words["@project@"]
    if root.exists():
        raise UsageError(f"{root} is there already.", hint="Name another folder, or remove it.")
    written: list[Path] = []
    try:
        for name, text in FILES.items():
            path = root / _filled(name, words)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_filled(text, words), encoding="utf-8")
            written.append(path)
    except OSError as error:
        raise DiskFullError(
            f"{root}: cannot be written: {error.strerror or error}.", hint="Name another folder."
        ) from error
    return written


def _check_task(task: str, taken: Collection[str]) -> None:
    where = f'task "{task}"'
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", task) or len(task) > MAX_TASK:
        raise UsageError(
            f"{where}: must be a word of a-z, 0-9 and single underscores, "
            f"at most {MAX_TASK} letters.",
            hint='Use a verb and its object, e.g. "estimate_depth".',
        )
    values = {value_type.__name__ for value_type in VALUE_TYPES}
    if keyword.iskeyword(task) or task in RESERVED | values or hasattr(builtins, task):
        raise UsageError(
            f"{where}: the word belongs to Python or to every program.",
            hint='Use a verb and its object, e.g. "estimate_depth".',
        )
    if task in taken:
        raise UsageError(
            f"{where}: there is a module or function of this name.",
            hint="Choose another word; see `vprog modules list`. To serve the same task with "
            f'another model, write `@implements("{task}")` over your class.',
        )


def _filled(text: str, words: dict[str, str]) -> str:
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text
