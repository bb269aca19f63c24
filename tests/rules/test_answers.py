"""What questions of the rules' kinds are answered about drawn videos whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import vprog
from tests.drawing import Picture, draw_frame, draw_video

Paint = Callable[[int, int, int], Picture]

pytestmark = pytest.mark.usefixtures("home")


def grey(level: int, width: int, height: int) -> Picture:
    return np.full((height, width, 3), level, dtype=np.uint8)


def lighter(number: int, width: int, height: int) -> Picture:
    """From nearly black to nearly white in six seconds."""
    return grey(10 + 4 * number, width, height)


def standing(number: int, width: int, height: int) -> Picture:
    """A square that moves, but for the third and fourth second."""
    return draw_frame(min(number, 20) if number < 40 else number, width, height)


def thirds(number: int, width: int, height: int) -> Picture:
    """Grey, from 2 s on white, from 4 s on dark: two cuts in six seconds."""
    return grey(90 if number < 20 else 250 if number < 40 else 50, width, height)


def lengthening(number: int, width: int, height: int) -> Picture:
    """Shots of one, two and three seconds."""
    return grey(90 if number < 10 else 250 if number < 30 else 50, width, height)


def ending_black(number: int, width: int, height: int) -> Picture:
    """Grey, from 4 s on black."""
    return grey(90 if number < 40 else 0, width, height)


def out_of_black(number: int, width: int, height: int) -> Picture:
    """Black up to 1.5 s, and from 3 s to 4 s; grey else."""
    return grey(0 if number < 15 or 30 <= number < 40 else 90, width, height)


def all_black(number: int, width: int, height: int) -> Picture:
    return grey(0, width, height)


def swelling(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """A tone that begins at 1 s and gets louder up to the end."""
    return np.sin(2 * np.pi * 500 * times) * (times >= 1.0) * 10 ** (times / 3 - 2) * 0.5


@pytest.mark.parametrize(
    ("paint", "question", "value"),
    [
        (lighter, "Does it get brighter over the whole clip?", "yes"),
        (lighter, "Does it get darker over the whole clip?", "no"),
        (lighter, "Brightness: constant, rising or falling?", "rising"),
        (lighter, "Which is darker, the first second or the last second?", "the first second"),
        (lighter, "When is the first cut?", "never"),
        (standing, "Does the picture freeze at any point?", "yes"),
        (standing, "How many times does the picture freeze?", 1),
        (standing, "When does the picture freeze?", pytest.approx(2.0, abs=0.2)),
        (thirds, "Are there exactly 2 cuts?", "yes"),
        (thirds, "Are there at least 3 cuts?", "no"),
        (thirds, "Are there more than 1 cuts?", "yes"),
        (thirds, "Does it have fewer than 4 shots?", "yes"),
        (thirds, "How many cuts are there per minute?", 20.0),
        (thirds, "How soon after 0:01 is there a cut?", pytest.approx(1.0, abs=0.15)),
        (thirds, "Is it Full HD?", "no"),
        (thirds, "Is it 160x120 or 1280x720?", "160x120"),
        (lengthening, "How many shots are longer than 1.5 s?", 2),
        (lengthening, "Are there any shots shorter than half a second?", "no"),
        (lengthening, "Is the first shot longer than the second?", "no"),
        (lengthening, "Which shot is the longest?", 3),
        (lengthening, "How long is the opening shot?", pytest.approx(1.0, abs=0.15)),
        (lengthening, "How long is shot 2?", pytest.approx(2.0, abs=0.15)),
        (lengthening, "When does the second shot end?", pytest.approx(3.0, abs=0.15)),
        (lengthening, "How long is a shot on average?", pytest.approx(2.0, abs=0.15)),
        (lengthening, "How many seconds pass between the first and the second cut?",
         pytest.approx(2.0, abs=0.15)),
        (lengthening, "Seconds 0 to 2: how many cuts?", 1),
        (lengthening, "Frame rate, plus the number of frames", "10.0; 60"),
        (lengthening, "Is any sound heard?", "no"),
        (ending_black, "Does the film start on a black screen?", "no"),
        (ending_black, "How long before the end does the picture turn black?",
         pytest.approx(2.0, abs=0.15)),
        (ending_black, "Can you cut the video at 2 s?", None),
        (out_of_black, "The video starts black. How many secs until there is a picture?",
         pytest.approx(1.5, abs=0.15)),
        (out_of_black, "Not counting the start and the end, how often is it black?", 1),
        (out_of_black, "From when to when is it black, except the start and the end?",
         pytest.approx([3.0, 4.0], abs=0.15)),
        (all_black, "The video starts black. How many secs until there is a picture?", None),
        (thirds, "Is the second transition a cut or a fade?", "cut"),
        (thirds, "How is the picture changed at 0:02, by a cut or a dissolve?", "cut"),
    ],
)  # fmt: skip
def test_question_is_answered(paint: Paint, question: str, value: object, tmp_path: Path) -> None:
    path = draw_video(tmp_path / "v.mp4", 60, paint=paint)
    assert vprog.solve(path, question).answer == value


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("Does the sound get louder?", "yes"),
        ("Loudness: constant, rising or falling?", "rising"),
        ("How long after 0:00.5 does the sound begin?", pytest.approx(0.5, abs=0.15)),
    ],
)
def test_question_of_sound_is_answered(question: str, value: object, tmp_path: Path) -> None:
    path = draw_video(tmp_path / "v.mp4", 60, tone=swelling)
    assert vprog.solve(path, question).answer == value


def test_beeps_of_two_windows_are_no_clicks(tmp_path: Path) -> None:
    def beeps(times: NDArray[np.float64]) -> NDArray[np.float64]:
        return 0.4 * np.sin(2 * np.pi * 1000 * times) * ((times - 0.04) % 0.5 < 0.04)

    path = draw_video(tmp_path / "v.mkv", 60, tone=beeps, audio_codec="flac")
    assert vprog.solve(path, "How far apart are the beeps?").answer == 0.5
    assert vprog.solve(path, "How many beeps are there?").answer == 12


def test_the_end_is_that_of_the_part_that_is_looked_at(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "v.mp4", 60, paint=thirds)
    result = vprog.solve(path, "How long before the end is there a cut?", end=5.0)
    assert result.answer == pytest.approx(3.0, abs=0.15)
