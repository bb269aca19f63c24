"""The text in one frame."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import cv2
import pytest

from tests.drawing import Picture
from tests.modules.scenes import painted
from vprog.errors import ModuleInputError, NoVideoStreamError
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.registry.call_context import CallContext, using
from vprog.types import Box, Frame, TextLine
from vprog_modules.text.read_text_rapid import ReadTextRapid


@pytest.fixture(scope="module")
def reader() -> Iterator[ReadTextRapid]:
    module = ReadTextRapid()
    module.load("cpu")
    yield module
    module.unload()


def read(reader: ReadTextRapid, path: Path, frame: Frame, min_score: float = 0.5) -> list[TextLine]:
    source = MediaSource([open_media(path)])
    with using(CallContext(source)):
        found = reader(frame, min_score=min_score)
    source.close()
    return found


def written(path: Path, text: str, *, scale: float = 1.0, size: tuple[int, int]) -> Path:
    def paint(_: int, picture: Picture) -> None:
        cv2.putText(picture, text, (20, 100), cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), 2)

    return painted(path, 1, paint, size=size, background=(20, 20, 60))


@pytest.mark.parametrize("number", [1, 13, 27, 30])
def test_read_text_reads_a_counter(reader: ReadTextRapid, media_dir: Path, number: int) -> None:
    frame = Frame(0, (number - 1) / 10)
    lines = read(reader, media_dir / "text" / "counter.mp4", frame)
    assert [line.text for line in lines] == [
        f"Frame = {number}",
        f"PTS = {(number - 1) / 10:.1f}s",
    ]
    for line in lines:
        assert line.frame == frame
        assert 0.9 < line.score <= 1
        assert 1240 < line.box.x0 < line.box.x1 <= 1920
        assert 750 < line.box.y0 < line.box.y1 <= 1080


@pytest.mark.parametrize(
    ("time", "texts"),
    [
        (1.0, {"30.000", "1.001", "00:00:01;00"}),
        (5.0, {"150.000", "5.005", "00:00:05;00"}),
        (10.0, {"300.000", "10.010", "00:00:10;00"}),
    ],
)
def test_read_text_reads_a_clock(
    reader: ReadTextRapid, media_dir: Path, time: float, texts: set[str]
) -> None:
    lines = read(reader, media_dir / "text" / "smpte-2997.mp4", Frame(0, time))
    assert {line.text for line in lines} == texts


def test_read_text_reads_captions_over_a_scene(reader: ReadTextRapid, media_dir: Path) -> None:
    lines = read(reader, media_dir / "shots" / "testvideo.mp4", Frame(0, 9.0))
    assert [line.text for line in lines] == [
        "Copyright © 2013 Brandon Castellano",
        "www.bcastell.com",
    ]


def test_read_text_gives_boxes_of_the_whole_frame_for_a_region(
    reader: ReadTextRapid, media_dir: Path
) -> None:
    path = media_dir / "text" / "counter.mp4"
    whole = read(reader, path, Frame(0, 1.2))[1]
    region = Frame(0, 1.2, Box(1200.0, 905.0, 1920.0, 1080.0))
    (line,) = read(reader, path, region)
    assert line.text == "PTS = 1.2s"
    assert line.box == pytest.approx(whole.box, abs=15)


@pytest.mark.parametrize(
    ("size", "scale"), [((176, 144), 0.5), ((320, 240), 0.6), ((3840, 2160), 2)]
)
def test_read_text_reads_pictures_of_any_size(
    reader: ReadTextRapid, tmp_path: Path, size: tuple[int, int], scale: float
) -> None:
    (line,) = read(
        reader, written(tmp_path / "v.mp4", "Gate 12", scale=scale, size=size), Frame(0, 0)
    )
    assert line.text == "Gate 12"
    assert line.box.y1 == pytest.approx(100, abs=12 * scale + 12)
    assert line.box.x0 == pytest.approx(20, abs=16 * scale + 6)


def test_read_text_of_an_empty_picture_is_empty(reader: ReadTextRapid, tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 1, lambda n, p: None)
    assert read(reader, path, Frame(0, 0)) == []
    assert read(reader, path, Frame(0, 0, Box(0, 0, 1, 1))) == []
    assert read(reader, path, Frame(0, 0, Box(0, 100, 320, 101))) == []


def test_read_text_drops_lines_of_low_score(reader: ReadTextRapid, tmp_path: Path) -> None:
    path = written(tmp_path / "v.mp4", "Gate 12", size=(320, 240))
    assert read(reader, path, Frame(0, 0), min_score=1.0) == []


def test_read_text_of_bad_input_is_an_error(reader: ReadTextRapid, media_dir: Path) -> None:
    with pytest.raises(ModuleInputError):
        read(reader, media_dir / "text" / "counter.mp4", Frame(0, 0, Box(5000, 0, 6000, 10)))
    with pytest.raises(NoVideoStreamError):
        read(reader, media_dir / "speech" / "jfk.flac", Frame(0, 0))


def test_read_text_asks_no_network_writes_no_file_and_prints_nothing(media_dir: Path) -> None:
    script = dedent(
        """
        import os, sys
        from vprog.media.run_file import open_media
        from vprog.media.run_videos import MediaSource
        from vprog.registry.call_context import CallContext, using
        from vprog.types import Frame
        from vprog_modules.text.read_text_rapid import ReadTextRapid

        sys.dont_write_bytecode = True
        seen = []

        def watch(event, arguments):
            if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
                seen.append((event, arguments))
            if event == "open" and isinstance(arguments[2], int) and arguments[2] & (
                os.O_WRONLY | os.O_RDWR | os.O_CREAT
            ):
                if arguments[0] != os.devnull:
                    seen.append((event, arguments))

        sys.addaudithook(watch)
        reader = ReadTextRapid()
        reader.load("cpu")
        with using(CallContext(MediaSource([open_media(sys.argv[1])]))):
            texts = [line.text for line in reader(Frame(0, 0.0))]
        assert texts == ["Frame = 1", "PTS = 0.0s"], texts
        assert not seen, seen
        """
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(media_dir / "text" / "counter.mp4")],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
