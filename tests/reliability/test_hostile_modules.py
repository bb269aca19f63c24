"""A few modules of each sort; `python -m tests.reliability hostile_modules` runs all."""

from __future__ import annotations

import pytest

from tests.reliability.hostile_modules import KINDS, attempt

FEW = (
    "exits",
    "raises what has no text",
    "prints by C code",
    "closes descriptors 0 to 2",
    "loops and catches all",
    "sleeps while it is unloaded",
    "says 50 MB",
    "finds a span outside the file",
)


@pytest.mark.parametrize("name", FEW)
def test_hostile_module_is_named_and_leaves_one_object(name: str) -> None:
    (kind,) = (kind for kind in KINDS if kind.name == name)
    assert attempt(kind) == ("survived", "")
