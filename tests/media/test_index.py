from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.drawing import draw_video
from tests.media.conftest import DRAWN, VFR_STAMPS, Drawn
from tests.real_media import FOLDERS
from vprog.errors import VideoNotFoundError, VideoUnreadableError
from vprog.media.index import build_index
from vprog.media.pyav_reader import PyavReader

# file: (container, codec, width, height, rotation, fps, frames, seconds, sound)
REAL = {
    "formats/av1_video.mkv": ("matroska", "av1", 640, 360, 0, 25.0, 125, 5.0, None),
    "formats/h265_video.mp4": ("mp4", "hevc", 128, 128, 0, 10.0, 10, 1.0, None),
    "formats/newtonscradle.gif": ("gif", "gif", 200, 150, 0, 43.75, 36, 0.82, None),
    "formats/no_duration.webm": ("webm", "vp9", 1280, 720, 0, 14.985, 74, 4.938, "opus"),
    "formats/realshort.mp4": ("mp4", "h264", 320, 240, 0, 30.02, 36, 1.199, "aac"),
    "formats/video_90.mov": ("mov", "h264", 320, 568, 90, 30.0, 3, 0.1, None),
    "formats/vp8_vorbis_1s.webm": ("webm", "vp8", 1280, 720, 0, 24.0, 24, 1.008, "vorbis"),
    "clips/dog.mp4": ("mp4", "h264", 1280, 720, 0, 29.97, 289, 9.664, "aac"),
    "clips/carphone_pristine.mp4": ("mp4", "h264", 176, 144, 0, 29.97, 120, 4.004, None),
    "clips/tree.avi": ("avi", "cinepak", 320, 240, 0, 2.269, 68, 29.6, None),
    "clips/flipping_a_pancake.mkv": ("matroska", "h264", 426, 240, 0, 30.0, 310, 10.374, "opus"),
    "text/counter.mp4": ("mp4", "h264", 1920, 1080, 0, 10.0, 30, 3.0, None),
    "text/smpte-2997.mp4": ("mp4", "h264", 1920, 1080, 0, 25.0, 251, 10.048, "aac"),
    "pets/vtest_0-30s.avi": ("avi", "msmpeg4v3", 768, 576, 0, 10.0, 300, 30.0, None),
    "shots/testvideo.mp4": ("mp4", "h264", 1280, 720, 0, 29.97, 720, 24.024, None),
}

# file: (frames, seconds, part of a warning or None); or an error and a part of its message
BROKEN: dict[str, tuple[int, float, str | None] | tuple[type[Exception], str]] = {
    "corrupted_packets.mp4": (50, 5.0, None),  # the damage shows when frames are read
    "truncated_tail.mp4": (46, 1.635, "cut short: 46 of the 289 frames"),
    "truncated_vtest.avi": (38, 3.8, "cut short: 38 of the 795 frames"),
    "failing_audio.mp4": (280, 11.234, None),
    "truncated_audio.flac": (0, 0.522, "cut short: it ends at 0:00.52 instead of 0:11"),
    "truncated_image.jpg": (1, 0.04, "decoded 1 of 1 frames, in part"),
    "jpeg_named_video.avi": (1, 0.04, None),
    "zero_bytes.mp4": (VideoUnreadableError, "is empty (0 bytes)"),
    "not_a_video.mp4": (VideoUnreadableError, "is not a video or sound file"),
}


@pytest.mark.parametrize("name", REAL)
def test_index_of_real_files_is_exact(name: str, media_dir: Path) -> None:
    container, codec, width, height, rotation, fps, n_frames, seconds, sound = REAL[name]

    index = build_index(media_dir / name)

    video = index.video
    assert video is not None
    assert (index.container, video.codec) == (container, codec)
    assert (video.width, video.height, video.rotation) == (width, height, rotation)
    assert video.fps == pytest.approx(fps, abs=0.001)
    assert len(video.times) == len(video.keyframes) == n_frames
    assert video.times[0] == 0.0
    assert video.keyframes[0]
    assert index.duration == pytest.approx(seconds, abs=0.001)
    assert (index.audio.codec if index.audio else None) == sound
    assert index.warnings == ()


