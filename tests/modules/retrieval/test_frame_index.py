"""Frames of a video through the index: once, in batches, and on after a kill."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.modules.retrieval.colours import Colours, frames_of
from tests.modules.scenes import Opened, painted
from vprog.errors import ModuleInputError
from vprog.registry.call_context import CallContext
from vprog.registry.still_pictures import is_still, small_look
from vprog.types import Span
from vprog_modules.retrieval import frame_index
from vprog_modules.retrieval.frame_index import GROUP, indexed_frames

N_FRAMES = 50


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fifty frames, each of another colour."""

    def paint(number: int, picture: np.ndarray) -> None:
        picture[:] = (5 * number, 250 - 5 * number, (37 * number) % 250)

    return painted(tmp_path_factory.mktemp("clips") / "clip.mp4", N_FRAMES, paint, size=(64, 48))


def values(frames: frame_index.IndexedFrames) -> np.ndarray:
    return frames.vectors.read(frames.rows)


def test_frames_are_encoded_once_for_all_questions(clip: Path, tmp_path: Path) -> None:
    first, second = Colours(), Colours()
    one = frames_of(clip, tmp_path, first)
    other = frames_of(clip, tmp_path, second)
    assert (first.n_pictures, second.n_pictures) == (N_FRAMES, 0)
    assert (values(one) == values(other)).all()
    assert one.times.tolist() == pytest.approx([k / 10 for k in range(N_FRAMES)])


def test_frames_of_a_span_fill_the_index_of_the_whole(clip: Path, tmp_path: Path) -> None:
    encoder = Colours()
    with Opened(clip) as opened:
        source = opened.source
        context, video = CallContext(source, cache_dir=tmp_path), source.videos[0]
        part = indexed_frames("t", context, video, Span(1.0, 1.9), 10.0, encoder)
        assert part.times.tolist() == pytest.approx([k / 10 for k in range(10, 20)])
        assert encoder.n_pictures == 10
        indexed_frames("t", context, video, None, 10.0, encoder)
        assert encoder.n_pictures == N_FRAMES


def test_frames_from_the_index_count_as_seen(clip: Path, tmp_path: Path) -> None:
    frames_of(clip, tmp_path, Colours())
    with Opened(clip) as opened:
        source = opened.source
        context = CallContext(source, cache_dir=tmp_path)
        indexed_frames("t", context, source.videos[0], None, 10.0, Colours())
        assert context.frames_decoded == 0
        assert context.seen[0].pictures == [(-0.5, 5.4)]


@pytest.fixture(scope="module")
def resting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty frames of one picture; in the frames 18 and 19 a small thing is in it."""

    def paint(number: int, picture: np.ndarray) -> None:
        picture[:] = (90, 120, 60)
        if number in (18, 19):
            picture[20:30, 20:30] = (250, 20, 20)

    return painted(tmp_path_factory.mktemp("clips") / "still.mp4", 40, paint, size=(64, 48))


def test_frames_like_their_keyframe_are_not_encoded(resting: Path, tmp_path: Path) -> None:
    encoder = Colours()
    frames = frames_of(resting, tmp_path, encoder)
    assert encoder.n_pictures == 40 // GROUP + 2  # and the two in which something is
    vectors = values(frames)
    still = [row for row in range(40) if row not in (18, 19)]
    assert np.allclose(vectors[still], vectors[0], atol=2e-3)
    assert not np.allclose(vectors[18], vectors[0], atol=2e-3)


def test_what_is_encoded_does_not_depend_on_what_was_asked_before(
    resting: Path, tmp_path: Path
) -> None:
    whole = values(frames_of(resting, tmp_path / "whole", Colours()))
    encoder = Colours()
    with Opened(resting) as opened:
        context, video = CallContext(opened.source, cache_dir=tmp_path), opened.source.videos[0]
        indexed_frames("t", context, video, Span(1.8, 2.3), 10.0, encoder)
        assert encoder.n_pictures == 3  # 18, 19, and the keyframe 20 for 20 to 23
        indexed_frames("t", context, video, Span(0.5, 0.7), 10.0, encoder)
        assert encoder.n_pictures == 4  # the keyframe 4, which lies before the span
        pieces = indexed_frames("t", context, video, None, 10.0, encoder)
    assert (values(pieces) == whole).all()
    assert encoder.n_pictures == 40 // GROUP + 2


@pytest.mark.parametrize(("levels", "still"), [(0, True), (2, True), (3, False), (90, False)])
def test_a_picture_is_still_where_no_part_differs_by_more_than_coding_changes(
    levels: int, still: bool
) -> None:
    one = np.full((160, 160, 3), 100, np.uint8)
    other = one.copy()
    other[40:50, 40:50] += np.uint8(levels)
    assert is_still(small_look(one), small_look(other)) == still


def test_span_between_two_frames_of_the_rate_still_has_one(clip: Path, tmp_path: Path) -> None:
    with Opened(clip) as opened:
        source = opened.source
        context = CallContext(source, cache_dir=tmp_path)
        frames = indexed_frames("t", context, source.videos[0], Span(2.3, 2.4), 1.0, Colours())
        assert frames.times.tolist() == pytest.approx([2.3])


def test_rates_and_files_have_indexes_of_their_own(clip: Path, tmp_path: Path) -> None:
    frames_of(clip, tmp_path, Colours())
    slower = Colours()
    frames_of(clip, tmp_path, slower, fps=1.0)
    assert slower.n_pictures == 5
    renamed = tmp_path / "renamed.mp4"
    renamed.write_bytes(clip.read_bytes())
    again = Colours()
    frames_of(renamed, tmp_path, again)
    assert again.n_pictures == 0  # it goes by content


def test_more_frames_than_an_index_holds_are_refused_with_the_rate_that_fits(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame_index, "MOST_ROWS", 10)
    with pytest.raises(ModuleInputError, match="at most 10 frames") as caught:
        frames_of(clip, None, Colours())
    assert "fps=2" in caught.value.hint


def started(clip: Path, cache: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.modules.retrieval.colours", str(clip), str(cache)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_index_killed_at_random_moments_and_resumed_equals_one_pass(
    clip: Path, tmp_path: Path
) -> None:
    chance = random.Random(7)
    n_batches = 0
    for _ in range(4):
        with started(clip, tmp_path / "killed") as process:
            assert process.stdout is not None
            for _ in range(chance.randint(1, 4)):
                n_batches += bool(process.stdout.readline())
            process.send_signal(signal.SIGKILL)
    rest = Colours()
    resumed = frames_of(clip, tmp_path / "killed", rest)
    whole = frames_of(clip, tmp_path / "whole", Colours())
    assert (values(resumed) == values(whole)).all()
    assert rest.n_pictures < N_FRAMES  # what was there was not made again
    assert n_batches >= 4


def test_two_processes_at_once_fill_one_index(clip: Path, tmp_path: Path) -> None:
    processes = [started(clip, tmp_path / "shared") for _ in range(2)]
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0, 0]
    encoder = Colours()
    shared = frames_of(clip, tmp_path / "shared", encoder)
    assert encoder.n_pictures == 0
    assert (values(shared) == values(frames_of(clip, None, Colours()))).all()
