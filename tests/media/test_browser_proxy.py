"""Proxies: the frames of a span at their times, in a form that browsers play, made once."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import av
import pytest

from tests.real_media import MediaFolder
from vprog.errors import DiskFullError, UsageError
from vprog.media.browser_proxy import KINDS, ProxyName, kinds_here, proxy_bytes, proxy_file
from vprog.media.run_file import open_media


@pytest.mark.parametrize("kind", kinds_here())
def test_proxy_shows_the_frames_of_a_span_at_their_times(kind: ProxyName, clip: Path) -> None:
    file = open_media(clip)
    try:
        content = proxy_bytes(file, 0.5, 1.5, kind, lines=100)
        times = [time for time in file.stream.times if 0.5 <= time <= 1.5]
    finally:
        file.close()
    with av.open(io.BytesIO(content)) as proxy:
        (picture,) = proxy.streams.video
        shown = [float(frame.pts * frame.time_base) for frame in proxy.decode(picture)]
    assert shown == pytest.approx([time - 0.5 for time in times], abs=2e-3)
    assert picture.height <= 100
    assert picture.width % 2 == picture.height % 2 == 0
    assert KINDS[kind].type.startswith("video/")


def test_proxy_has_the_sound_of_the_span(media_dir: MediaFolder) -> None:
    file = open_media(media_dir / "speech" / "jfk.flac")
    try:
        content = proxy_bytes(file, 2.0, 5.0, "vp9")
    finally:
        file.close()
    with av.open(io.BytesIO(content)) as proxy:
        assert not proxy.streams.video
        length = sum(frame.samples / frame.sample_rate for frame in proxy.decode(audio=0))
    assert length == pytest.approx(3.0, abs=0.1)


def test_proxy_is_made_once_and_kept_under_its_digest(clip: Path, tmp_path: Path) -> None:
    file = open_media(clip)
    try:
        path = proxy_file(file, 0.0, 1.0, "vp9", tmp_path)
        before = path.stat().st_ino
        assert proxy_file(file, 0.0, 1.0, "vp9", tmp_path) == path
        assert path.stat().st_ino == before
        assert proxy_file(file, 0.0, 0.9, "vp9", tmp_path) != path
        with pytest.raises(UsageError, match="at most 30 s"):
            proxy_file(file, 0.0, 31.0, "vp9", tmp_path)
        with pytest.raises(UsageError, match="no such kind"):
            proxy_file(file, 0.0, 1.0, "gif", tmp_path)
    finally:
        file.close()
    assert len(list(tmp_path.iterdir())) == 2


def test_proxy_on_a_full_disk_leaves_no_half(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    file = open_media(clip)
    try:
        with pytest.raises(DiskFullError, match="No space left"):
            proxy_file(file, 0.0, 0.2, kinds_here()[0], tmp_path)
    finally:
        file.close()
    assert list(tmp_path.iterdir()) == []
