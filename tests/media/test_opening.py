from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from tests.media.conftest import Drawn
from vprog.errors import VideoError, VideoNotFoundError, VideoUnreadableError
from vprog.media.index import build_index
from vprog.media.opening import identify, open_container


@pytest.mark.parametrize(
    "name",
    ["http://example.org/a.mp4", "https://example.org/a.mp4", "rtsp://127.0.0.1/x", "s3://b/k.mp4"],
)
def test_opening_an_address_says_that_files_are_read(name: str) -> None:
    with pytest.raises(VideoNotFoundError, match="download it first"):
        identify(name)


@pytest.mark.parametrize(
    "name",
    ["concat:a.mp4|b.mp4", "pipe:0", "-", "fd:", "data:video/mp4;base64,AAAA", "", "a%03d.jpg"],
)
def test_opening_a_protocol_looks_for_a_file_of_that_name(name: str) -> None:
    with pytest.raises(VideoNotFoundError, match="no file at"):
        identify(name)


@pytest.mark.parametrize(
    "name",
    ["concat:a|b.mp4", "pipe:0.mp4", "%03d.mp4", "-i.mp4", "käse \U0001f9c0.mp4", "a\nb.mp4"],
)
def test_opening_a_file_with_a_strange_name_works(
    name: str, drawn: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(drawn("two.mp4"), tmp_path / name)
    monkeypatch.chdir(tmp_path)
    index = build_index(name)
    assert index.video is not None
    assert index.path == tmp_path / name


def test_opening_a_folder_pipe_socket_or_device_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket.mp4"))
        for name, what in (
            (str(tmp_path), "a folder"),
            (str(tmp_path / "pipe.mp4"), "a pipe"),
            (str(tmp_path / "socket.mp4"), "a socket"),
            ("/dev/zero", "a device"),
        ):
            with pytest.raises(VideoUnreadableError, match=f"is {what}"):
                build_index(name)


def test_opening_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").symlink_to(tmp_path / "b.mp4")
    (tmp_path / "b.mp4").symlink_to(tmp_path / "a.mp4")
    with pytest.raises(VideoUnreadableError, match="symbolic links"):
        build_index(tmp_path / "a.mp4")


def test_opening_follows_a_link_to_a_file(drawn: Drawn, tmp_path: Path) -> None:
    (tmp_path / "link.mp4").symlink_to(drawn("two.mp4"))
    assert build_index(tmp_path / "link.mp4").video is not None


def test_opening_below_a_file_or_with_a_null_is_an_error(drawn: Drawn) -> None:
    with pytest.raises(VideoError):
        identify(drawn("two.mp4") / "below.mp4")
    with pytest.raises(VideoUnreadableError, match="null"):
        identify("a\0b.mp4")


def test_opening_shows_no_control_characters() -> None:
    with pytest.raises(VideoNotFoundError) as raised:
        identify("a\x1b[2Jb\n.mp4")
    assert str(raised.value).isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{other}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{other}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{other}'\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
        "<Period><AdaptationSet><Representation><BaseURL>{other}</BaseURL>"
        "</Representation></AdaptationSet></Period></MPD>",
        "[playlist]\nFile1={other}\n",
        "# VobSub index file, v7\nid: en, index: 0\n",
    ],
)
@pytest.mark.parametrize("ending", [".mp4", ".m3u8", ".ffconcat", ".sdp", ".mpd", ".idx"])
def test_opening_a_list_of_other_files_is_refused(
    text: str, ending: str, drawn: Drawn, tmp_path: Path
) -> None:
    path = tmp_path / f"list{ending}"
    path.write_text(text.format(other=drawn("two.mp4")))
    with pytest.raises(VideoUnreadableError, match=f"list{ending}"):
        build_index(path)


def test_opening_a_changed_file_is_refused(drawn: Drawn, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    shutil.copy(drawn("plain.mp4"), path)
    where, identity = identify(path)
    shutil.copy(drawn("two.mp4"), path)
    with pytest.raises(VideoUnreadableError, match="has changed"):
        open_container(where, identity)


def test_opening_leaves_no_descriptor_behind(drawn: Drawn, tmp_path: Path) -> None:
    where, identity = identify(drawn("plain.mp4"))
    bad = tmp_path / "bad.mp4"
    bad.write_text("no video")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        open_container(where, identity).close()
        with pytest.raises(VideoUnreadableError):
            open_container(*identify(bad))
    assert len(os.listdir("/proc/self/fd")) <= before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_opening_without_permission_says_so(tmp_path: Path) -> None:
    path = tmp_path / "secret.mp4"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(VideoUnreadableError, match="ermission"):
        build_index(path)
