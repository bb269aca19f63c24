"""What is said, from subtitles."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.modules.scenes import call, painted
from vprog.errors import ModuleInputError
from vprog.types import Span, Speech
from vprog_modules.speech.transcribe_subtitles import TranscribeSubtitles


@pytest.fixture
def film(tmp_path: Path, media_dir: Path) -> Path:
    """Ten seconds with five subtitles beside it."""
    shutil.copy(media_dir / "subs" / "moviepy_subtitles.srt", tmp_path / "film.srt")
    return painted(tmp_path / "film.mp4", 100, lambda n, p: None)


def test_transcribe_gives_the_subtitles(film: Path) -> None:
    found = call(film, TranscribeSubtitles)
    assert [(line.text, line.start, line.end) for line in found] == [
        ("Red!", 0.0, 1.0),
        ("More Red!", 2.0, 3.5),
        ("Green!", 5.0, 6.0),
        ("Blue", 7.0, 8.0),
        ("More Blue!", 9.0, 10.0),
    ]
    assert {(item.score, item.source, tuple(item.words)) for item in found} == {
        (1.0, "subtitles", ())
    }


def test_transcribe_gives_what_stands_during_a_span(film: Path) -> None:
    found: list[Speech] = call(film, TranscribeSubtitles, span=Span(3.0, 7.0))
    assert [line.text for line in found] == ["More Red!", "Green!"]
    assert call(film, TranscribeSubtitles, span=Span(4.0, 4.5)) == []


def test_transcribe_joins_the_lines_of_a_subtitle(tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 20, lambda n, p: None)
    path.with_suffix(".srt").write_text("1\n00:00:00,500 --> 00:00:01,500\nWhere are\nyou going?\n")
    assert call(path, TranscribeSubtitles)[0].text == "Where are you going?"


def test_transcribe_leaves_out_what_captions_say_of_sounds_and_speakers(tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 80, lambda n, p: None)
    captions = [
        "Subtitles by Subber",
        "[door slams]",
        "MAN: Where is it?",
        "(sighs) Here.",
        "\N{EIGHTH NOTE} \N{EIGHTH NOTE}",
    ]
    path.with_suffix(".srt").write_text(
        "\n".join(
            f"{n + 1}\n00:00:0{n},000 --> 00:00:0{n},900\n{text}\n"
            for n, text in enumerate(captions)
        )
    )
    found = call(path, TranscribeSubtitles)
    assert [(line.text, line.start) for line in found] == [("Where is it?", 2.0), ("Here.", 3.0)]


def test_transcribe_without_subtitles_says_what_to_do(tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 3, lambda n, p: None)
    with pytest.raises(ModuleInputError, match=r"no subtitles.*pip install"):
        call(path, TranscribeSubtitles)


def test_transcribe_refuses_a_span_that_runs_backwards(film: Path) -> None:
    with pytest.raises(ModuleInputError, match=r"span\.start <="):
        call(film, TranscribeSubtitles, span=Span(3.0, 1.0))