def test_subtitles_in_place_of_a_video_are_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "talk.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")

    with pytest.raises(VideoUnreadableError) as raised:
        build_index(path)

    assert "--subs" in str(raised.value.hint)


@pytest.mark.parametrize("name", BROKEN)
def test_index_of_broken_files_is_as_stated(name: str, media_dir: Path) -> None:
    expected = BROKEN[name]
    path = media_dir / "broken" / name
    if isinstance(expected[0], type):
        with pytest.raises(expected[0]) as raised:
            build_index(path)
        assert str(expected[1]) in str(raised.value)
        assert name in str(raised.value)
        return
    n_frames, seconds, warning = expected  # type: ignore[misc]

    index = build_index(path)

    assert (len(index.video.times) if index.video else 0) == n_frames
    assert index.duration == pytest.approx(seconds, abs=0.001)
    if warning is None:
        assert index.warnings == ()
    else:
        assert len(index.warnings) == 1
        assert index.warnings[0].startswith(f"{name}: ")
        assert warning in index.warnings[0]


def test_index_names_every_broken_file() -> None:
    names = {path.name for folder in FOLDERS for path in (folder / "broken").glob("*")}
    assert names <= set(BROKEN)


@pytest.mark.parametrize("name", ["jfk.flac", "goforward.wav"])
def test_index_of_a_sound_file_has_no_picture(name: str, media_dir: Path) -> None:
    index = build_index(media_dir / "speech" / name)
    assert index.video is None
    assert index.audio is not None
    assert index.duration == index.audio.duration > 2.7


@pytest.mark.parametrize("name", DRAWN)
def test_index_of_drawn_files_has_every_frame(name: str, drawn: Drawn) -> None:
    truth = DRAWN[name]
    stamps = truth.get("stamps")
    fps = truth.get("fps", 10)
    if stamps is None:
        expected = np.arange(truth.get("n_frames", 30)) / fps
    else:
        expected = (np.array(stamps) - stamps[0]) / 1000

    index = build_index(drawn(name))

    assert index.video is not None
    assert index.video.times == pytest.approx(expected, abs=1e-6)
    assert ("assumed" in "".join(index.warnings)) == (name == "bare.h264")
    assert len(index.warnings) == (name == "bare.h264")
    assert (index.video.width, index.video.height) == truth.get("size", (160, 120))
    assert index.video.rotation == truth.get("rotation", 0)


def test_index_starts_at_the_first_displayed_frame(drawn: Drawn) -> None:
    assert build_index(drawn("offset.mkv")).origin == 5.0
    assert build_index(drawn("offset.mkv")).duration == pytest.approx(2.0)
    assert build_index(drawn("negative.ts")).origin == -1.0
    assert build_index(drawn("negative.ts")).duration == pytest.approx(2.0)


def test_index_leaves_out_what_an_edit_list_hides(tmp_path: Path) -> None:
    path = draw_video(
        tmp_path / "hidden.mp4", stamps=[-1000 + 100 * number for number in range(20)]
    )
    index = build_index(path)
    assert index.video is not None
    assert index.video.times == pytest.approx(np.arange(10) / 10)


