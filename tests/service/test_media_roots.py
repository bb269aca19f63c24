"""Which files clients may name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vprog.errors import UsageError
from vprog.service.media_roots import MediaRoots


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "root-2").mkdir()
    for name in ("root/clip.mp4", "root/sub/a b.mp4", "root-2/other.mp4", "secret.mp4"):
        (tmp_path / name).write_bytes(b"video")
    os.mkfifo(folder / "pipe")
    (folder / "out.mp4").symlink_to(tmp_path / "secret.mp4")
    (folder / "up").symlink_to(tmp_path)
    (folder / "in.mp4").symlink_to(folder / "clip.mp4")
    (folder / "null").symlink_to("/dev/null")
    return folder


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("file://{root}/clip.mp4", "clip.mp4"),
        ("file://localhost{root}/clip.mp4", "clip.mp4"),
        ("file:{root}/clip.mp4", "clip.mp4"),
        ("{root}/clip.mp4", "clip.mp4"),
        ("clip.mp4", "clip.mp4"),
        ("file://{root}/sub/a%20b.mp4", "sub/a b.mp4"),
        ("sub/a b.mp4", "sub/a b.mp4"),
        ("sub/../clip.mp4", "clip.mp4"),
        ("in.mp4", "clip.mp4"),
    ],
)
def test_media_roots_find_files_below_a_root(root: Path, name: str, found: str) -> None:
    assert MediaRoots([root]).find(name.format(root=root)) == root / found


@pytest.mark.parametrize(
    "name",
    [
        "file:///etc/passwd",
        "/etc/passwd",
        "{root}/../secret.mp4",
        "../secret.mp4",
        "file://{root}/%2e%2e/secret.mp4",
        "{root}-2/other.mp4",
        "out.mp4",
        "up/secret.mp4",
        "{root}/missing.mp4",
        "missing.mp4",
        "/etc/missing",
        "pipe",
        "null",
        "sub",
        ".",
        "/dev/zero",
        "file://elsewhere/clip.mp4",
        "file://{root}/clip.mp4?x",
        "http://169.254.169.254/clip.mp4",
        "ftp://x/clip.mp4",
        "clip.mp4\x00.jpg",
        "file://{root}/clip.mp4%00",
        "",
        "a" * 5000,
    ],
)
def test_media_roots_refuse_all_else(root: Path, name: str) -> None:
    with pytest.raises(UsageError):
        MediaRoots([root]).find(name.format(root=root))


@pytest.mark.parametrize("name", ["sub", ".", "{root}", "file://{root}/sub"])
def test_media_roots_find_folders(root: Path, name: str) -> None:
    found = MediaRoots([root]).find_folder(name.format(root=root))
    assert found == (root / "sub" if name.endswith("sub") else root)


@pytest.mark.parametrize("name", ["clip.mp4", "..", "/etc", "up", "missing", ""])
def test_media_roots_refuse_other_folders(root: Path, name: str) -> None:
    with pytest.raises(UsageError):
        MediaRoots([root]).find_folder(name)


def test_media_roots_do_not_tell_what_lies_elsewhere(root: Path) -> None:
    messages = []
    for name in ("/etc/passwd", "/etc/missing", "../secret.mp4", "../none.mp4"):
        with pytest.raises(UsageError) as caught:
            MediaRoots([root]).find(name)
        messages.append(str(caught.value).replace(repr(name), "NAME"))
    assert len(set(messages)) == 1


def test_media_roots_say_that_there_is_none(root: Path) -> None:
    with pytest.raises(UsageError, match="start it with --media-root DIR"):
        MediaRoots().find(str(root / "clip.mp4"))
    with pytest.raises(UsageError, match="no such folder"):
        MediaRoots([root / "missing"])
    with pytest.raises(UsageError, match="is no folder"):
        MediaRoots([root / "clip.mp4"])
