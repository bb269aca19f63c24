"""Questions about what subtitles say, asked of drawn videos with made subtitles beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

import vprog
from tests.drawing import draw_video

pytestmark = pytest.mark.usefixtures("home")

ROLLING = """WEBVTT
Kind: captions

00:00:00.000 --> 00:00:02.000 align:start position:0%

welcome<00:00:00.500><c> to</c><00:00:01.000><c> the</c><00:00:01.400><c> show</c>

00:00:02.000 --> 00:00:02.010 align:start position:0%
welcome to the show


00:00:02.010 --> 00:00:04.000 align:start position:0%
welcome to the show
today<00:00:02.500><c> we</c><00:00:03.000><c> cook</c><00:00:03.400><c> rice</c>

00:00:04.000 --> 00:00:04.010 align:start position:0%
today we cook rice
"""
EVENT = "Dialogue: 0,0:00:0{},0:00:0{},Default,,0,0,0,,{}\n"
DRAWN = "[Events]\n" + "".join(
    EVENT.format(*event)
    for event in (
        ("1.00", "3.00", r"{\k50}Row {\k50}row {\k50}your {\k50}boat"),
        ("4.00", "6.00", r"Gently\Ndown the {\i1}stream{\i0}"),
        ("7.00", "9.00", r"{\p1}m 0 0 l 100 0 100 100 0 100{\p0}"),
    )
)
SRT = "1\n00:00:02,000 --> 00:00:05,000\n{}\n"


@pytest.mark.parametrize(
    ("ending", "subtitles", "question", "value"),
    [
        ("vtt", ROLLING, 'How often is "welcome" said?', 1),
        ("vtt", ROLLING, "What is said?", "welcome to the show today we cook rice"),
        ("ass", DRAWN, "What is the last thing said?", "Gently down the stream"),
        ("ass", DRAWN, "What is said at 8 seconds?", None),
        (
            "srt",
            SRT.format("Fish &amp; chips &lt;to go&gt;"),
            "What is said?",
            "Fish & chips <to go>",
        ),
        ("srt", SRT.format("Une crème brûlée"), 'Is "creme brulee" said?', "yes"),
    ],
)
def test_subtitle_question(
    ending: str, subtitles: str, question: str, value: object, tmp_path: Path
) -> None:
    path = draw_video(tmp_path / "v.mp4", 100)
    path.with_suffix(f".{ending}").write_text(subtitles, encoding="utf-8")
    result = vprog.solve(path, question)
    assert result.answer == value


def test_subtitles_in_a_guessed_encoding_lower_the_score_and_it_is_said(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "v.mp4", 100)
    said = "Где ты был вчера вечером? Я ждал тебя на вокзале до десяти часов. Никто не знает."
    path.with_suffix(".srt").write_bytes(SRT.format(said).encode("cp1251"))
    result = vprog.solve(path, "What is said?")
    assert result.answer == said
    assert result.score is not None
    assert result.score <= 0.9
    assert any("Windows-1251" in warning for warning in result.warnings)


def test_subtitles_whose_encoding_cannot_be_told_are_no_answer(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "v.mp4", 100)
    path.with_suffix(".srt").write_bytes(SRT.format("はい").encode("shift_jis"))
    result = vprog.solve(path, "What is said?")
    assert result.answer is None
    assert any("cannot be told" in warning for warning in result.warnings)
