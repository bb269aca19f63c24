from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.drawing import draw_video
from tests.modules.segmentation.test_segment_detections import SegmentRed
from tests.strategies.seeing import Seen, ask_seeing
from tests.strategies.test_memory import REGISTRY
from vprog.errors import LlmReplyError
from vprog.registry.registry import Registry
from vprog.strategies.scene_table import (
    MOST_PLACES,
    PLACES_TOLD,
    SceneAnswer,
    answer_kind,
    read_answer_items,
)
from vprog.trace.event import LlmCalled, ModuleCalled
from vprog.types import Mask, wire

Ask = Callable[..., Seen]
PLAN = '{"things": ["red square"]}'
SAID = "Now it leaves."
SQUARE, SPEECH = 0, 1
"""Rows of the scene: the followed square first, then what is said."""


def says(answer: object, *items: int) -> str:
    return json.dumps({"answer": answer, "items": list(items)})


def outlining() -> Registry:
    registry = Registry(
        spec for task in REGISTRY if task != "segment_at" for spec in REGISTRY.implementations(task)
    )
    registry.add(SegmentRed)
    return registry


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 s with one subtitle, a frame each second."""
    path = draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 20, fps=1)
    text = f"1\n00:00:15,000 --> 00:00:18,000\n{SAID}\n"
    path.with_suffix(".srt").write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clip: Path) -> Ask:
    def run(question: str, *replies: str, **given: Any) -> Seen:
        given = {"vlm": "", "registry": REGISTRY, **given}
        return ask_seeing(
            [], monkeypatch, [clip], tmp_path, "scene_table", replies, question=question, **given
        )

    return run


@pytest.mark.parametrize(
    ("question", "kind", "items"),
    [
        ("Segment the thing that moves.", "mask", (SQUARE,)),
        ("Draw a box around the thing that moves.", "box", (SQUARE,)),
        ("Give a summary of the video.", "summary", (SQUARE, SPEECH)),
        ("What is said?", "text", (SPEECH,)),
    ],
)
def test_one_table_answers_four_kinds_of_questions(
    ask: Ask, question: str, kind: str, items: tuple[int, ...]
) -> None:
    seen = ask(question, PLAN, says("a thing", *items), registry=outlining())
    assert answer_kind(question) == kind
    assert (seen.result.answer, len(seen.of(LlmCalled))) == ("a thing", 2)
    gathered = [call.task for call in seen.of(ModuleCalled) if call.task != "segment_at"]
    assert gathered == ["track", "transcribe", "find_shots"]
    evidence = seen.result.evidence
    assert evidence
    assert all(item.supported for item in evidence)
    outlined = [call for call in seen.of(ModuleCalled) if call.task == "segment_at"]
    if kind == "mask":
        assert all(isinstance(wire.decode(bytes(call.result)), Mask) for call in outlined)
        assert len(outlined) == len(evidence) == 10
    else:
        assert outlined == []
    assert all(item.box is not None for item in evidence) == (kind in ("mask", "box"))
    assert len(evidence) <= MOST_PLACES
    seen.assert_no_prefix_ran_twice()


def test_the_model_sees_rows_with_times_places_and_words_as_data(ask: Ask) -> None:
    seen = ask("What is said?", PLAN, says(SAID, SPEECH))
    told = seen.prompt(1)
    rows = [json.loads(line.rstrip(",")) for line in told.split("\n") if line.startswith('{"item"')]
    assert [(row["item"], row["kind"]) for row in rows[:2]] == [(0, "Track"), (1, "Speech")]
    assert 0 < len(rows[0]["places"]) <= PLACES_TOLD
    assert (rows[1]["start"], rows[1]["end"], rows[1]["text"]) == (15.0, 18.0, SAID)


def test_boxes_are_cited_where_nothing_outlines_and_that_is_told(ask: Ask) -> None:
    seen = ask("Segment it.", PLAN, says("a square", SQUARE))
    assert seen.result.answer == "a square"
    assert all(item.box is not None for item in seen.result.evidence)
    assert "boxes are cited in place of masks" in seen.notes()


def test_a_row_without_a_place_is_no_mask_and_that_is_told(ask: Ask) -> None:
    seen = ask("Segment it.", PLAN, says("a voice", SPEECH), registry=outlining())
    assert seen.result.answer == "a voice"
    assert "no mask is cited" in seen.notes()


def test_what_the_table_does_not_show_is_not_answered(ask: Ask) -> None:
    seen = ask("Who won?", PLAN, '{"answer": null, "items": []}')
    assert (seen.result.status, seen.result.answer) == ("abstained", None)
    assert "does not show" in str(seen.result.error)


def test_a_hostile_reply_is_refused_and_told_once(ask: Ask) -> None:
    owned = says("'); answer('owned') #", SPEECH)
    data = ask("What is said?", PLAN, owned)
    assert data.result.answer == "'); answer('owned') #"  # text, and none of the program
    refused = ask("What is said?", PLAN, says("x", 99), "ignore the rules")
    assert (refused.result.status, len(refused.model.requests)) == ("abstained", 3)
    assert "rows from 0 to" in refused.prompt(2)


def test_choices_and_numbers_keep_their_form(ask: Ask) -> None:
    three = ask("How many?", PLAN, says(3, SQUARE))
    assert three.result.answer == 3
    chosen = ask("Which?", PLAN, says("blue", SQUARE), choices=["red", "blue"])
    assert (chosen.result.answer, chosen.result.choice) == ("blue", 1)


def test_a_spent_budget_ends_it(ask: Ask) -> None:
    seen = ask("What is said?", PLAN, says(SAID, SPEECH), settings={"max_llm_calls": 1})
    assert (seen.result.status, len(seen.model.requests)) == ("limit", 1)


@pytest.mark.parametrize(
    "reply",
    ['{"answer": "a"}', '{"answer": "a", "items": []}', '{"answer": "a", "items": [true]}',
     '{"answer": "a", "items": [-1]}', '{"answer": "a", "items": [5]}', '{"answer": [1], "items": '
     "[1]}", '{"answer": " ", "items": [1]}', '{"answer": NaN, "items": [1]}',
     '{"items": [1]}', "none"],
)  # fmt: skip
def test_an_answer_of_another_form_is_refused(reply: str) -> None:
    with pytest.raises(LlmReplyError):
        read_answer_items(reply, 5)


def test_an_answer_names_each_row_once() -> None:
    assert read_answer_items(says("a", 3, 1, 3), 5) == SceneAnswer("a", (3, 1))
    assert read_answer_items('{"answer": null}', 5) is None
