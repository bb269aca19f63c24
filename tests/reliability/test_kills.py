"""A few of each kind; `python -m tests.reliability kills` runs the long form."""

from __future__ import annotations

import pytest

from tests.reliability.kills import attacks
from tests.reliability.outcome import Attack


@pytest.mark.parametrize("attack", list(attacks(8, 3)), ids=lambda attack: attack.name)
def test_killed_process_leaves_all_whole_and_nothing_running(attack: Attack) -> None:
    assert attack.attempt() == ("survived", "")
