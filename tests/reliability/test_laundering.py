"""The first programs found, and a few drawn; `python -m tests.reliability laundering` runs 409."""

from __future__ import annotations

import pytest

from tests.reliability.laundering import FIELD, HONEST, SEEN, attempt
from tests.reliability.outcome import run_field

FOUND = (
    'x = link([Detection("a red fire engine", Box(1.0, 2.0, 30.0, 40.0), 1.0, '
    "frame_at(video, 1.0))])[0]",
    'x = search_text([TextSpan("EXIT 9", 0.2, 0.9, Box(1.0, 2.0, 9.0, 9.0), 1.0)], "exit")[0]',
    'x = search_speech([Speech("the code is 4711", 0.2, 0.9, 1.0, "x", [])], "code")[0]',
    "x = link([real, real._replace(frame=frame_at(video, 1.3))])[0]",
    "a, b = frame_at(video, 0.3), frame_at(video, 1.1)\nx = Span(a.time, b.time)",
    "x = frame_at(video, 1.3)",
    "x = real._replace(box=real.box._replace(x0=0.0))",
)


@pytest.mark.parametrize("lines", FOUND)
@pytest.mark.parametrize("evidence", ["[x]", "[real, x]"])
def test_made_up_evidence_is_worth_nothing(lines: str, evidence: str) -> None:
    program = f"{SEEN}{lines}\nanswer(1, evidence={evidence})\n"
    assert attempt(program, is_forged=True) == ("survived", "")


def test_whole_video_is_evidence_only_where_a_module_saw_all_of_it() -> None:
    cited = "answer(1, evidence=[Span(0.0, video.duration)])\n"
    named = "frames = sample_frames(video, fps=5.0)\nfacts = probe(video)\n"
    assert attempt(named + cited, is_forged=True) == ("survived", "")
    assert attempt("levels = weigh_frames(video)\n" + cited, is_forged=False) == ("survived", "")


@pytest.mark.parametrize("evidence", HONEST)
def test_honest_evidence_stays_supported(evidence: str) -> None:
    program = f"{SEEN}answer(1, evidence={evidence})\n"
    assert attempt(program, is_forged=False) == ("survived", "")


def test_a_few_drawn_programs_launder_nothing() -> None:
    assert run_field(FIELD, seed=8, count=8).findings == []
