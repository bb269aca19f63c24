from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from vprog.errors import VideoNotFoundError, VideoUnreadableError
from vprog.media import fingerprint
from vprog.media.fingerprint import file_hash, hash_with_subtitles


def test_file_hash_is_sha256_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"abc")
    assert file_hash(path) == hashlib.sha256(b"abc").hexdigest()


def test_file_hash_follows_a_change(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"abc")
    first = file_hash(path)
    path.write_bytes(b"abd")
    os.utime(path, ns=(1, 1))
    assert file_hash(path) != first


def test_file_hash_reads_a_file_once(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"once")
    first = file_hash(path)
    known = len(fingerprint._known)
    assert file_hash(str(path)) == first
    assert len(fingerprint._known) == known


def test_file_hash_keeps_the_hashes_of_so_many_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprint, "_known", {})
    monkeypatch.setattr(fingerprint, "_MOST_KNOWN", 2)
    paths = [tmp_path / f"{name}.mp4" for name in "abc"]
    for path in paths:
        path.write_bytes(path.name.encode())
        file_hash(path)
    assert [Path(where).name for where, _ in fingerprint._known] == ["b.mp4", "c.mp4"]
    assert file_hash(paths[0]) == hashlib.sha256(b"a.mp4").hexdigest()


def test_hash_with_subtitles_changes_with_them(tmp_path: Path) -> None:
    video, subtitles = tmp_path / "a.mp4", tmp_path / "a.srt"
    video.write_bytes(b"video")
    subtitles.write_bytes(b"one")
    alone = file_hash(video)
    with_one = hash_with_subtitles(alone, subtitles)
    subtitles.write_bytes(b"three")
    assert len({alone, with_one, hash_with_subtitles(alone, subtitles)}) == 3


def test_file_hash_of_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(VideoNotFoundError):
        file_hash(tmp_path / "absent")
    with pytest.raises(VideoUnreadableError):
        file_hash(tmp_path)
