"""A few of each kind; `python -m tests.reliability caches` runs the long form."""

from __future__ import annotations

import pytest

from tests.reliability.caches import attacks
from tests.reliability.outcome import Attack


@pytest.mark.parametrize("attack", list(attacks(8, 15)), ids=lambda attack: attack.name)
def test_cache_that_cannot_be_used_stops_no_question(attack: Attack) -> None:
    assert attack.attempt() == ("survived", "")
