from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.drawing import draw_subtitled, number_of
from tests.media.conftest import Drawn
from vprog.errors import SubtitlesUnreadableError, UsageError, VideoNotFoundError
from vprog.media.decoder import decoder_channel
from vprog.media.decoder.decoder_process import DecoderChild
from vprog.media.decoder.decoder_start import HAS_PROCESSES
from vprog.media.file_readers import Decoding
from vprog.media.index import MediaIndex
from vprog.media.media_pool import MediaPool
from vprog.media.opening import FileIdentity
from vprog.media.run_file import open_media
from vprog.media.subtitles import Subtitle
from vprog.types.frame import Video
from vprog.types.metadata import Metadata, Stream

SRT = "1\n00:00:01,000 --> 00:00:02,000\n{text}\n"


def test_file_gives_facts_and_the_video_of_programs(drawn: Drawn) -> None:
    path = drawn("beeps.mp4")
    file = open_media(path)
    seconds = pytest.approx(4.0, abs=0.03)
    assert file.facts() == Metadata(
        container="mp4",
        duration=seconds,
        size_bytes=path.stat().st_size,
        width=160,
        height=120,
        fps=10.0,
        n_frames=40,
        rotation=0,
        video_codec="h264",
        audio_codec="aac",
        sample_rate=48_000,
        channels=1,
        n_subtitle_streams=0,
        title="",
        n_video_streams=1,
        n_audio_streams=1,
        streams=[
            Stream("video", 1, "h264", "", "und", "", 0.0, 4.0, True, True),
            Stream("audio", 1, "aac", "", "und", "", 0.0, seconds, True, True),
        ],
        chapters=[],
        video_start=0.0,
        audio_start=0.0,
        pixel_format="yuv420p",
        bit_depth=8,
        hdr="",
        is_interlaced=False,
        is_mirrored=False,
        has_alpha=False,
        created="",
        aspect_ratio="4:3",
    )
    assert file.video(3) == Video(
        index=3,
        duration=file.index.duration,
        width=160,
        height=120,
        fps=10.0,
        n_frames=40,
        has_audio=True,
        has_subtitles=False,
    )
    assert file.warnings == ()
    file.close()


def test_file_with_sound_only_has_no_size(media_dir: Path) -> None:
    video = open_media(media_dir / "speech" / "jfk.flac").video(0)
    assert (video.width, video.height, video.fps, video.n_frames) == (0, 0, 0.0, 0)
    assert video.has_audio
    assert video.duration == pytest.approx(11.0)


def test_file_takes_the_subtitles_given_then_beside_then_inside(tmp_path: Path) -> None:
    path = draw_subtitled(tmp_path / "a.mkv", "subrip", [("inside", 1000, 2000)])
    given = tmp_path / "other.srt"
    given.write_text(SRT.format(text="given"))

    file = open_media(path)
    assert file.subtitles() == [Subtitle("inside", 1.0, 2.0)]
    assert file.video(0).has_subtitles
    assert file.subtitles_path is None
    inside_hash = file.content_hash

    (tmp_path / "a.srt").write_text(SRT.format(text="beside"))
    file = open_media(path)
    assert file.subtitles() == [Subtitle("beside", 1.0, 2.0)]
    assert file.subtitles_path == tmp_path / "a.srt"
    beside_hash = file.content_hash

    file = open_media(path, subtitles=given)
    assert file.subtitles() == [Subtitle("given", 1.0, 2.0)]
    assert len({inside_hash, beside_hash, file.content_hash}) == 3


def test_file_warns_of_a_side_car_that_cannot_be_read(drawn: Drawn, tmp_path: Path) -> None:
    shutil.copy(drawn("two.mp4"), tmp_path / "a.mp4")
    (tmp_path / "a.srt").write_text("no subtitles at all")
    file = open_media(tmp_path / "a.mp4")
    assert file.subtitles() == []
    assert not file.video(0).has_subtitles
    assert len(file.warnings) == 1
    assert "subtitles beside it are left out" in file.warnings[0]


