"""`vprog.start` and `vprog.asolve`: events as they happen, the end from outside, event loops."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import vprog
from tests.asking import entered, released
from vprog.errors import ConfigError, UsageError, VideoError
from vprog.llm.language_model import Capability, Completion, LlmReply, Request, Usage
from vprog.registry.registry import Registry
from vprog.solver.solver import shared
from vprog.trace.event import ModuleCalled, RunEnded, RunStarted, TraceEvent

pytestmark = pytest.mark.usefixtures("home")

QUESTION = "How long is the video?"
SECONDS = 30.0
"""After which a test that waits in vain fails."""


class Author:
    """Writes the same program for every question; waits where it is told to."""

    name = "author"
    capabilities: frozenset[Capability] = frozenset()

    def __init__(self, program: str) -> None:
        self._program = program
        self.is_asked = threading.Event()
        self.may_reply = threading.Event()
        self.may_reply.set()
        self.ended: list[str] = []

    def complete(self, request: Request) -> LlmReply:
        self.is_asked.set()
        assert self.may_reply.wait(SECONDS)
        return LlmReply(
            (Completion(f"```python\n{self._program}\n```"),), Usage(1, 1), self.name, 0
        )

    def cancel(self) -> None:
        self.ended.append("cancel")

    def close(self) -> None:
        self.ended.append("close")


def hold(name: str) -> Author:
    """Writes a call that comes back when the test says so; a name of its own is not cached."""
    return Author(f"answer(hold_on(video, {name!r}))")


def is_complete(result: vprog.Result) -> bool:
    """Whether the trace ends with the result."""
    last = result.trace.recording.events[-1]
    return isinstance(last, RunEnded) and last.status == result.status


def test_start_gives_the_events_of_the_trace_and_then_the_result(clip: Path) -> None:
    handle = vprog.start(clip, QUESTION)
    events = list(handle.events())
    result = handle.result(SECONDS)
    assert (result.status, result.answer, handle.done()) == ("answered", 2.0, True)
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunEnded)
    assert len(events) == len(result.trace.recording.events)
    assert list(handle.events()) == events  # whoever comes later sees them all


def test_start_events_come_while_the_run_goes_on(clip: Path, registry: Registry) -> None:
    handle = vprog.start(clip, QUESTION, registry=registry, llm=hold("follow"))
    events = handle.events()
    assert isinstance(next(events), RunStarted)
    assert entered.acquire(timeout=SECONDS)
    assert not handle.done()
    with pytest.raises(TimeoutError):
        handle.result(timeout=0.0)
    released.release()
    assert any(isinstance(event, ModuleCalled) for event in events)
    assert handle.result(SECONDS).answer == "follow"


def test_start_says_at_once_what_is_put_together_wrongly(clip: Path) -> None:
    with pytest.raises(UsageError):
        vprog.start(clip, " ")
    with pytest.raises(ConfigError):
        vprog.start(clip, QUESTION, preset="best")


def test_start_what_ends_a_run_is_raised_by_its_result_alone(tmp_path: Path) -> None:
    handle = vprog.start(tmp_path / "nowhere.mp4", QUESTION)
    assert list(handle.events()) == []
    with pytest.raises(VideoError):
        handle.result(SECONDS)
    assert handle.done()


def test_cancel_while_a_module_does_not_come_back(clip: Path, registry: Registry) -> None:
    handle = vprog.start(clip, QUESTION, registry=registry, llm=hold("cancel"))
    assert entered.acquire(timeout=SECONDS)
    handle.cancel()
    result = handle.result(SECONDS)  # the module still holds on
    released.release()
    assert (result.status, result.answer, result.exit_code) == ("interrupted", None, 130)
    assert is_complete(result)
    assert isinstance(list(handle.events())[-1], RunEnded)
    handle.cancel()  # nothing is left to cancel
    assert vprog.run(clip, "answer(1)", registry=registry).answer == 1


def test_cancel_ends_what_runs_in_the_sandbox_and_lets_go_of_everything(clip: Path) -> None:
    vprog.close()
    handle = vprog.start(
        clip, QUESTION, llm=Author("print('begun')\nwhile True:\n    pass\nanswer(1)")
    )
    for event in handle.events():
        if type(event).__name__ == "CellStarted":
            handle.cancel()
    result = handle.result(SECONDS)
    assert result.status == "interrupted"
    assert is_complete(result)


def test_cancel_ends_the_wait_for_a_model_and_leaves_the_model_alone(clip: Path) -> None:
    author = Author("answer(1)")
    author.may_reply.clear()
    handle = vprog.start(clip, QUESTION, llm=author)
    assert author.is_asked.wait(SECONDS)
    threading.Thread(target=handle.cancel).start()
    result = handle.result(SECONDS)
    author.may_reply.set()
    assert result.status == "interrupted"
    assert is_complete(result)
    assert author.ended == []


def test_cancel_of_one_run_does_not_touch_another_with_the_same_model(clip: Path) -> None:
    author = Author("answer(1)")
    author.may_reply.clear()
    one, other = (vprog.start(clip, QUESTION, llm=author) for _ in range(2))
    assert author.is_asked.wait(SECONDS)
    one.cancel()
    assert one.result(SECONDS).status == "interrupted"
    author.may_reply.set()
    assert other.result(SECONDS).answer == 1


def test_cancel_after_the_end_changes_nothing(clip: Path) -> None:
    handle = vprog.start(clip, QUESTION)
    result = handle.result(SECONDS)
    handle.cancel()
    handle.stop()
    assert handle.result() is result
    assert result.trace.status == "answered"


def test_asolve_and_async_iteration_in_one_event_loop(clip: Path) -> None:
    async def both() -> tuple[vprog.Result, list[TraceEvent], vprog.Result]:
        handle = vprog.start(clip, "How many frames are there?")
        answered = asyncio.ensure_future(vprog.asolve(clip, QUESTION))
        events = [event async for event in handle]
        return await answered, events, await handle

    result, events, other = asyncio.run(both())
    assert (result.answer, other.answer) == (2.0, 20)
    assert isinstance(events[0], RunStarted)
    assert len(events) == len(other.trace.recording.events)


def test_asolve_cancelling_the_task_cancels_the_run(clip: Path, registry: Registry) -> None:
    async def cancelled() -> None:
        run = asyncio.ensure_future(
            vprog.asolve(clip, QUESTION, registry=registry, llm=hold("task"))
        )
        assert await asyncio.to_thread(entered.acquire, timeout=SECONDS)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    asyncio.run(cancelled())
    for handle in list(shared.handles):
        handle.stop()
    released.release()
    assert vprog.Trace.load("last").status == "interrupted"


def test_start_process_that_ends_leaves_a_complete_trace(clip: Path, tmp_path: Path) -> None:
    code = (
        "import sys, vprog\n"
        "handle = vprog.start(sys.argv[1], 'How many?', llm='scripted:' + sys.argv[2])\n"
        "next(event for event in handle.events() if type(event).__name__ == 'CellStarted')\n"
    )
    script = tmp_path / "script.txt"
    script.write_text("```python\nwhile True:\n    pass\nanswer(1)\n```")
    subprocess.run([sys.executable, "-c", code, str(clip), str(script)], check=True, timeout=60)
    assert vprog.Trace.load("last").status == "interrupted"
