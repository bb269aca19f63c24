"""Fixtures of these tests; see tests/asking.py."""

from tests.asking import (  # noqa: F401
    ask,
    cache_folder,
    clip,
    home,
    other_clip,
    registry,
    runtime,
)
