from __future__ import annotations

from pathlib import Path

import pytest

import vprog
from tests.drawing import draw_video
from vprog.errors import ConfigError, LlmReplyError, TraceNotFoundError
from vprog.llm.language_model import Message, Request
from vprog.llm.llm_spec import open_llm
from vprog.llm.replay_model import ReplayModel
from vprog.trace.event import LlmCalled

PROGRAMS = """\
```python
answer(numpy.mean([1]))
```
---
```python
frame = frame_at(video, 0.5)
answer(len(videos), evidence=[frame])
```
"""


def called(*texts: str, replies: list[str], error: str | None = None) -> LlmCalled:
    return LlmCalled(
        model="m",
        purpose="write a program",
        messages=[{"role": "user", "text": text} for text in texts],
        reply="\n\n".join(replies),
        replies=replies if len(replies) > 1 else [],
        tokens_in=3,
        tokens_out=2,
        seconds=1.0,
        error=error,
    )


def ask(*texts: str, n: int = 1) -> Request:
    return Request(tuple(Message("user", text) for text in texts), n=n)


def test_replay_answers_by_request_in_any_order() -> None:
    model = ReplayModel([called("a", replies=["1"]), called("b", replies=["2"])])
    assert model.complete(ask("b")).text == "2"
    reply = model.complete(ask("a"))
    assert (reply.text, reply.usage.tokens_in, reply.seconds) == ("1", 3, 0.0)


def test_replay_gives_repeated_requests_their_replies_in_turn() -> None:
    model = ReplayModel([called("a", replies=["1"]), called("a", replies=["2"])])
    assert [model.complete(ask("a")).text for _ in range(2)] == ["1", "2"]
    with pytest.raises(LlmReplyError, match=r"request 3 was recorded 2 times and is asked once"):
        model.complete(ask("a"))


def test_replay_gives_samples_apart() -> None:
    model = ReplayModel([called("a", replies=["1", "2"]), called("b", replies=["3"])])
    assert [completion.text for completion in model.complete(ask("a", n=2)).completions] == [
        "1",
        "2",
    ]
    with pytest.raises(LlmReplyError, match=r"asks for 2 samples; 1 were recorded"):
        model.complete(ask("b", n=2))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (ask("sys", "How many cats?"),
         r'differs from request 2 of the run in message 2, at "cats\?"'
         r' instead of "dogs\?"'),
        (ask("sys"), r"request 2 of the run has 2 messages, not 1"),
        (ask("sys", "How many dogs?", "again"), r"has 2 messages, not 3"),
    ],
)  # fmt: skip
def test_replay_says_where_a_request_parts(asked: Request, message: str) -> None:
    model = ReplayModel([called("x", replies=["1"]), called("sys", "How many dogs?", replies=[""])])
    with pytest.raises(LlmReplyError, match=message):
        model.complete(asked)


def test_replay_repeats_a_failure() -> None:
    model = ReplayModel([called("a", replies=[], error="no connection")])
    with pytest.raises(LlmReplyError, match="failed in the recorded run: no connection"):
        model.complete(ask("a"))


def test_replay_repeats_a_run_without_its_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPROG_TRACE_DIR", str(tmp_path / "traces"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "script.txt").write_text(PROGRAMS)
    clip = draw_video(tmp_path / "clip.mp4", 10)

    first = vprog.solve(clip, "How many?", llm=f"scripted:{tmp_path}/script.txt")
    again = vprog.solve(clip, "How many?", llm=f"replay:{first.trace.folder}")
    other = vprog.solve(clip, "How few?", llm=f"replay:{first.trace.folder}")

    assert (first.status, first.answer, first.cost.llm_calls) == ("answered", 1, 2)
    assert (again.status, again.answer, again.program) == ("answered", 1, first.program)
    assert (again.cost.llm_calls, again.cost.tokens_in) == (2, first.cost.tokens_in)
    assert other.status == "llm_error"
    assert other.error is not None
    assert "differs from request 1 of the run" in other.error.message


def test_replay_needs_a_run_that_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPROG_TRACE_DIR", str(tmp_path / "traces"))
    clip = draw_video(tmp_path / "clip.mp4", 10)
    run = vprog.run(clip, "answer(1)\n")
    with pytest.raises(ConfigError, match="asked no language model"):
        open_llm(f"replay:{run.trace.folder}")
    with pytest.raises(TraceNotFoundError, match=r"replay:nothing: no trace fits"):
        open_llm("replay:nothing")
