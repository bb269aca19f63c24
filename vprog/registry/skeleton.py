"""A new package that adds one module: written out, ready to install, and conforming.

The texts of the files stand at the end, with @marks@ where the module's own names go.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection
from pathlib import Path

from vprog.errors import DiskFullError, UsageError
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


_README = """\
# @project@

Adds the module `@task@` to vprog. Put your model into `@package@/@task@.py`, then:

    pip install -e ".[test]"
    vprog modules check @task@
    pytest

Programs, your own and those that a language model writes, may now call `@task@(...)`.
What they are told of it is the docstring and the annotations of `__call__`, nothing else.
"""

_PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "@project@"
version = "0.1.0"
description = "The module @task@ for vprog"
requires-python = ">=3.11"
dependencies = ["vprog"]

[project.optional-dependencies]
test = ["pytest"]

[project.entry-points."vprog.modules"]
@package@ = "@package@"

[tool.hatch.build.targets.wheel]
packages = ["@package@"]

[tool.pytest.ini_options]
testpaths = ["tests"]
"""

_INIT = '''\
"""The module @task@ for vprog; each file with `@module(...)` or `@implements(...)` is found."""
'''

_MODULE = '''\
"""`@task@`: as written by `vprog modules new`, it measures how light a picture is."""

from __future__ import annotations

from vprog.registry.call_context import current
from vprog.registry.module import module
from vprog.types import Frame


@module("@task@", backend="numpy")
class @class@:
    """The mean of the pixels."""

    def load(self, device: str) -> None:
        """Import packages and load weights here, not at the top of the file."""

    def __call__(self, frame: Frame) -> float:
        """Measure how light a picture is.

        Args:
            frame: the picture; a region limits it to a part.

        Returns:
            The mean of its pixels in [0, 1]: 0 is black, 1 is white.

        Raises:
            NoVideoStreamError: the file has no picture.

        Example:
            >>> @task@(frame_at(video, 1.0))
            0.42
        """
        pixels = current().pixels(frame)  # (H, W, 3), uint8, RGB
        return round(float(pixels.mean()) / 255.0, 6)

    def unload(self) -> None:
        """Let go of what load() made."""
'''

_TEST = '''\
"""What every module must hold; add what yours finds in a picture that you draw."""

from __future__ import annotations

from vprog.testing import check_module

from @package@.@task@ import @class@


def test_@task@_holds_what_every_module_must_hold() -> None:
    assert check_module(@class@) == []
'''

FILES: dict[str, str] = {
    "README.md": _README,
    "pyproject.toml": _PYPROJECT,
    "@package@/__init__.py": _INIT,
    "@package@/@task@.py": _MODULE,
    "tests/test_@task@.py": _TEST,
}
"""Path to text, in the order in which to read them."""
