"""A few of each kind; `python -m tests.reliability traces` runs the long form."""

from __future__ import annotations

import pytest

from tests.reliability.outcome import Attack
from tests.reliability.traces import attacks


@pytest.mark.parametrize("attack", list(attacks(8, 22)), ids=lambda attack: attack.name)
def test_trace_that_was_changed_leaves_only_typed_errors(attack: Attack) -> None:
    assert attack.attempt() == ("survived", "")
