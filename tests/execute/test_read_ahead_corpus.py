"""Every honest program, through the real executor with every module batched: reading ahead, by what
loops announce and by scouts, changes nothing of what it answers, prints, calls, fails with or is
warned of."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from tests.drawing import draw_video
from tests.program.corpus import Honest, load
from tests.program.world import CHOICES, QUESTION, SECOND, VIDEO, World, signatures
from vprog.execute.result_cache import ResultCache
from vprog.execute.runtime import Runtime
from vprog.execute.scheduler import BatchScheduler
from vprog.registry.call_context import using
from vprog.registry.module import Call, module
from vprog.registry.registry import Registry
from vprog.runs.run import Run
from vprog.settings import load_settings
from vprog.trace.event import ModuleCalled, StepValue, Warned

PROGRAMS = load()


def _batched(task: str) -> type:
    """A method of the made-up world as a module that takes four calls at once."""

    def batch(self: Callable[..., object], calls: list[Call]) -> list[object]:
        results = []
        for call in calls:
            with using(call.context):
                results.append(self(**call.arguments))
        return results

    cls = type(task.title(), (World,), {"__call__": getattr(World, task), "batch": batch})
    return cast(type, module(task, batch=4)(cls))


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Files of the length and size that the world has."""
    folder = tmp_path_factory.mktemp("world")
    return [
        draw_video(
            folder / f"{video.index}.mp4",
            video.n_frames,
            fps=int(video.fps),
            size=(video.width, video.height),
        )
        for video in (VIDEO, SECOND)
    ]


@pytest.fixture(scope="module")
def runtimes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[bool, Runtime]]:
    opened: dict[bool, Runtime] = {}
    dear = pytest.MonkeyPatch()  # else no call of the made-up world would be worth a scout
    dear.setattr(BatchScheduler, "saves", lambda *_: math.inf)
    for read_ahead in (False, True):
        folder = tmp_path_factory.mktemp("cache")
        settings = load_settings({"cache_dir": folder, "read_ahead": read_ahead})
        runtime = opened[read_ahead] = Runtime(settings, Registry([]))
        for task in signatures():
            runtime.modules[task] = runtime.registry.add(_batched(task))
    yield opened
    for runtime in opened.values():
        runtime.close()
    dear.undo()


def said(runtime: Runtime, clips: list[Path], program: Honest, folder: Path) -> list[object]:
    """All that a run tells of a program, but for clocks."""
    events: list[Any] = []
    settings = load_settings({"trace_dir": folder})
    told: list[object] = []
    with Run(runtime, settings, clips, QUESTION, choices=CHOICES, listen=events.append) as run:
        state = run.executor.begin()
        for cell in program.cells:
            outcome = run.executor.run(state, cell)
            told.append((outcome.status, outcome.value, outcome.evidence, outcome.reason))
            told.append((outcome.printed, str(outcome.error), outcome.line, outcome.score))
            if outcome.state is None:
                break
            state = outcome.state
        counts = run.broker.counts
        told.append((counts.issued, counts.executed - counts.wasted, counts.cached))
    for event in events:
        if isinstance(event, ModuleCalled):
            told.append((event.id, event.line, event.task, event.how, event.error))
            told.append((bytes(event.arguments), bytes(event.result)))
        elif isinstance(event, StepValue):
            told.append((event.line, event.name, event.text, event.count))
        elif isinstance(event, Warned):
            told.append(event.text)
    return told


@pytest.mark.parametrize("program", PROGRAMS, ids=[program.name for program in PROGRAMS])
def test_program_tells_the_same_whether_its_loops_are_read_ahead_or_not(
    runtimes: dict[bool, Runtime], clips: list[Path], program: Honest, tmp_path: Path
) -> None:
    for runtime in runtimes.values():
        runtime.cache = ResultCache(None)
    plain = said(runtimes[False], clips, program, tmp_path / "plain")
    ahead = said(runtimes[True], clips, program, tmp_path / "ahead")
    assert ahead == plain
