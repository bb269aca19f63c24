"""A few damaged files; `python -m tests.reliability shared_media` makes 1,000."""

from __future__ import annotations

from tests.reliability.outcome import Field, run_field
from tests.reliability.shared_media import attacks


def test_damaged_media_end_for_questions_at_once_as_for_each_alone() -> None:
    tally = run_field(Field("", attacks, 0), seed=3, count=8)
    assert tally.findings == []