def test_subtitles_without_text_are_none_where_there_is_no_sound_either(tmp_path: Path) -> None:
    texts = [("{\\p1}m 0 0 l 9 9", 1000, 2000)]
    file = open_media(draw_subtitled(tmp_path / "a.mkv", "ass", texts))
    assert not file.video(0).has_subtitles
    assert file.warnings == ("a.mkv: no text can be read in its subtitles",)
    (tmp_path / "a.vtt").write_text("WEBVTT\n")
    assert not open_media(tmp_path / "a.mkv").video(0).has_subtitles


@pytest.mark.skipif(not HAS_PROCESSES, reason="files are decoded in this process here")
@pytest.mark.parametrize(
    ("number", "words"), [(signal.SIGKILL, "died of SIGKILL"), (signal.SIGSTOP, "no sign of life")]
)
def test_a_side_car_that_takes_its_reader_down_is_left_out_or_refused(
    drawn: Drawn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
    words: str,
) -> None:
    def opened(path: Path, identity: FileIdentity, index: MediaIndex | None) -> Decoding:
        child = DecoderChild(path, identity, index, memory_mb=4096)
        if path.suffix == ".srt":
            with child.channel():  # the process runs
                assert child._process is not None
                os.kill(child._process._pid, number)
                monkeypatch.setattr(decoder_channel, "SILENCE_S", 0.2)
        return child

    shutil.copy(drawn("two.mp4"), tmp_path / "a.mp4")
    (tmp_path / "a.srt").write_text(SRT.format(text="Hello"))
    pool = MediaPool(open_decoding=opened)
    file = open_media(tmp_path / "a.mp4", pool=pool)
    monkeypatch.undo()
    assert number_of(file.picture(0.0)) == 0
    (warning,) = file.warnings
    assert "the subtitles beside it are left out" in warning
    assert words in warning
    with pytest.raises(SubtitlesUnreadableError, match=words):
        open_media(tmp_path / "a.mp4", subtitles=tmp_path / "a.srt", pool=pool)
    file.close()


def test_an_empty_side_car_is_left_out(drawn: Drawn, tmp_path: Path) -> None:
    shutil.copy(drawn("two.mp4"), tmp_path / "a.mp4")
    (tmp_path / "a.srt").touch()
    (warning,) = open_media(tmp_path / "a.mp4").warnings
    assert 'a.srt" is empty' in warning


def test_file_refuses_given_subtitles_that_cannot_be_read(drawn: Drawn, tmp_path: Path) -> None:
    bad = tmp_path / "bad.srt"
    bad.write_text("no subtitles at all")
    with pytest.raises(SubtitlesUnreadableError):
        open_media(drawn("two.mp4"), subtitles=bad)
    with pytest.raises(VideoNotFoundError):
        open_media(drawn("two.mp4"), subtitles=tmp_path / "absent.srt")


def test_file_refuses_an_unknown_reader(drawn: Drawn) -> None:
    with pytest.raises(UsageError, match='unknown reader "opencv"'):
        open_media(drawn("two.mp4"), reader="opencv")


def test_file_gathers_the_warnings_of_its_parts(media_dir: Path) -> None:
    file = open_media(media_dir / "broken" / "truncated_tail.mp4")
    assert len(file.warnings) == 1
    list(file.frames(file.stream.times.tolist(), max_side=32))
    file.close()
    assert "cut short" in file.warnings[0]
    assert "decoded 45 of 289 frames" in file.warnings[1]


def test_file_decodes_nothing_until_it_is_asked(drawn: Drawn) -> None:
    file = open_media(drawn("plain.mp4"))
    file.facts()
    assert file.frames_decoded == 0
    next(iter(file.frames([0.0])))
    assert file.frames_decoded == 1