def test_index_drops_frames_before_the_first_keyframe(drawn: Drawn, tmp_path: Path) -> None:
    data = drawn("stream.ts").read_bytes()
    cut = tmp_path / "cut.ts"
    cut.write_bytes(data[188 * (len(data) // 188 // 3) :])
    index = build_index(cut)
    assert index.video is not None
    assert index.video.keyframes[0]
    assert index.video.start > 0.5  # the sound is there before the first keyframe
    assert index.sounds[0].start == 0.0
    assert len(index.video.times) in range(20, 50)
    assert "cannot be decoded: no keyframe stands before them" in index.warnings[0]


def test_index_finds_the_frame_on_display(drawn: Drawn) -> None:
    video = build_index(drawn("vfr.mkv")).video
    assert video is not None
    asked = [-1.0, 0.0, 0.0399, 0.04, 0.044, 0.0451, 0.29, 0.3, 1.0005, 1.2, 4.015, 99.0]
    assert [video.at(item) for item in asked] == [0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 8, 9]
    assert [video.at(float(time)) for time in video.times] == list(range(len(VFR_STAMPS)))


def test_index_title_is_one_printable_line(drawn: Drawn) -> None:
    assert build_index(drawn("plain.mp4")).title == "A drawn film"


def test_index_arrays_cannot_be_changed(drawn: Drawn) -> None:
    video = build_index(drawn("plain.mp4")).video
    assert video is not None
    with pytest.raises(ValueError, match="read-only"):
        video.times[0] = 1.0


def test_index_trusts_no_keyframe_of_an_avi_without_its_index(media_dir: Path) -> None:
    video = build_index(media_dir / "broken" / "truncated_vtest.avi").video
    assert video is not None
    assert video.keyframes.nonzero()[0].tolist() == [0]


def test_index_takes_a_cover_picture_for_no_video(tmp_path: Path) -> None:
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as out:
        sound = out.add_stream("aac", rate=48_000)
        cover = out.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        out.mux(cover.encode(frame.reformat(format="yuvj420p")))
        for at in range(0, 48_000, 1024):
            piece = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            piece.sample_rate, piece.pts = 48_000, at
            out.mux(sound.encode(piece))
        out.mux(sound.encode(None))
    index = build_index(path)
    assert index.video is None
    assert index.audio is not None


def test_index_refuses_pictures_over_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "huge.gif"
    path.write_bytes(_huge_gif(60_000, 60_000))
    with pytest.raises(VideoUnreadableError, match=r"larger than the limit|can be decoded"):
        build_index(path)


def test_index_says_where_no_file_is(tmp_path: Path) -> None:
    with pytest.raises(VideoNotFoundError, match="no file at"):
        build_index(tmp_path / "absent.mp4")


@pytest.mark.parametrize("kept", [1, 40, 300, 700, 1500, 4000])
@pytest.mark.parametrize(
    "name", ["vfr.mkv", "stream.ts", "b_frames.avi", "beeps.mp4", "drawn.gif", "vp9.webm"]
)
def test_index_of_a_head_works_or_says_why(
    name: str, kept: int, drawn: Drawn, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(drawn(name).read_bytes()[:kept])
    _check_or_refuse(path)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", ["b_frames.mp4", "stream.ts", "vfr.mkv", "hidden.webm"])
def test_index_of_damaged_bytes_works_or_says_why(
    name: str, seed: int, drawn: Drawn, tmp_path: Path
) -> None:
    random = np.random.default_rng(seed)
    data = bytearray(drawn(name).read_bytes())
    for place in random.integers(0, len(data), 40):
        data[int(place)] = int(random.integers(256))
    path = tmp_path / name
    path.write_bytes(bytes(data))
    _check_or_refuse(path)


def _check_or_refuse(path: Path) -> None:
    try:
        index = build_index(path)
    except VideoUnreadableError as error:
        message = str(error)
    else:
        message = path.name
        assert index.video is not None or index.audio is not None
        assert index.duration >= 0
        if index.video is not None:
            assert (np.diff(index.video.times) > 0).all()
            frames = PyavReader(index).read(index.video.times[::7].tolist(), max_side=32)
            assert len(list(frames)) == len(index.video.times[::7])
    assert path.name in message


def _huge_gif(width: int, height: int) -> bytes:
    size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    screen = b"GIF89a" + size + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    picture = b"," + b"\0\0\0\0" + size + b"\0" + b"\x02\x02\x4c\x01\0"
    return screen + picture + b";"


def test_a_file_of_half_a_year_is_damaged(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "a.mkv", 2, stamps=[0, 15_000_000], time_base=Fraction(1, 1))
    with pytest.raises(VideoUnreadableError, match="its time stamps reach over"):
        build_index(path)
