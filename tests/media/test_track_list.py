"""The tracks and chapters that a container states."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests.drawing import draw_video
from tests.media.conftest import half_second_beeps
from tests.media.joined import draw_tracks
from vprog.errors import ModuleInputError
from vprog.media.run_file import MediaFile, open_media
from vprog.types.metadata import Chapter


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> MediaFile:
    path = draw_tracks(
        tmp_path_factory.mktemp("tracks") / "tracks.mkv",
        tones=[None, half_second_beeps],
        tags=[{"language": "eng", "title": "Desktop"}, {"language": "ger"}],
        subtitles=[[], [("hello", 0.0, 1.0)], [("guten Tag", 1.0, 2.0)]],
        subtitle_tags=[{}, {"language": "eng"}, {"language": "deu", "title": "Forced"}],
        chapters=[("Intro", 0.0, 1.0), ("Rest", 1.0, 3.0)],
    )
    return open_media(path)


def test_tracks_are_counted_by_kind_with_language_and_title(file: MediaFile) -> None:
    found = [
        (stream.kind, stream.number, stream.language, stream.title, stream.is_used)
        for stream in file.facts().streams
    ]
    assert found == [
        ("video", 1, "", "", True),
        ("audio", 1, "English", "Desktop", True),
        ("audio", 2, "German", "", False),
        ("subtitles", 1, "", "", True),
        ("subtitles", 2, "English", "", False),
        ("subtitles", 3, "German", "Forced", False),
    ]
    assert file.facts().chapters == [Chapter("Intro", 0.0, 1.0), Chapter("Rest", 1.0, 3.0)]


def test_chapters_end_with_what_the_file_holds(tmp_path: Path) -> None:
    chapters = [("Intro", 0.0, 1.0), ("Rest", 1.0, 90.0), ("Credits", 90.0, 95.0)]
    file = open_media(draw_tracks(tmp_path / "a.mkv", chapters=chapters))
    assert file.facts().chapters == [Chapter("Intro", 0.0, 1.0), Chapter("Rest", 1.0, 3.0)]
    assert any("1 of its 3 chapters lie outside" in warning for warning in file.warnings)


def test_a_sound_track_is_read_by_its_number(file: MediaFile) -> None:
    assert abs(file.sound(0.1, 0.4, track=1)).max() < 0.001
    assert abs(file.sound(0.1, 0.4, track=2)).max() > 0.4
    with pytest.raises(ModuleInputError, match="no sound track 3 that decodes; there are: 1, 2"):
        file.sound(0.0, 1.0, track=3)


def test_the_first_subtitle_track_that_says_something_is_read_and_named(file: MediaFile) -> None:
    assert [subtitle.text for subtitle in file.subtitles()] == ["hello"]
    assert "number 2 (English) was read" in file.subtitle_warnings()[0]
    assert [subtitle.text for subtitle in file.subtitles(3)] == ["guten Tag"]
    with pytest.raises(ModuleInputError, match="there is no subtitle track 4, the file has 3"):
        file.subtitles(4)


def test_a_cover_is_no_video(tmp_path: Path) -> None:
    path = draw_tracks(tmp_path / "cover.mp4", tones=[half_second_beeps], cover=True)
    facts = open_media(path).facts()
    assert facts.n_video_streams == 1
    assert [stream.kind for stream in facts.streams] == ["video", "audio", "cover"]


@pytest.mark.parametrize("name", ["late.mkv", "late.mp4", "late.ts"])
def test_sound_before_the_picture_is_second_zero(name: str, tmp_path: Path) -> None:
    stamps = [2000 + 100 * at for at in range(30)]
    file = open_media(
        draw_video(tmp_path / name, stamps=stamps, tone=half_second_beeps, tone_start=0.0)
    )
    facts = file.facts()
    assert facts.duration == pytest.approx(5.0, abs=0.05)
    assert (facts.video_start, facts.audio_start) == (pytest.approx(2.0, abs=0.03), 0.0)
    assert file.stream.times[-1] == pytest.approx(4.9, abs=0.03)
    assert abs(file.sound(0.1, 0.4)).max() > 0.4
    assert file.unread == 0.0


def test_format_facts_come_from_the_picture(tmp_path: Path) -> None:
    deep = open_media(
        draw_video(
            tmp_path / "deep.mkv",
            codec="libx265",
            pix_fmt="yuv420p10le",
            options={"x265-params": "log-level=none:transfer=smpte2084"},
        )
    ).facts()
    assert (deep.pixel_format, deep.bit_depth, deep.hdr) == ("yuv420p10le", 10, "PQ")
    clear = open_media(
        draw_video(tmp_path / "clear.mov", codec="png", pix_fmt="rgba", n_frames=3)
    ).facts()
    assert (clear.has_alpha, clear.bit_depth, clear.is_interlaced) == (True, 8, False)
    fields = open_media(
        draw_video(
            tmp_path / "fields.mpg",
            codec="mpeg2video",
            fps=25,
            time_base=Fraction(1, 25),
            options={"flags": "+ildct+ilme", "aspect": "4/3"},
        )
    ).facts()
    assert fields.is_interlaced
    assert (clear.aspect_ratio, fields.aspect_ratio) == ("4:3", "16:9")


def test_a_title_in_an_old_encoding_does_not_stop_a_file(tmp_path: Path) -> None:
    path = draw_tracks(
        tmp_path / "old.mkv",
        tags=[],
        subtitles=[[("hello", 0.0, 1.0)]],
        subtitle_tags=[{"title": "TitelXX"}],
        chapters=[("IntroXX", 0.0, 1.0)],
    )
    path.write_bytes(path.read_bytes().replace(b"XX", b"\xe4\xf6"))
    facts = open_media(path).facts()
    assert facts.chapters[0].title.startswith("Intro")
    assert facts.streams[-1].title.startswith("Titel")
