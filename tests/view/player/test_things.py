"""Things that calls found: each once, with where they were, and whether the answer cites them."""

from __future__ import annotations

from pathlib import Path

from tests.view.runs import answered, called, ended, program, started, write
from vprog.trace.event import RecordedEvidence
from vprog.types import Box, Detection, Frame, Span, Track
from vprog.view.explored_trace import Trace
from vprog.view.player.things import things_of
from vprog.view.player_model import Thing

HERE = Box(10.0, 10.0, 20.0, 30.0)


def seen(time: float, box: Box = HERE, label: str = "dog", score: float = 0.5) -> Detection:
    return Detection(label, box, score, Frame(0, time))


def followed(*times: float, box: Box = HERE, label: str = "dog") -> Track:
    moved = [seen(time, box._replace(x1=box.x1 + k), label) for k, time in enumerate(times)]
    return Track(1, label, Span(times[0], times[-1]), moved, 0.9)


def cites(start: float, end: float, box: Box = HERE) -> RecordedEvidence:
    return RecordedEvidence(video=0, start=start, end=end, box=box, text="dog", supported=True)


def things(folder: Path, *values: object, evidence: list[RecordedEvidence]) -> list[Thing]:
    recording = write(
        folder, started(), program("a = track(v)\nb = detect(f)"),
        *(called(1 + k, value) for k, value in enumerate(values)), answered(1, evidence), ended(),
    )  # fmt: skip
    return Trace(recording).model.player.things


def test_a_track_is_one_thing_with_all_its_sightings(tmp_path: Path) -> None:
    (thing,) = things(tmp_path / "r", [followed(1.0, 1.5, 2.0)], evidence=[cites(1.0, 2.0)])
    assert (thing.kind, thing.line, thing.task, thing.is_cited) == ("Track", 1, "detect", True)
    assert thing.times == [1.0, 1.5, 2.0]
    assert thing.boxes[2] == HERE._replace(x1=22.0)
    assert thing.scores == [0.5, 0.5, 0.5]


def test_what_the_answer_does_not_cite_is_told_apart(tmp_path: Path) -> None:
    other = Box(50.0, 50.0, 60.0, 60.0)
    found = things(
        tmp_path / "r", [followed(1.0, 2.0), followed(1.0, 2.0, box=other)], [seen(1.0, other)],
        evidence=[cites(1.0, 2.0)],
    )  # fmt: skip
    assert [(thing.kind, thing.is_cited) for thing in found] == [
        ("Track", True), ("Track", False), ("Detection", False),
    ]  # fmt: skip


def test_a_track_that_is_cited_between_two_of_its_sightings_is_cited(tmp_path: Path) -> None:
    """Counts cite each at the moment of the count, with the box of the sighting before it."""
    other = Box(50.0, 50.0, 60.0, 60.0)
    found = things(
        tmp_path / "r", [followed(1.0, 1.5, 2.0), followed(1.0, 2.0, box=other)],
        evidence=[cites(1.7, 1.7, HERE._replace(x1=21.0)), cites(2.5, 2.5, other)],
    )  # fmt: skip
    assert [thing.is_cited for thing in found] == [True, False]


def test_what_two_calls_found_alike_is_one_thing(tmp_path: Path) -> None:
    assert len(things(tmp_path / "r", [seen(1.0)], [seen(1.0)], evidence=[])) == 1


def test_things_are_bounded_and_say_how_many_are_left_out(tmp_path: Path) -> None:
    many = [seen(k / 300, HERE._replace(x1=20.0 + k)) for k in range(1900)]
    recording = write(tmp_path / "r", started(), program("a"), called(1, many), ended())
    found = things_of(Trace(recording).steps, [], [(160, 120)])
    assert (len(found.things), found.left) == (1200, 700)
