"""The files of a new module's package, with @marks@ where its own names go."""

from __future__ import annotations

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
