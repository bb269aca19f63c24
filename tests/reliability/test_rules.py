"""A few questions of the rules at the edges of files; the long form makes a thousand."""

from __future__ import annotations

from tests.reliability.outcome import run_field
from tests.reliability.rules import FIELD


def test_programs_of_the_rules_never_fail():
    tally = run_field(FIELD, seed=1, count=30)
    assert tally.verdicts == {"survived": 30}, tally.findings
