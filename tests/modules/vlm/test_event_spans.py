"""Spans that a VLM names for an event, through a server that says what we script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import vprog
from tests.drawing import draw_video
from tests.llm.server import ChatServer, says
from tests.looking import REGISTRY
from tests.modules.scenes import Opened
from tests.modules.vlm.chat_replies import sure
from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.llm.vlm_spec import find_vlm
from vprog.registry.call_context import using
from vprog.types import Match, Span
from vprog_modules.vlm.event_spans import spans_in
from vprog_modules.vlm.look_openai import GroundEventOpenAI

OPEN_O3 = "marinero4972/Open-o3-Video"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 50)


@pytest.fixture
def opened(clip: Path) -> Iterator[Opened]:
    with Opened(clip) as opened:
        yield opened


def ground(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, reply: str, model: str = "tiny", **given: Any
) -> tuple[list[Match], list[str]]:
    """The matches, and the texts that the server was sent."""
    with ChatServer([sure(reply, 0.8)]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        module = GroundEventOpenAI()
        module.load("cpu", find_vlm(f"openai:{model}"))  # type: ignore[arg-type]
        try:
            with using(opened.context):
                found = module(opened.video, "a square moves", **given)
        finally:
            module.unload()
        content = server.asked[0].body["messages"][1]["content"]
    return found, [part["text"] for part in content if part["type"] == "text"]


def test_spans_are_matches_with_the_models_sureness(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, told = ground(opened, monkeypatch, '{"spans": [[1.0, 2.5], [4, 4.5]]}')
    assert found == [
        Match("a square moves", 1.0, 2.5, 0.8, "events"),
        Match("a square moves", 4.0, 4.5, 0.8, "events"),
    ]
    assert sum("picture" in text for text in told) == 10  # two a second


def test_spans_are_cut_to_what_was_shown_and_do_not_overlap(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = '{"spans": [[0.5, 9.0], [2.0, 2.5], [70, 80]]}'
    found, _ = ground(opened, monkeypatch, reply, span=Span(1.0, 3.0))
    assert [(match.start, match.end) for match in found] == [(1.0, 3.0)]
    assert any("1:10-1:20, which it was not shown" in text for text in opened.warnings)


def test_spans_that_were_not_shown_are_not_taken_for_none(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModuleFailedError, match="no span within what it was shown, 1 to 3 s"):
        ground(opened, monkeypatch, '{"spans": [[70, 80]]}', span=Span(1.0, 3.0))


def test_an_event_that_is_not_seen_has_no_spans(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ground(opened, monkeypatch, '```json\n{"spans": []}\n```')[0] == []


def test_more_frames_than_a_vlm_is_shown_are_thinned_and_told(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vprog_modules.vlm.event_spans.MOST_FRAMES", 8)
    _, told = ground(opened, monkeypatch, '{"spans": []}')
    assert sum("picture" in text for text in told) <= 8
    assert any("at most 8 at once" in text for text in opened.warnings)


def test_a_published_grounder_answers_in_its_own_form(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = "<think>It moves.</think><answer>From <t>1.5</t>s to <t>3.0</t>s</answer>"
    found, _ = ground(opened, monkeypatch, reply, OPEN_O3)
    assert [(match.start, match.end) for match in found] == [(1.5, 3.0)]


@pytest.mark.parametrize(
    "reply",
    ["", "At the start.", '{"spans": 3}', '{"spans": [[1]]}', '{"spans": [[3, 1]]}',
     '{"spans": [[-1, 1]]}', '{"spans": [["a", 1]]}', '{"spans": [[0, 1e999]]}',
     '{"spans": [[0, NaN]]}', "From 1.2.3 to 4"],
)  # fmt: skip
def test_what_is_no_span_is_a_failure_and_never_a_guess(reply: str) -> None:
    with pytest.raises(ModuleFailedError, match="no spans can be read"):
        spans_in(reply)


def test_a_blank_query_is_refused(opened: Opened) -> None:
    with using(opened.context), pytest.raises(ModuleInputError, match="must say what to see"):
        GroundEventOpenAI()(opened.video, " ")


def test_a_program_grounds_and_cites(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        'events = ground_event(video, "a square moves")\nanswer(events[0].start, evidence=events)\n'
    )
    with ChatServer([says('{"spans": [[1.0, 2.5]]}')]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        result = vprog.run(clip, program, registry=REGISTRY, vlm="openai:tiny")
        vprog.close()
    assert result.answer == 1.0
    assert [(item.start, item.end, item.supported) for item in result.evidence] == [
        (1.0, 2.5, True)
    ]
