"""A few random programs; `python -m tests.reliability scouts` runs 500."""

from __future__ import annotations

from tests.reliability.outcome import Field, run_field
from tests.reliability.scouts import attacks


def test_random_programs_end_the_same_with_what_they_call_read_ahead_and_without() -> None:
    tally = run_field(Field("", attacks, 0), seed=5, count=10)
    assert tally.findings == []
