from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.drawing import draw_video
from tests.strategies.conftest import cell
from tests.strategies.equipped import ask_with, registry_of, registry_with
from vprog.config import load_settings
from vprog.registry.module import module
from vprog.registry.registry import Registry
from vprog.runs.run import Run
from vprog.solver.solver import shared
from vprog.strategies.recognise_recogniser import Clips, Recogniser
from vprog.trace.event import ModuleCalled
from vprog.types import Frame, Span, Video


@module("caption")
class CaptionTime:
    def __call__(self, frame: Frame, *, focus: str = "") -> str:
        """Say when it is."""
        return f"at {frame.time:g}"


@module("probe")
class ProbeOnly:
    def __call__(self, video: Video) -> float:
        """Tell how long it lasts, and nothing of what it shows."""
        return video.duration


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    return draw_video(tmp_path / "clip.mp4", 10)


@contextmanager
def recogniser(registry: Registry | None, clip: Path, folder: Path) -> Iterator[Recogniser]:
    flags = {"trace_dir": folder / "traces", "cache_dir": folder / "cache"}
    settings = load_settings(flags, environment={})
    with (
        shared.runtimes.lend(settings, registry) as runtime,
        Run(runtime, settings, [clip], "Which?", writer="none") as run,
    ):
        video = run.media.videos[0]
        clips = Clips(video, (Span(0.0, 0.5), Span(0.5, 1.0)), "shots", is_reported=True)
        yield Recogniser(run, [clips])


def test_captions_serve_where_nothing_can_be_asked(drawn: Path, tmp_path: Path) -> None:
    last = cell("answer(seen[7], evidence=[frames[7][0]])")
    run = ask_with(registry_with(CaptionTime), [drawn], tmp_path, "recognise", [last])
    assert run.result.status == "answered"
    captions = [each for each in run.of(ModuleCalled) if each.task == "caption"]
    assert len(captions) == 8
    assert '"sentence": "at 0"' in run.prompt(0)
    assert '"cite": ["frames[7][0]"]' in run.prompt(0)  # a caption itself is no evidence


def test_the_cell_names_clips_by_what_gave_them(drawn: Path, tmp_path: Path) -> None:
    with recogniser(None, drawn, tmp_path) as made:
        assert made.looks == ""
        assert made.can_recognise
        assert made.cell().startswith("clips = shots\n")
        assert 'detect(each, "person")' in made.cell()


def test_modules_that_say_nothing_of_clips_recognise_nothing(drawn: Path, tmp_path: Path) -> None:
    with recogniser(registry_of(ProbeOnly), drawn, tmp_path) as made:
        assert not made.can_recognise
