"""Questions for the tests of execute, solve, view and cli: a drawn clip, modules that misbehave.

The modules are real ones, as a third party would write them; each does one thing wrong.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.drawing import draw_video
from vprog.execute.runtime import Runtime
from vprog.registry.call_context import current
from vprog.registry.discover import discover
from vprog.registry.module import module
from vprog.registry.registry import Registry
from vprog.runs.run import Run
from vprog.settings import Settings, load_settings
from vprog.types import Detection, Event, Frame, Level, Span, Video

N_FRAMES = 20
FPS = 10
SIZE = (160, 120)

calls: list[str] = []
"""What `note_call` was given, in order; of all tests of the process."""
entered = threading.Semaphore(0)
released = threading.Semaphore(0)


@module("note_call", backend="a list")
class NoteCall:
    def __call__(self, text: str) -> str:
        """Give the text back, and remember that it was asked for."""
        calls.append(text)
        return text


@module("break_down")
class BreakDown:
    def __call__(self, frame: Frame) -> int:
        """Raise what no module should."""
        raise ZeroDivisionError("the <b>module</b> \x1b[31mbroke")


@module("give_garbage")
class GiveGarbage:
    def __call__(self, video: Video) -> list[Span]:
        """Return what was not promised."""
        return ["no span", object()]  # type: ignore[list-item]


@module("load_badly", needs=("json",), install="pip install something")
class LoadBadly:
    def load(self, device: str) -> None:
        raise RuntimeError("operator does not exist")

    def __call__(self, video: Video) -> int:
        """Never called: it does not load."""
        return 1


@module("lack_package", install='pip install "what-is-missing"')
class LackPackage:
    def load(self, device: str) -> None:
        import no_such_package_anywhere  # type: ignore[import-not-found]  # noqa: F401

    def __call__(self, video: Video) -> int:
        """Never called: its package is not there."""
        return 1


@module("hold_on")
class HoldOn:
    def __call__(self, video: Video, name: str) -> str:
        """Say that it was entered, and wait for the test."""
        while released.acquire(blocking=False):
            pass  # meant for a call that was left behind, and ended without it
        entered.release()
        assert released.acquire(timeout=30)
        return name


@module("scan_frames")
class ScanFrames:
    def __call__(self, video: Video) -> int:
        """Look at every frame of the file, again and again."""
        source, seen = current(), 0
        while True:
            for _ in source.frames(video.index, [0.0, 0.5, 1.0]):
                seen += 1


@module("find_square", backend="numpy")
class FindSquare:
    def __call__(self, frame: Frame) -> list[Detection]:
        """Find the red square."""
        from vprog.types import Box

        pixels = current().pixels(frame).astype(int)  # (H, W, 3)
        red = (pixels[..., 0] > 150) & (pixels[..., 1] < 90)
        if not red.any():
            return []
        rows, columns = np.nonzero(red)
        box = Box(
            float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)
        )
        return [Detection("square", box, 0.875, frame)]


@module("find_halves")
class FindHalves:
    def __call__(self, video: Video) -> list[Event]:
        """Two events: the first and the second half of the video."""
        half = video.duration / 2
        return [Event("first", 0.0, half, 0.5), Event("second", half, video.duration, 0.75)]


@module("weigh_frames")
class WeighFrames:
    def __call__(self, video: Video) -> list[Level]:
        """How far each frame lies in the video."""
        return [Level(time, time / 2) for time in (0.0, 0.5, 1.0, 1.5)]


MODULES = (
    NoteCall, BreakDown, GiveGarbage, LoadBadly, LackPackage, HoldOn, ScanFrames, FindSquare,
    FindHalves, WeighFrames,
)  # fmt: skip


def make_registry() -> Registry:
    """vprog's own modules, and those above."""
    registry = discover()
    for module_class in MODULES:
        registry.add(module_class)
    return registry


@pytest.fixture(scope="session")
def registry() -> Registry:
    return make_registry()


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds at 10 fps, a red square that moves right, and a tone."""
    return draw_video(
        tmp_path_factory.mktemp("clips") / "clip.mp4",
        N_FRAMES,
        fps=FPS,
        size=SIZE,
        tone=lambda times: 0.25 * np.sin(2 * np.pi * 440 * times),
    )


@pytest.fixture(scope="session")
def other_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One silent second of another size."""
    path = tmp_path_factory.mktemp("clips") / "other.mp4"
    return draw_video(path, 10, fps=FPS, size=(96, 64))


@pytest.fixture(scope="session")
def runtime(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """A runtime for the tests of a session; its sandbox is the real one."""
    folder = tmp_path_factory.mktemp("runtime")
    made = Runtime(load_settings({"cache_dir": folder / "cache"}), registry)
    yield made
    made.close()


Ask = Callable[..., Run]


@pytest.fixture
def ask(runtime: Runtime, clip: Path, tmp_path: Path) -> Iterator[Ask]:
    """Opens a question on the clip: `ask("text?", max_calls=3)`; closed after the test."""
    opened: list[Run] = []

    def open_question(
        text: str = "Where is the square?", *, videos: Any = None, choices: Any = (), **given: Any
    ) -> Run:
        settings: Settings = load_settings({"trace_dir": tmp_path / "traces", **given})
        run = Run(runtime, settings, videos or [clip], text, choices=choices)
        opened.append(run)
        return run

    yield open_question
    for file in opened:
        file.close()


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def home(tmp_path: Path, cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Traces in the test's own folder, one cache for all; no settings of the machine count."""
    monkeypatch.setenv("VPROG_TRACE_DIR", str(tmp_path / "traces"))
    monkeypatch.setenv("VPROG_CACHE_DIR", str(cache_folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    for name in ("VPROG_LLM", "VPROG_PRESET", "VPROG_DEBUG", "VPROG_MODULES"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path
