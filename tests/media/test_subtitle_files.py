from __future__ import annotations

from pathlib import Path

import pytest

from vprog.errors import SubtitlesUnreadableError, VideoNotFoundError
from vprog.media.subtitle_files import find_subtitles, identify_subtitles, read_subtitles
from vprog.media.subtitles import Subtitle, SubtitleTrack

SRT = (
    "1\n00:00:01,000 --> 00:00:02,500\nÄpfel & <i>Birnen</i>\n\n"
    "2\n00:00:03,000 --> 00:00:04,000\nzwei\nZeilen\n"
)
SUBTITLES = [Subtitle("Äpfel & Birnen", 1.0, 2.5), Subtitle("zwei\nZeilen", 3.0, 4.0)]


def read(path: Path) -> SubtitleTrack:
    return read_subtitles(*identify_subtitles(path))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"]
)
def test_subtitles_are_read_in_any_usual_encoding(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(SRT.encode(encoding))
    subtitles, warnings = read(path)
    assert [subtitle[:3] for subtitle in subtitles] == [subtitle[:3] for subtitle in SUBTITLES]
    is_guess = encoding == "latin-1"
    assert [subtitle.score < 1 for subtitle in subtitles] == [is_guess, is_guess]
    assert bool(warnings) is is_guess


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_subtitles_are_read_with_any_line_end(end: str, tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(SRT.replace("\n", end).encode())
    assert read(path).subtitles == SUBTITLES


def test_subtitles_are_read_from_webvtt(tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    path.write_text(
        "WEBVTT\n\nNOTE nothing\n\nfirst\n00:01.000 --> 00:02.500 align:start\n<v Ann>Hello\n\n"
        "01:00:00.000 --> 01:00:01.000\nLate\n",
        encoding="utf-8",
    )
    assert read(path).subtitles == [
        Subtitle("Hello", 1.0, 2.5),
        Subtitle("Late", 3600.0, 3601.0),
    ]


def test_subtitles_are_read_from_ass_without_comments_and_styles(tmp_path: Path) -> None:
    path = tmp_path / "a.ass"
    path.write_text(
        "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,not shown\n"
        "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,later\n"
        "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\b1}bold{\\b0}\\Nline, two\n",
        encoding="utf-8",
    )
    assert read(path).subtitles == [
        Subtitle("bold\nline, two", 1.0, 2.0),
        Subtitle("later", 3.0, 4.0),
    ]


def test_subtitles_with_loose_times_are_read(media_dir: Path) -> None:
    subtitles, warnings = read(media_dir / "subs" / "moviepy_subtitles.srt")
    assert warnings == ()
    assert len(subtitles) == 5
    assert [subtitle.start for subtitle in subtitles] == sorted(
        subtitle.start for subtitle in subtitles
    )
    assert 5.0 in [time for subtitle in subtitles for time in (subtitle.start, subtitle.end)]
    assert len(read(media_dir / "subs" / "moviepy_subtitles.vtt").subtitles) >= 4
    ((only,), _) = read(media_dir / "subs" / "subtitles-unicode.srt")
    assert not only.text.isascii()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"just a text\nwithout times\n", "holds no subtitles"),
        (b"\x00\x01\x02" * 50, "no text file"),
        (bytes(range(256)) * 4, r"no text file|holds no subtitles"),
        (b'{"a": 1}', "holds no subtitles"),
        (b"{1}{" + b"9" * 5000 + b"}x\n", "holds no subtitles"),
    ],
)
def test_subtitles_that_are_none_are_an_error(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(data)
    with pytest.raises(SubtitlesUnreadableError, match=message):
        read(path)


def test_subtitles_of_a_cue_list_without_cues_are_none(tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    path.write_text("WEBVTT\n")
    assert read(path).subtitles == []


def test_subtitles_not_there_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(VideoNotFoundError):
        read(tmp_path / "absent.srt")
    with pytest.raises(SubtitlesUnreadableError, match="is a folder"):
        read(tmp_path)


def test_subtitles_too_large_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    with path.open("wb") as file:
        file.truncate(21 * 2**20)
    with pytest.raises(SubtitlesUnreadableError, match="at most"):
        read(path)


def test_subtitles_lose_control_characters_and_backward_cues(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text(
        "1\n00:00:01,000 --> 00:00:02,000\n\x1b[31mred\x07  word\n\n"
        "2\n00:00:05,000 --> 00:00:04,000\nbackward\n\n3\n00:00:06,000 --> 00:00:07,000\n   \n"
    )
    assert read(path).subtitles == [Subtitle("[31mred word", 1.0, 2.0)]


@pytest.mark.parametrize(
    ("beside", "found"),
    [
        (["talk.srt", "talk.vtt", "talk.en.srt"], "talk.srt"),
        (["talk.vtt"], "talk.vtt"),
        (["talk.SRT"], "talk.SRT"),
        (["talk.en.vtt"], "talk.en.vtt"),
        (["talk2.srt", "other.srt", "talk.txt"], None),
    ],
)
def test_subtitles_beside_a_video_are_found(
    beside: list[str], found: str | None, tmp_path: Path
) -> None:
    for name in beside:
        (tmp_path / name).write_text(SRT, encoding="utf-8")
    path = find_subtitles(tmp_path / "talk.mp4")
    assert (path.name if path else None) == found


@pytest.mark.parametrize("unit", ["{", "{\\p1", "<a", "\n", "\\N", "{y:"])
@pytest.mark.parametrize("name", ["a.srt", "a.vtt", "a.ass"])
def test_subtitles_of_endless_markup_are_cut_and_it_is_said(
    unit: str, name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    head = {
        "a.srt": "1\n00:00:01,000 --> 00:00:02,000\n",
        "a.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n",
        "a.ass": "[Events]\n\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,",
    }[name]
    path.write_text(head + "Hello " + unit * 100_000, encoding="utf-8")
    subtitles, warnings = read(path)
    assert [subtitle.text[:5] for subtitle in subtitles] == ["Hello"]
    if unit != "\n":
        assert "1 of its subtitles are longer than 4,000 characters" in warnings[0]


def test_subtitles_that_are_numbers_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text(
        "1\n00:00:01,000 --> 00:00:02,000\nRoom\n42\n\n2\n00:00:03,000 --> 00:00:04,000\n7\n\n"
        "3\n00:00:05,000 --> 00:00:06,000\n\n4\n00:00:07,000 --> 00:00:08,000\nRoom\n42"
    )
    texts = [subtitle.text for subtitle in read(path).subtitles]
    assert texts == ["Room\n42", "7", "Room\n42"]
    path.write_text("00:00:01,000 --> 00:00:02,000\n10\n\n00:00:03,000 --> 00:00:04,000\n9\n\n")
    assert [subtitle.text for subtitle in read(path).subtitles] == ["10", "9"]


def test_subtitles_of_webvtt_lose_comments_and_names(tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    path.write_text(
        "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n42\n\nNOTE\nnot shown\n\nchapter one\n"
        "00:03.000 --> 00:04.000\nBye\n"
    )
    texts = [subtitle.text for subtitle in read(path).subtitles]
    assert texts == ["Hello\n42", "Bye"]


def test_subtitles_in_layers_are_said_once(tmp_path: Path) -> None:
    path = tmp_path / "a.ass"
    line = "0,0:00:01.00,0:00:02.00,Default,,0,0,0,,"
    path.write_text(
        "[Events]\n"
        f"Dialogue: {line}{{\\blur3}}Hello\nDialogue: {line}Hello\n"
        "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 10 0 10 10{\\p0}\n"
    )
    assert read(path) == ([Subtitle("Hello", 1.0, 2.0)], ())


def test_subtitles_that_end_before_they_begin_are_said(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text("1\n00:00:05,000 --> 00:00:04,000\nbackward\n")
    assert read(path) == (
        [],
        ("a.srt: 1 of its subtitles end before they begin: left out",),
    )


def test_subtitles_of_ass_follow_their_own_order_of_fields(tmp_path: Path) -> None:
    path = tmp_path / "a.ass"
    path.write_text(
        "[V4 Styles]\nStyle: broken\n\n[Events]\nFormat: Start, End, Text\n"
        "Dialogue: 0:00:01.00,0:00:02.00,Yes, and no\nDialogue: never,0:00:03.00,lost\n"
    )
    subtitles, warnings = read(path)
    assert subtitles == [Subtitle("Yes, and no", 1.0, 2.0)]
    assert warnings == ("a.ass: 1 of its subtitles have no times: left out",)
