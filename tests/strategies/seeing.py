"""A strategy asked while a scripted server looks, and what that server was shown."""

from __future__ import annotations

import base64
import io
import json
import re
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.llm.server import Answer, ChatServer
from tests.looking import REGISTRY, VLM
from tests.modules.vlm.chat_replies import sure
from tests.strategies.conftest import Asked
from vprog.llm.scripted import ScriptedModel
from vprog.registry.registry import Registry
from vprog.replays.replay_run import replay
from vprog.runs.run import Run
from vprog.settings import load_settings
from vprog.solver.solver import close, shared
from vprog.strategies.catalog import find_strategy, solve_by
from vprog.trace.event import ModuleCalled, ProgramWritten, Warned
from vprog.trace.store import read_trace
from vprog.types import Frame, wire

UNREAD = Registry(
    spec for task in REGISTRY if task != "find_text" for spec in REGISTRY.implementations(task)
)
"""Reading text in a minute of pictures takes seconds."""


COSTS = {
    "anchors": (3, 36),
    "any_horizon": (2, 36),
    "checklist": (3, 60),
    "core_frames": (11, 12),
    "crop_vote": (5, 50),
    "dense_clip": (3, 22),
    "find_and_zoom": (4, 22),
    "frame_actions": (4, 32),
    "global_detail": (2, 22),
    "ground_and_caption": (6, 74),
    "ground_first": (3, 28),
    "interleave": (1, 10),
    "keyframes": (1, 9),
    "modalities": (2, 20),
    "observations": (4, 14),
    "only_past": (1, 7),
    "outline": (2, 18),
    "resample": (3, 24),
    "score_frames": (2, 18),
    "step_hints": (1, 17),
    "thought_vote": (3, 48),
    "time_search": (3, 22),
    "transforms": (5, 80),
    "turn_gain": (4, 50),
}
"""Requests to the VLM and pictures in the first test of each strategy; the README has them."""


@dataclass
class Shown:
    """One request to the VLM: its text, and width and height of its pictures."""

    text: str
    sizes: list[tuple[int, int]]

    def data(self, name: str) -> list[str]:
        """What stands between data marks of a name, as JSON."""
        return re.findall(rf'<data name="{name}">\n(.*?)\n</data>', self.text, re.DOTALL)

    @property
    def asked(self) -> list[str]:
        """What stands between the marks of questions."""
        return [json.loads(text) for text in self.data("question")]


@dataclass
class Seen(Asked):
    """What came of a question, and what was shown meanwhile."""

    shown: Sequence[Shown] = ()

    def called(self, task: str) -> list[dict[str, Any]]:
        """The arguments of each call of a module."""
        calls = [item for item in self.of(ModuleCalled) if item.task == task]
        return [wire.decode(bytes(call.arguments)) for call in calls]

    def times(self, task: str) -> list[list[float]]:
        """The times of the frames that each call of a module looked at."""
        return [[frame.time for frame in self._frames(call)] for call in self.called(task)]

    @property
    def cost(self) -> tuple[int, int]:
        """How many requests the VLM had, and how many pictures."""
        return len(self.shown), sum(len(request.sizes) for request in self.shown)

    def notes(self) -> str:
        """What the trace warns of."""
        return "\n".join(warning.text for warning in self.of(Warned))

    def writers(self) -> set[str]:
        return {written.writer for written in self.of(ProgramWritten)}

    @staticmethod
    def _frames(call: dict[str, Any]) -> list[Frame]:
        frames: list[Frame] = call["frames"]
        return frames


def by_sample(*samples: str, others: Sequence[str] = ()) -> Callable[[Any], Answer]:
    """Replies to the samples of a look, which come in any order, and to all else in its order."""
    rest: Iterator[str] = iter(others)

    def reply(body: Any) -> Answer:
        heat = body["temperature"]  # 0.8 of the first sample, 0.15 more of each other
        return sure(samples[round((heat - 0.8) / 0.15)] if heat else next(rest), 0.8)

    return reply


def by_look(reply: Callable[[Shown], str]) -> Callable[[Any], Answer]:
    """Replies by what a look shows."""
    return lambda body: sure(reply(_shown(body)), 0.8)


def ask_seeing(
    says: Sequence[Answer] | Callable[[Any], Answer],
    monkeypatch: pytest.MonkeyPatch,
    clips: Sequence[Path],
    folder: Path,
    strategy: str,
    replies: Sequence[Any] = (),
    *,
    question: str = "What is shown?",
    choices: Sequence[str] = (),
    vlm: str = VLM,
    registry: Registry | None = None,
    settings: dict[str, Any] | None = None,
    **options: Any,
) -> Seen:
    """The question answered by a strategy; `says` is what the server replies, in order or by body.

    Modules are all but those that read text in pictures, unless a registry is given.
    """
    model = ScriptedModel(replies)
    with ChatServer(says) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        loaded = load_settings(
            {
                "trace_dir": folder / "traces",
                "cache_dir": folder / "cache",
                **({"vlm": vlm} if vlm else {}),
                **(settings or {}),
            },
            environment={},
        )
        loaded = replace(loaded, **options)
        with (
            shared.runtimes.lend(loaded, registry or UNREAD) as runtime,
            Run(runtime, loaded, list(clips), question, choices=choices) as run,
        ):
            result = solve_by(find_strategy(strategy), run, model)
        close()
        shown = [_shown(request.body) for request in server.asked]
    # Between the marks of the question stands the question, or one that is none of the user's.
    assert all(asked == question for look in shown for asked in look.asked if question in asked)
    assert result.trace_path is not None
    again = replay(
        result.trace_path,
        registry=registry or UNREAD,
        trace_dir=loaded.trace_dir,
        cache_dir=loaded.cache_dir / "none",
    )
    assert again.first_difference is None, again.first_difference
    assert again.n_run == 0
    return Seen(result, model, read_trace(result.trace_path).events, shown)


def write_silence(path: Path) -> Path:
    """A sound file of one second without a picture."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16000)
        out.writeframes(bytes(32000))
    return path


def _shown(body: Any) -> Shown:
    content = body["messages"][1]["content"]
    texts = [part["text"] for part in content if part["type"] == "text"]
    urls = [item["image_url"]["url"] for item in content if item["type"] == "image_url"]
    pictures = [base64.b64decode(url.partition(",")[2]) for url in urls]
    return Shown("\n".join(texts), [Image.open(io.BytesIO(picture)).size for picture in pictures])
