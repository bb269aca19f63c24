"""A few joined and damaged files; `python -m tests.reliability joined_files` makes 600."""

from __future__ import annotations

from tests.reliability.joined_files import attacks
from tests.reliability.outcome import Field, run_field


def test_joined_and_damaged_files_are_read_whole_or_said_not_to_be() -> None:
    tally = run_field(Field("", attacks, 0), seed=3, count=18)
    assert tally.findings == []
