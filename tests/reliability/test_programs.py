"""One program of each kind; `python -m tests.reliability programs` runs 409."""

from __future__ import annotations

import random

import pytest

from tests.reliability.outcome import run_field
from tests.reliability.programs import FIELD, FORGERIES, KINDS, SHADOWS, Program, attempt


def test_a_few_hostile_programs_are_refused_or_contained() -> None:
    tally = run_field(FIELD, seed=8, count=len(KINDS))
    assert tally.findings == []
    assert tally.verdicts == {"survived": len(KINDS)}


def test_generator_makes_the_same_programs_of_a_seed() -> None:
    once, again = (
        [kind(random.Random(f"{at}")) for at in range(5) for kind in KINDS] for _ in "ab"
    )
    assert once == again
    assert len({program.source for program in once}) > 40


@pytest.mark.parametrize("source", [FORGERIES[1], FORGERIES[4], FORGERIES[6], SHADOWS[0]])
def test_trace_cannot_be_forged_past_the_gate(source: str) -> None:
    text = f"n = 5\n{source}\nframe = frame_at(video, 0.5)\nanswer(n)\n"
    assert attempt(Program("probe", text, is_traced=True)) == ("survived", "")
