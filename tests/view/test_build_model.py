"""One model, and every rendering tells what stands in it, in its words."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.view.attempts.written_attempts import small_search
from tests.view.runs import answered, called, ended, program, started, write
from tests.view.test_run_text import printed
from vprog.trace.event import CellFailed, Printed, RecordedEvidence, Scored, StepValue, Warned
from vprog.trace.store import Recording
from vprog.types import Box, Detection, Event, Frame, Level
from vprog.view.explored_trace import Trace
from vprog.view.html.page import timeline_layout
from vprog.view.model import MODEL_VERSION, RunModel
from vprog.view.player.timelines import lanes_of, timelines_of
from vprog.view.run_words import shown_evidence
from vprog.view.steps import Story

DOG = Detection("dog", Box(1.0, 2.0, 30.0, 40.0), 0.5, Frame(0, 0.5))


def answered_run(folder: Path) -> Recording:
    evidence = [
        RecordedEvidence(video=0, start=0.5, end=0.5, box=DOG.box, text="dog", supported=True),
        RecordedEvidence(video=0, start=7.0, end=8.0, box=None, text="bark", supported=False),
    ]
    return write(
        folder, started(choices=["a dog", "a cat"], answerer="openai:eye"),
        program("dogs = detect(f)\nprint(1)\nanswer('a dog')", note="read as: which animal"),
        called(1, [DOG]),
        StepValue(cell=0, line=1, name="dogs", type="list", length=1, text="[a dog]"),
        Printed(cell=0, text="one line"), Warned(text="decoded 28 of 50"),
        answered("a dog", evidence, line=3),
        Scored(score=0.4, parts={"evidence": 0.5, "support": 0.8}, confidence=None),
        ended(answer="a dog", choice=0, score=0.4), pictures=(0.5,),
    )  # fmt: skip


def failed_run(folder: Path) -> Recording:
    return write(
        folder, started(question=""), program("x = 1"),
        CellFailed(cell=0, line=1, code="failed", message="broke.", hint="Mend it."),
        ended("failed", answer=None, error={"message": "broke.", "hint": "Mend it."}),
    )  # fmt: skip


def cut_off_run(folder: Path) -> Recording:
    return write(folder, started(), program("x = 1"), called(1, []))


RUNS = (answered_run, failed_run, cut_off_run, small_search)


def facts(model: RunModel) -> Iterator[str]:
    """Every sentence of a model that a reader should find, wherever he looks."""
    yield model.question
    yield model.headline
    yield from (choice.text for choice in model.choices)
    yield from (f"{video.name} ({video.clock})" for video in model.videos)
    yield from (fact.text for fact in model.facts)
    yield from model.warnings
    yield from (item.caption for item in model.evidence)
    yield from (line.source for line in model.lines)
    yield from (line.calls for line in model.lines)
    yield from (step.text for step in model.steps)
    yield from (cell.title for cell in model.cells)
    yield from (cell.note for cell in model.cells)
    if model.no_answer is not None:
        yield model.no_answer.message
        yield model.no_answer.hint
    if model.attempts is not None:
        yield from model.attempts.counts
        for node in model.attempts.nodes:
            yield node.words
            yield node.outcome
            yield from node.worth
            yield from node.problems[:1]
        for groups in model.attempts.votes:
            yield from (group.answer for group in groups)
            yield from (group.fate for group in groups)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.__name__)
def test_page_and_terminal_tell_the_same_facts(run: object, tmp_path: Path) -> None:
    recording = run(tmp_path / "run")  # type: ignore[operator]
    trace = Trace(recording)
    page = html.unescape(re.sub(r"<[^>]+>", "", trace.to_html()))
    notebook = html.unescape(re.sub(r"<[^>]+>", "", trace._repr_html_()))
    terminal = printed(recording, 400, calls=True)
    told = [fact for fact in facts(trace.model) if fact]
    assert len(told) > 5
    for fact in told:
        assert fact in page
        assert fact in notebook
        assert fact in terminal


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.__name__)
def test_model_is_json_with_a_version_and_comes_back_as_it_was(run: object, tmp_path: Path) -> None:
    model = Trace(run(tmp_path / "run")).model  # type: ignore[operator]
    data = msgspec.json.encode(model)
    assert json.loads(data)["schema"] == MODEL_VERSION
    assert msgspec.json.decode(data, type=RunModel).to_dict() == model.to_dict()


def test_model_says_what_the_score_is_made_of(tmp_path: Path) -> None:
    score = Trace(answered_run(tmp_path / "run")).model.score
    assert (score.value, score.confidence) == (0.4, None)
    assert score.text == (
        "score 0.40 (the weakest evidence 0.50 x evidence that modules reported 0.80; "
        "not calibrated)"
    )


def test_model_leaves_out_pictures_that_are_gone(tmp_path: Path) -> None:
    recording = answered_run(tmp_path / "run")
    whole = Trace(recording)
    assert [picture.clock for picture in whole.model.pictures] == ["0:00.5"]
    assert [figure.captions for figure in whole.model.evidence_figures] == [["0:00.5 dog"]]
    (tmp_path / "run" / "pictures" / whole.model.pictures[0].file).unlink()
    bare = Trace(recording)
    assert (bare.model.pictures, bare.model.evidence_figures) == ([], [])
    assert bare.model.evidence_listed == [0, 1]
    assert "0:00.5 dog" in bare.to_html()


def test_lanes_of_lines_that_looked_at_the_video(tmp_path: Path) -> None:
    story = Story(
        write(
            tmp_path / "r", started(), program("a\nb\nc\nd"),
            called(1, [Event("black", 1.0, 2.0, 0.5)], task="find_black"),
            called(2, 3, arguments=called(1, 1).arguments, task="count"),
            called(3, [Level(0.0, 1.0), Level(1.0, 2.0)], task="measure"),
            called(4, [Event("x", 1.0, 2.0, 0.5)], task="other", video=1), ended(),
        )
    )  # fmt: skip
    lanes = lanes_of(story.lines, 0)
    assert [(lane.label, len(lane.marks), len(lane.curve)) for lane in lanes] == [
        ("1  find_black", 1, 0), ("2  count", 1, 0), ("3  measure", 0, 2),
        ("4  other", 1, 0),  # the frame that it looked at
    ]  # fmt: skip
    assert lanes[1].marks[0].start == Frame(0, 0.5).time


def test_timeline_is_bounded_and_stays_inside(tmp_path: Path) -> None:
    evidence = [
        RecordedEvidence(video=0, start=99.0, end=200.0, box=None, text="x", supported=True)
    ]
    many = [Event("e", k / 200, k / 200, 0.5) for k in range(2000)]
    story = Story(
        write(tmp_path / "r", started(), program("a"), called(1, many), called(1, many),
              answered(1, evidence), ended())
    )  # fmt: skip
    (timeline,) = timelines_of(story, shown_evidence(story.answered, n_videos=1))
    assert timeline.title == "clip.mp4"
    found = timeline.lanes[0]
    assert 0 < len(found.marks) <= 400
    drawing = timeline_layout(timeline)
    assert drawing.lanes[0].is_evidence
    assert drawing.lanes[0].marks[0].x == 976.0  # times after the end lie at the end


def test_timeline_of_nothing_is_none(tmp_path: Path) -> None:
    story = Story(write(tmp_path / "r", started(), program("a"), ended()))
    assert timelines_of(story, []) == []
