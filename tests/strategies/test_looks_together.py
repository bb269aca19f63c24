"""How many requests to a VLM are open at once: as many as do not depend on each other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import vprog
from tests.drawing import draw_video
from tests.llm.server import Answer, ChatServer
from tests.looking import REGISTRY, VLM
from tests.modules.vlm.chat_replies import sure
from tests.strategies.seeing import Seen
from vprog_modules.vlm.vlm_server import AT_ONCE

LookBy = Callable[..., Seen]

WAIT_S = 60.0
"""For requests that are to come; a test that waits for longer has found too few."""


class Crowd:
    """Holds every reply back until so many requests are open; counts how many ever were."""

    def __init__(self, n_awaited: int, text: str = "yes") -> None:
        self._n_awaited = n_awaited
        self._text = text
        self._changed = threading.Condition()
        self._n_open = 0
        self.most = 0

    def __call__(self, body: Any) -> Answer:
        with self._changed:
            self._n_open += 1
            self.most = max(self.most, self._n_open)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.most >= self._n_awaited, timeout=WAIT_S)
            self._n_open -= 1
        return sure(self._text, 0.8)


@pytest.mark.parametrize(
    ("program", "n_open"),
    [
        ("seen = [ask_yes_no([f], 'A cat?') for f in frames]\nanswer(len(seen))", AT_ONCE),
        ("a = [ask([f], 'Who?') for f in frames[:3]]\nanswer(a[0].text, evidence=a)", 3),
        # The second look needs what the first one said.
        ("a = ask(frames[:1], 'Who?')\nb = ask(frames[1:], a.text)\nanswer(b.text)", 1),
    ],
)
def test_looks_of_a_program(
    program: str, n_open: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = draw_video(tmp_path / "clip.mp4", 12, fps=1)
    crowd = Crowd(n_open)
    with ChatServer(crowd) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        result = vprog.run(
            clip,
            f"frames = sample_frames(video, count=12)\n{program}",
            vlm=VLM,
            registry=REGISTRY,
            trace_dir=tmp_path / "traces",
            cache_dir=tmp_path / "cache",
        )
        vprog.close()
    assert result.status == "answered"
    assert crowd.most == n_open


@pytest.mark.parametrize(
    ("strategy", "n_open", "reply"),
    [
        ("sparse_to_dense", 5, "red"),
        ("transforms", 5, "<transform>none</transform><answer>red</answer>"),
        ("crop_vote", 5, "<answer>red</answer>"),
        ("core_frames", AT_ONCE, "a square"),
        ("reason", AT_ONCE, "a square"),
        ("fast", 1, "red"),
        ("zoom", 1, "red"),
    ],
)
def test_looks_of_a_strategy(strategy: str, n_open: int, reply: str, look_by: LookBy) -> None:
    crowd = Crowd(n_open, reply)
    replies = ["```python\nanswer('red', evidence=[frame_at(video, 1.0)])\n```"] * 5
    seen = look_by(strategy, crowd, replies=replies)
    assert seen.result.status == "answered"
    assert crowd.most == n_open
