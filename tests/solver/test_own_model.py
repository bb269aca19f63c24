"""A language model or a VLM handed in as an object: used, named, checked, never closed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import vprog
from vprog.errors import ConfigError
from vprog.llm.language_model import LlmReply, Request
from vprog.llm.scripted import ScriptedModel
from vprog.models.vision_language_model import VlmReply, VlmRequest
from vprog.trace.event import LlmCalled, RunStarted

pytestmark = pytest.mark.usefixtures("home")

GOOD = "```python\nanswer(video.n_frames)\n```"


class Watched(ScriptedModel):
    """Notes when it is closed."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True


def test_own_model_writes_and_stands_in_the_trace(clip: Path) -> None:
    model = Watched(["no program", GOOD, GOOD], name="mine:v1")
    result = vprog.solve(clip, "How many frames?", llm=model)
    assert (result.status, result.answer, result.cost.llm_calls) == ("answered", 20, 2)
    events = result.trace.recording.events
    started = next(event for event in events if isinstance(event, RunStarted))
    assert (started.writer, started.settings["llm"]) == ("mine:v1", "mine:v1")
    assert {event.model for event in events if isinstance(event, LlmCalled)} == {"mine:v1"}
    assert vprog.solve(clip, "How many frames?", llm=model).answer == 20
    assert not model.is_closed


def test_own_model_of_an_engine_serves_its_questions(clip: Path) -> None:
    model = Watched([GOOD, GOOD], name="mine")
    with vprog.Engine(llm=model) as engine:
        assert engine.solve(clip, "How many frames?").answer == 20
        assert engine.solve(clip, "How many frames?", llm="rules").path == "rules"
        assert engine.solve(clip, "How many frames?").path == "slow"
    assert not model.is_closed


@pytest.mark.parametrize(
    ("model", "lacks"),
    [
        (7, "complete"),
        (object(), "close"),
        (type("Nameless", (ScriptedModel,), {"name": None})([]), "name"),
        (type("Unable", (ScriptedModel,), {"capabilities": ()})([]), "capabilities"),
        (type("Mute", (ScriptedModel,), {"complete": None})([]), "lacks complete"),
    ],
)
def test_own_model_that_is_none_is_told_what_it_lacks(
    clip: Path, tmp_path: Path, model: object, lacks: str
) -> None:
    with pytest.raises(ConfigError, match=lacks):
        vprog.solve(clip, "How many frames?", llm=model)  # type: ignore[arg-type]
    assert not (tmp_path / "traces").exists()


@pytest.mark.parametrize(
    ("replies", "words"),
    [(ZeroDivisionError("by nought"), "ZeroDivisionError: by nought"), ("text", "got str")],
)
def test_own_model_that_breaks_ends_the_question_and_is_named(
    clip: Path, replies: object, words: str
) -> None:
    class Broken(ScriptedModel):
        def complete(self, request: Request) -> LlmReply:
            if isinstance(replies, Exception):
                raise replies
            return replies  # type: ignore[return-value]

    result = vprog.solve(clip, "How many frames?", llm=Broken([], name="mine"), repairs=0)
    assert (result.status, result.exit_code) == ("llm_error", 5)
    assert result.error is not None
    assert words in result.error.message
    assert "mine" in result.error.message


class Colours:
    """A VLM that names the colour which most of the first picture has."""

    name = "colours:v1"

    def __init__(self) -> None:
        self.requests: list[VlmRequest] = []
        self.ended: list[str] = []

    def answer(self, requests: Sequence[VlmRequest]) -> list[VlmReply]:
        self.requests.extend(requests)
        return [
            VlmReply("dark", 0.875, tokens_in=len(request.pictures), tokens_out=1)
            for request in requests
        ]

    def cancel(self) -> None:
        self.ended.append("cancel")

    def close(self) -> None:
        self.ended.append("close")


def test_own_vlm_answers_from_pictures_and_stands_in_the_trace(clip: Path, tmp_path: Path) -> None:
    vlm = Colours()
    result = vprog.solve(
        clip, "What is it?", vlm=vlm, mode="fast", cache_dir=tmp_path / "cache", preset="core"
    )
    assert (result.status, result.answer, result.path) == ("answered", "dark", "fast")
    assert result.score == 0.875
    (request,) = vlm.requests
    assert request.pictures[0].shape[2] == 3
    started = next(
        event for event in result.trace.recording.events if isinstance(event, RunStarted)
    )
    assert (started.answerer, started.settings["vlm"]) == ("colours:v1", "colours:v1")
    assert result.cost.tokens_in == len(request.pictures)
    again = vprog.solve(
        clip, "What is it?", vlm=vlm, mode="fast", cache_dir=tmp_path / "cache", preset="core"
    )
    assert again.answer == "dark"
    assert len(vlm.requests) == 1  # its name is in the key of what is cached
    vprog.close()
    assert vlm.ended == []


def test_own_vlm_of_two_engines_are_kept_apart(clip: Path, tmp_path: Path) -> None:
    one, other = Colours(), Colours()
    with vprog.Engine(vlm=one, mode="fast", cache_dir=tmp_path / "a") as engine:
        assert engine.solve(clip, "What is it?").answer == "dark"
        given = engine.solve(clip, "What is it?", vlm=other, cache_dir=tmp_path / "b")
        assert given.answer == "dark"
    assert (len(one.requests), len(other.requests)) == (1, 1)


def test_own_vlm_that_is_none_is_told_what_it_lacks(clip: Path) -> None:
    with pytest.raises(ConfigError, match=r"vlm must be a SPEC.*int lacks name.*answer"):
        vprog.solve(clip, "What is it?", vlm=7)  # type: ignore[arg-type]


class Counting:
    """Says yes to all it is shown; notes how many were asked at once."""

    name = "counting-1"

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def answer(self, requests: Sequence[VlmRequest]) -> list[VlmReply]:
        self.sizes.append(len(requests))
        return [VlmReply("yes", 0.9) for _ in requests]

    def cancel(self) -> None:
        """Nothing is in flight."""

    def close(self) -> None:
        """It is the caller's."""


LOOKS = "frames = sample_frames(video, count=12)\n"


@pytest.mark.parametrize(
    ("program", "most", "n_looks"),
    [
        ("seen = [ask_yes_no([f], 'A cat?') for f in frames]\nanswer(len(seen))", 8, 12),
        # A loop that may end early asks for nothing that it might not need.
        ("for f in frames:\n    if ask_yes_no([f], 'A dog?').text == 'yes':\n"
         "        answer(f.time, evidence=[f])\nabstain('none')", 1, 1),
    ],
)  # fmt: skip
def test_looks_that_are_sure_to_come_go_out_together(
    program: str, most: int, n_looks: int, clip: Path
) -> None:
    vlm = Counting()
    result = vprog.run(clip, LOOKS + program, vlm=vlm)
    assert result.status == "answered"
    assert (max(vlm.sizes), sum(vlm.sizes), result.cost.llm_calls) == (most, n_looks, n_looks)
