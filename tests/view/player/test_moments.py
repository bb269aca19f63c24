"""Moments: the one to open at, the evidence in order, and what stands beside the answer."""

from __future__ import annotations

from pathlib import Path

from tests.view.player.test_curves import value
from tests.view.player.test_things import HERE, cites, followed, seen
from tests.view.runs import answered, called, ended, program, started, write
from vprog.trace.event import Abstained, RecordedEvidence, TraceEvent
from vprog.types import Box
from vprog.view.explored_trace import Trace
from vprog.view.player_model import Player

THERE = Box(50.0, 50.0, 60.0, 60.0)


def player(
    folder: Path, *events: TraceEvent, answer: object, evidence: list[RecordedEvidence]
) -> Player:
    end = answered(answer, evidence, line=4)
    recording = write(folder, started(), program("a\nb\nc\nd"), *events, end, ended(answer=answer))
    return Trace(recording).model.player


def test_a_count_opens_at_its_peak_where_what_is_cited_stands(tmp_path: Path) -> None:
    tracks = called(1, [followed(0.0, 1.0, 2.0), followed(1.5, 2.0, 3.0, box=THERE)], task="track")
    counts = [value(2, "times", [0.0, 1.0, 2.0, 3.0]), value(3, "counts", [1, 1, 2, 1])]
    shown = player(
        tmp_path / "r",
        tracks,
        *counts,
        answer=2,
        evidence=[cites(0.0, 2.0), cites(1.5, 3.0, THERE)],
    )
    first = shown.moments[0]
    assert (first.start, first.kind) == (2.0, "main")
    assert first.text == "0:02 counts peaks at 2; 2 of 2 cited in this picture"
    assert [(moment.start, moment.evidence) for moment in shown.moments[1:]] == [(0.0, 0), (1.5, 1)]


def test_an_answer_without_a_count_opens_at_its_first_evidence(tmp_path: Path) -> None:
    shown = player(tmp_path / "r", called(1, [seen(4.0)]), answer="yes", evidence=[cites(4.0, 4.0)])
    assert (shown.moments[0].start, shown.moments[0].kind) == (4.0, "main")


def test_near_is_what_stands_at_the_moment_uncited_then_what_comes_or_went(tmp_path: Path) -> None:
    far = Box(90.0, 50.0, 100.0, 60.0)
    last = Box(90.0, 90.0, 100.0, 100.0)
    shown = player(
        tmp_path / "r",
        called(1, [followed(1.0, 2.0, 3.0), followed(3.5, 4.0, box=far)], task="track"),
        called(2, [seen(2.0, THERE, score=0.3), seen(2.0, HERE, score=0.6), seen(0.5, last)]),
        answer="yes", evidence=[cites(1.0, 3.0)],
    )  # fmt: skip
    assert [miss.text for miss in shown.near] == [
        "0:02 dog 0.30 (line 2, detect), in the picture and not in the answer",
        "0:03.5 dog 0.90 (line 1, track), comes 0.5 s after 0:03",
        "0:00.5 dog 0.50 (line 2, detect), last seen 0.5 s before 0:01",
    ]
    assert "below their cut" in shown.near_text


def test_of_an_abstention_the_surest_findings_are_near(tmp_path: Path) -> None:
    found = called(1, [seen(1.0, score=0.2), seen(2.0, THERE, score=0.4)])
    recording = write(
        tmp_path / "r", started(), program("a\nb"), found,
        Abstained(cell=0, line=2, reason="too unsure"),
        ended("abstained", answer=None, error={"message": "too unsure", "hint": ""}),
    )  # fmt: skip
    shown = Trace(recording).model.player
    assert [miss.time for miss in shown.near] == [2.0, 1.0]
    assert shown.moments[0].text == "0:02 dog, the surest that was found"


def test_a_run_that_looked_at_nothing_has_nothing_to_play(tmp_path: Path) -> None:
    shown = player(tmp_path / "r", answer=1, evidence=[])
    assert (shown.moments, shown.things, shown.near) == ([], [], [])
    assert shown.near_text.startswith("No call reported a thing with a place")
