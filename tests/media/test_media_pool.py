from __future__ import annotations

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.drawing import number_of
from tests.media.conftest import Drawn
from vprog.errors import VideoUnreadableError
from vprog.media import fingerprint, media_pool
from vprog.media.decoder.decoder_process import DecoderChild
from vprog.media.decoder.decoder_wire import DecoderDone, IndexRequest, ToChannel
from vprog.media.media_pool import MediaPool, RecentPictures
from vprog.media.reader import SilentReport
from vprog.media.run_file import MediaFile, open_media
from vprog.media.run_videos import MediaSource
from vprog.types.frame import Frame


@pytest.fixture
def indexed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were indexed, in order."""
    names: list[str] = []

    ask = DecoderChild._ask

    def counted(
        child: DecoderChild, request: ToChannel, seconds: float | None = None
    ) -> DecoderDone:
        if isinstance(request, IndexRequest):
            names.append(child._path.name)
        return ask(child, request, seconds)

    monkeypatch.setattr(DecoderChild, "_ask", counted)
    return names


def test_pool_indexes_hashes_and_decodes_a_file_once_for_two_runs(
    drawn: Drawn, tmp_path: Path, indexed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shutil.copy(drawn("b_frames.mp4"), tmp_path / "a.mp4")
    hashed: list[str] = []

    def digest(file: BinaryIO, kind: str) -> object:
        hashed.append(kind)
        return file_digest(file, kind)

    monkeypatch.setattr(fingerprint.hashlib, "file_digest", digest)
    pool = MediaPool()
    with ThreadPoolExecutor(4) as threads:
        files = list(threads.map(lambda _: open_media(path, pool=pool), range(4)))
        assert len(set(threads.map(lambda file: file.content_hash, files))) == 1
    assert indexed == ["a.mp4"]
    assert hashed == ["sha256"]
    times = [number / 10 for number in range(60)]
    for file in files:
        assert [number_of(file.picture(time)) for time in times] == list(range(60))
    assert [file.frames_decoded for file in files] == [60, 0, 0, 0]
    assert files[0]._shared.frames_decoded == 60


def test_pool_counts_frames_for_the_call_that_had_them_decoded(drawn: Drawn) -> None:
    source = MediaSource([open_media(drawn("long_gop.mp4"))])
    counts = [0, 0]

    def look(call: int) -> None:
        def count() -> None:
            counts[call] += 1

        started.wait()
        for number in range(100):
            source.pixels(Frame(0, call * 12.0 + number / 10), max_side=64, on_decoded=count)

    started = threading.Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(look, (0, 1)))
    assert counts == [100, 220]  # each from the keyframe at 0, whatever the other does
    assert source.frames_decoded == 320


def test_pool_closes_decoders_with_the_last_run_and_keeps_the_index(
    drawn: Drawn, indexed: list[str]
) -> None:
    pool = MediaPool()
    first, second = (open_media(drawn("plain.mp4"), pool=pool) for _ in range(2))
    first.picture(0.0)
    first.close()
    first.close()
    assert number_of(second.picture(1.0)) == 10
    with pytest.raises(VideoUnreadableError, match="was closed"):
        first.picture(1.0)
    second.close()
    assert second._shared._decoding is None
    third = open_media(drawn("plain.mp4"), pool=pool)
    assert indexed == ["plain.mp4"]
    third.picture(1.0)
    assert third.frames_decoded == 11  # as if it were the first: nothing hangs on runs before


def test_pool_keeps_few_idle_files(drawn: Drawn) -> None:
    pool = MediaPool(most_idle=1)
    for name in ("plain.mp4", "two.mp4", "b_frames.mp4"):
        open_media(drawn(name), pool=pool).close()
    assert [path.name for path, _ in pool._files] == ["b_frames.mp4"]


def test_pool_opens_a_changed_file_anew(drawn: Drawn, tmp_path: Path, indexed: list[str]) -> None:
    path = Path(shutil.copy(drawn("plain.mp4"), tmp_path / "a.mp4"))
    written = path.stat().st_mtime_ns
    pool = MediaPool()
    before: MediaFile = open_media(path, pool=pool)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    os.utime(path, ns=(written, written))  # its size and its time of writing tell nothing
    after = open_media(path, pool=pool)
    assert indexed == ["a.mp4", "a.mp4"]
    assert len(after.content_hash) == 64
    with pytest.raises(VideoUnreadableError, match="has changed"):
        _ = before.content_hash


def test_pool_lets_go_of_what_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"no video")
    pool = MediaPool()
    with pytest.raises(VideoUnreadableError):
        open_media(path, pool=pool)
    assert [file.n_users for file in pool._files.values()] == [0]


def test_recent_pictures_are_kept_within_their_bytes(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_pool, "RECENT_BYTES", 5 * 160 * 120 * 3)
    file = open_media(drawn("b_frames.mp4"))
    for number in range(60):
        file.picture(number / 10)
    recent: RecentPictures = file._shared._recent
    assert recent._bytes == 5 * 160 * 120 * 3
    assert len(recent._pictures) == 5
    file.close()
    assert recent._bytes == len(recent._pictures) == 0


class _StoppedReport(SilentReport):
    """Stops a run, as Ctrl-C does, when a frame comes out of the decoder."""

    def __init__(self, number: int) -> None:
        self._number = number

    def decoded(self, number: int) -> None:
        if number == self._number:
            raise KeyboardInterrupt


@pytest.mark.parametrize("stop", [1, 3, 5])
def test_pool_gives_no_other_run_the_cursor_that_was_stopped_amid_a_frame(
    stop: int, drawn: Drawn
) -> None:
    pool = MediaPool()
    path = drawn("b_frames.mp4")
    stopped, other = pool.open(path), pool.open(path)
    with pytest.raises(KeyboardInterrupt):
        list(stopped.reader("pyav").read([0.0, 0.5], report=_StoppedReport(stop)))
    frames = other.reader("pyav").read([0.5, 0.6])
    assert [number_of(frame.pixels) for frame in frames] == [5, 6]
