"""A decoder process that is killed amid a read, and files read by several programs at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import vprog
from tests.drawing import draw_frame, draw_video, number_of
from tests.reliability.fuzzed_media import decoders
from vprog.errors import VideoUnreadableError
from vprog.registry.call_context import current
from vprog.registry.discover import discover
from vprog.registry.module import module
from vprog.types import Video

N_FRAMES = 60
READ = "answer(read_numbers(video))"

amid: list[Callable[[], object]] = []
"""What happens while the next call of `read_numbers` is amid its frames."""


@module("read_numbers")
class ReadNumbers:
    def __call__(self, video: Video, *, first: int = 0) -> list[int]:
        """Read the number that stands in each frame from the first one on."""
        context, numbers = current(), []
        times = context.frame_times(video.index).tolist()[first:]
        for number, (_, pixels) in enumerate(context.frames(video.index, times)):
            numbers.append(number_of(pixels))
            if number == 5 and amid:
                amid.pop()()
        return numbers


@module("read_nothing")
class ReadNothing:
    def __call__(self, video: Video) -> int:
        """Meet a part of the file that does not decode."""
        raise VideoUnreadableError(f"video {video.index}: no frame can be decoded.")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("clips")
    return draw_video(folder / "one.mp4", N_FRAMES, b_frames=2), draw_video(
        folder / "other.mkv", N_FRAMES, paint=lambda number, w, h: draw_frame(500 + number, w, h)
    )


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[vprog.Engine]:
    registry = discover()
    registry.add(ReadNumbers)
    registry.add(ReadNothing)
    with vprog.Engine(
        registry=registry, trace_dir=tmp_path / "traces", cache_dir=tmp_path / "cache"
    ) as engine:
        yield engine


def kill(pids: set[int]) -> None:
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def test_a_decoder_killed_amid_a_read_ends_the_run_and_the_next_one_works(
    clips: tuple[Path, Path], engine: vprog.Engine
) -> None:
    others = decoders()  # of files that other tests have open
    amid.append(lambda: kill(decoders() - others))
    catching = f"try:\n    {READ}\nexcept ValueError:\n    answer('all is well')"
    result = engine.run(clips[0], catching)  # no program can mend that
    assert (result.status, result.exit_code, result.answer) == ("unreadable", 2, None)
    assert result.error is not None
    assert "its decoder process died of SIGKILL" in result.error.message
    assert engine.run(clips[0], READ).answer == list(range(N_FRAMES))


def test_what_does_not_decode_can_be_caught_and_else_makes_the_file_unreadable(
    clips: tuple[Path, Path], engine: vprog.Engine
) -> None:
    caught = "try:\n    answer(read_nothing(video))\nexcept ValueError:\n    answer('another part')"
    assert engine.run(clips[0], caught).answer == "another part"
    result = engine.run(clips[0], "answer(read_nothing(video))")
    assert (result.status, result.exit_code) == ("unreadable", 2)
    assert result.error is not None
    assert (result.error.message, result.error.line) == ("video 0: no frame can be decoded.", 1)


def test_programs_that_read_one_file_and_two_files_at_once_get_their_own_frames(
    clips: tuple[Path, Path], engine: vprog.Engine
) -> None:
    def answers(number: int) -> object:
        program = f"answer(read_numbers(video, first={number}))"  # no call has another's result
        return engine.run(clips[number % 2], program).answer

    with ThreadPoolExecutor(6) as threads:
        read = list(threads.map(answers, range(6)))
    truth = np.arange(N_FRAMES)
    assert read == [(truth[number:] + 500 * (number % 2)).tolist() for number in range(6)]
