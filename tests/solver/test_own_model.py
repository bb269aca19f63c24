"""A language model handed in as an object: used, named, checked, never closed."""

from __future__ import annotations

from pathlib import Path

import pytest

import vprog
from vprog.errors import ConfigError
from vprog.llm.client import LlmReply, Request
from vprog.llm.scripted import ScriptedModel
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
