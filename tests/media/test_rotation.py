from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from tests.drawing import draw_frame
from vprog.media.index import build_index
from vprog.media.rotation import Turning, turn
from vprog.media.run_file import open_media

PICTURE = np.arange(6, dtype=np.uint8).reshape(2, 3, 1).repeat(3, axis=2)  # rows 0 1 2 / 3 4 5
QUARTERS = np.zeros((48, 64, 3), dtype=np.uint8)  # each quarter has a colour of its own
QUARTERS[:24, :32], QUARTERS[:24, 32:], QUARTERS[24:, :32] = (250, 20, 20), (20, 250, 20), 128


@pytest.mark.parametrize(
    ("turning", "shown"),
    [
        (Turning(0, False), [[0, 1, 2], [3, 4, 5]]),
        (Turning(90, False), [[3, 0], [4, 1], [5, 2]]),
        (Turning(180, False), [[5, 4, 3], [2, 1, 0]]),
        (Turning(270, False), [[2, 5], [1, 4], [0, 3]]),
        (Turning(0, True), [[2, 1, 0], [5, 4, 3]]),
        (Turning(180, True), [[3, 4, 5], [0, 1, 2]]),
        (Turning(90, True), [[0, 3], [1, 4], [2, 5]]),
        (Turning(270, True), [[5, 2], [4, 1], [3, 0]]),
    ],
)
def test_turn_shows_the_coded_picture(turning: Turning, shown: list[list[int]]) -> None:
    assert turn(PICTURE, turning.rotation, turning.mirrored)[:, :, 0].tolist() == shown


@pytest.mark.parametrize("ending", ["mp4", "mov"])
@pytest.mark.parametrize("codec", ["libx264", "png"])
@pytest.mark.parametrize(
    ("matrix", "turning"),
    [  # degrees counter-clockwise, left-right, up-down
        ((0, False, False), Turning(0, False)),
        ((-90, False, False), Turning(90, False)),
        ((180, False, False), Turning(180, False)),
        ((90, False, False), Turning(270, False)),
        ((0, True, False), Turning(0, True)),
        ((0, False, True), Turning(180, True)),
        ((90, True, False), Turning(270, True)),
        ((-90, True, False), Turning(90, True)),
    ],
)
def test_rotation_and_mirroring_are_those_of_the_track(
    tmp_path: Path, ending: str, codec: str, matrix: tuple[int, bool, bool], turning: Turning
) -> None:
    path = tmp_path / f"phone.{ending}"
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=10)
        stream.width, stream.height = 64, 48
        stream.pix_fmt = "rgb24" if codec == "png" else "yuv420p"
        degrees, across, down = matrix
        stream.set_display_rotation(degrees, hflip=across, vflip=down)
        out.mux(stream.encode(av.VideoFrame.from_ndarray(QUARTERS)))
        out.mux(stream.encode(None))
    video = build_index(path).video
    assert video is not None
    assert Turning(video.rotation, video.mirrored) == turning
    expected = turn(QUARTERS, turning.rotation, turning.mirrored)
    shown = open_media(path).picture(0.0)
    assert np.abs(shown.astype(int) - expected).mean() < 5


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_picture_is_turned_as_its_exif_says(tmp_path: Path, kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = "Jörg"  # an artist, in an encoding that only Windows would guess
    path = tmp_path / f"photo.{kind.lower()}"
    Image.fromarray(QUARTERS).save(path, kind, exif=exif, icc_profile=_profile(), quality=95)
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    shown = open_media(path).picture(0.0)
    assert shown.shape == expected.shape
    assert np.abs(shown.astype(int) - expected).mean() < 12


@pytest.mark.parametrize("ending", ["mp4", "mov", "avi"])
def test_frames_with_a_colour_profile_are_read(tmp_path: Path, ending: str) -> None:
    """Each frame a PNG with a profile: side data with a name, which PyAV must not be asked for."""
    path = tmp_path / f"screen.{ending}"
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("png", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "rgb24"
        out.start_encoding()
        for number in range(20):
            packet = av.Packet(_png(draw_frame(number, 160, 120)))
            packet.stream, packet.time_base = stream, Fraction(1, 10)
            packet.pts = packet.dts = number
            packet.is_keyframe = True
            out.mux(packet)
    file = open_media(path)
    for _ in range(3):
        for number, decoded in enumerate(file.frames([index / 10 for index in range(20)])):
            assert (decoded.pixels == draw_frame(number, 160, 120)).all()


def _png(picture: NDArray[np.uint8]) -> bytes:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG", icc_profile=_profile())
    return data.getvalue()


def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
