"""A few damaged files and bombs; `python -m tests.reliability fuzzed_media` makes 1,000."""

from __future__ import annotations

from tests.reliability.fuzzed_media import attacks
from tests.reliability.outcome import Field, run_field


def test_damaged_media_end_in_one_of_the_ways_that_a_question_may_end() -> None:
    tally = run_field(Field("", attacks, 0), seed=3, count=18)
    assert tally.findings == []
