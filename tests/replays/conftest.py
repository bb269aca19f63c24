"""Runs to run again: a clip that can go away, modules that are not what they were."""

from __future__ import annotations

import shutil
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vprog
from tests.asking import MODULES, FindSquare, calls
from vprog.registry.discover import discover
from vprog.registry.module import module
from vprog.registry.registry import Registry
from vprog.replays.replay_run import Replayed, replay
from vprog.trace.compare import FirstDifference
from vprog.trace.event import AnyEvent
from vprog.trace.store import read_trace
from vprog.types import Box, Detection, Frame

PROGRAM = """\
frames = [frame_at(video, k / 4) for k in range(4)]
found = [find_square(frame) for frame in frames]
widths = [squares[0].box.x1 - squares[0].box.x0 for squares in found]
said = note_call(str(len(found)))
answer(len(found), evidence=[frames[0], found[0][0]])
"""
"""Nine calls: four frames, four squares, one note."""

Run = Callable[..., vprog.Result]


@module("find_square", backend="a guess")
class FindCorner:
    def __call__(self, frame: Frame) -> list[Detection]:
        """Find the red square."""
        return [Detection("square", Box(0.0, 0.0, 8.0, 8.0), 0.5, frame)]


@module("find_square", needs=("no_such_package_anywhere",), install="pip install a-square")
class FindWithPackage:
    def __call__(self, frame: Frame) -> list[Detection]:
        """Find the red square."""
        raise AssertionError("it cannot run here")


def registry_with(*more: type, without: tuple[type, ...] = ()) -> Registry:
    """vprog's modules, those of tests/asking.py but some, and more."""
    registry = discover()
    for module_class in (*MODULES, *more):
        if module_class not in without:
            registry.add(module_class)
    return registry


def broken(version: str = "1") -> type:
    """`find_square/FindSquare` as it would be where nothing of it can be loaded."""

    def load(self: object, device: str) -> None:
        raise RuntimeError("its library is gone")

    made = type("FindSquare", (), {"load": load, "__call__": FindSquare.__call__})
    return module("find_square", backend="numpy", version=version)(made)


@pytest.fixture(autouse=True)
def apart(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache for each test: what is run is counted."""
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def film(clip: Path, tmp_path: Path) -> Path:
    """The clip under a path of the test's own, to be moved or removed."""
    return Path(shutil.copy(clip, tmp_path / "film.mp4"))


@pytest.fixture
def run(film: Path, registry: Registry) -> Run:
    """`vprog.run` of a program over the film."""

    def run_program(program: str = PROGRAM, *, videos: Any = None, **given: Any) -> vprog.Result:
        return vprog.run(videos or film, program, **{"registry": registry, **given})

    return run_program


def draw_sound(path: Path, stretches: Sequence[tuple[float, float]]) -> Path:
    """A wav file of a tone: for each stretch its seconds and its amplitude in [0, 1]."""
    rate = 16_000
    parts = [
        amplitude * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
        for seconds, amplitude in stretches
    ]
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.concatenate(parts) * 32767).astype("<i2").tobytes())
    return path


def events_of(result: vprog.Result, kind: type[Any]) -> list[Any]:
    assert result.trace_path is not None
    events: tuple[AnyEvent, ...] = read_trace(result.trace_path).events
    return [event for event in events if isinstance(event, kind)]


def tamper(result: vprog.Result, old: str, new: str, *, count: int = 1) -> None:
    """Change the recorded trace by hand."""
    assert result.trace_path is not None
    file = result.trace_path / "trace.jsonl"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, count), encoding="utf-8")


def again(result: vprog.Result, registry: Registry, *videos: Path) -> Replayed:
    """A replay with no video file left; nothing of the recorded trace may change."""
    assert result.trace_path is not None
    before = (result.trace_path / "trace.jsonl").read_bytes()
    for video in videos:
        video.unlink()
    n_calls = len(calls)
    made = replay(result.trace_path, registry=registry)
    assert len(calls) == n_calls
    assert made.n_run == 0
    assert made.result.cost.frames_decoded == 0
    assert made.result.cost.llm_calls == 0
    assert (result.trace_path / "trace.jsonl").read_bytes() == before
    assert made.result.trace_path != result.trace_path
    return made


def first_difference_of(made: Replayed) -> FirstDifference:
    assert made.first_difference is not None
    return made.first_difference


def script(tmp_path: Path, *cells: str) -> str:
    path = tmp_path / "script.txt"
    path.write_text("\n---\n".join(f"```python\n{cell}\n```" for cell in cells), encoding="utf-8")
    return f"scripted:{path}"
