"""A few subtitle files of each sort; `python -m tests.reliability subtitles` has all of them."""

from __future__ import annotations

from tests.reliability.outcome import run_field
from tests.reliability.subtitles import FIELD


def test_hostile_subtitles_are_read_in_time_and_without_garbage() -> None:
    tally = run_field(FIELD, seed=1, count=60)
    assert tally.findings == []
    assert tally.verdicts["survived"] == 60
