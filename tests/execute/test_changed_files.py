"""A file that changes while it is read: an error that says so, and nothing of it in the cache."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import vprog
from tests.drawing import draw_video
from vprog.registry.call_context import current
from vprog.registry.discover import discover
from vprog.registry.module import module
from vprog.registry.registry import Registry
from vprog.types import Video

PROGRAM = "answer(add_up(video))"
N_FRAMES = 120

amid: list[Callable[[], object]] = []
"""What happens while the next call of `add_up` is amid its frames."""


@module("add_up")
class AddUp:
    def __call__(self, video: Video) -> int:
        """Add up the brightness of every frame and of the sound."""
        context, total = current(), 0
        times = context.frame_times(video.index).tolist()
        for number, (_, pixels) in enumerate(context.frames(video.index, times, max_side=64)):
            total += int(pixels.sum())
            if number == 5 and amid:
                amid.pop()()
        for _, block in context.sound_blocks(video.index, seconds=1.0):
            total += int(abs(block).sum() * 1000)
        return total


def rewrite_in_place(path: Path, data: bytes) -> None:
    """As `rsync --inplace --times` does: the same file, size and time of change."""
    before = path.stat()
    with path.open("r+b") as file:
        file.write(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def zeroed_from_the_middle(path: Path) -> bytes:
    data = path.read_bytes()
    return data[: len(data) // 3] + bytes(len(data) - len(data) // 3)


def replace_by(path: Path, data: bytes) -> None:
    aside = path.with_suffix(".part")
    aside.write_bytes(data)
    aside.replace(path)


WAYS: dict[str, Callable[[Path], object]] = {
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2),
    "emptied": lambda path: os.truncate(path, 0),
    "copied over from the start": lambda path: path.write_bytes(path.read_bytes()[:2000]),
    "appended to": lambda path: os.truncate(path, path.stat().st_size + 5000),
    "zeroed in place, its time restored": lambda path: rewrite_in_place(
        path, zeroed_from_the_middle(path)
    ),
    "reversed in place": lambda path: path.write_bytes(path.read_bytes()[::-1]),
    "replaced by a part": lambda path: replace_by(path, path.read_bytes()[:3000]),
    "replaced by another video": lambda path: replace_by(path, other(path).read_bytes()),
    "deleted": lambda path: path.unlink(),
    "renamed": lambda path: path.rename(path.with_name("elsewhere.mp4")),
    "a folder in its place": lambda path: (path.unlink(), path.mkdir()),
    "a pipe in its place": lambda path: (path.unlink(), os.mkfifo(path)),
    "a link in its place": lambda path: (
        path.rename(path.with_name("real.mp4")), path.symlink_to("/dev/zero"),
    ),
    "its folder gone, as a share that vanishes": lambda path: path.parent.rename(
        path.parent.with_name("gone")
    ),
    "its folder deleted": lambda path: shutil.rmtree(path.parent),
}  # fmt: skip


def other(path: Path) -> Path:
    return draw_video(path.with_name("other.mp4"), 40, fps=10, size=(320, 240))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(
        tmp_path_factory.mktemp("clips") / "clip.mp4", N_FRAMES, fps=10, size=(320, 240),
        tone=lambda times: 0.2 * (times % 1.0),
    )  # fmt: skip


@pytest.fixture(scope="module")
def registry() -> Registry:
    registry = discover()
    registry.add(AddUp)
    return registry


def ask(video: Path, registry: Registry, home: Path) -> vprog.Result:
    with vprog.Engine(
        registry=registry, trace_dir=home / "traces", cache_dir=home / "cache"
    ) as engine:
        return engine.run(video, PROGRAM)


@pytest.fixture(scope="module")
def truth(original: Path, registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> object:
    result = ask(original, registry, tmp_path_factory.mktemp("fresh"))
    assert result.status == "answered"
    return result.answer


@pytest.mark.parametrize("way", WAYS)
def test_file_that_changes_during_a_run_is_told_and_poisons_nothing(
    original: Path, registry: Registry, truth: object, tmp_path: Path, way: str
) -> None:
    video = tmp_path / "share" / "clip.mp4"
    video.parent.mkdir()
    shutil.copy(original, video)
    amid.append(lambda: WAYS[way](video))
    result = ask(video, registry, tmp_path)
    assert not amid
    assert result.status == "unreadable", result
    assert result.error is not None
    assert "has changed while it was" in result.error.message
    assert ask(original, registry, tmp_path).answer == truth  # the same bytes, the same cache


def test_file_that_stays_is_answered_from_the_cache(
    original: Path, registry: Registry, truth: object, tmp_path: Path
) -> None:
    counts = [ask(original, registry, tmp_path).cost.module_calls for _ in range(2)]
    assert [count["executed"] for count in counts] == [1, 0]


def test_what_was_lost_of_a_damaged_file_is_not_kept(
    original: Path, registry: Registry, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.mp4"
    data = bytearray(original.read_bytes())
    for at in range(len(data) // 3, len(data) // 2, 7):
        data[at] ^= 0xA5
    damaged.write_bytes(bytes(data))
    results = [ask(damaged, registry, tmp_path) for _ in range(2)]
    assert all(result.status == "answered" for result in results)
    assert all(result.warnings for result in results)  # said each time
    assert [result.cost.module_calls["executed"] for result in results] == [1, 1]
