"""What is like the thing asked for, and is not: the rules tell it apart, or give no answer."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

import vprog
from tests.drawing import draw_video
from vprog.exit_status import Status

RATE = 16_000
Sound = NDArray[np.float64]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("look_alikes")


def asked(folder: Path, path: Path, question: str, **given: Any) -> vprog.Result:
    return vprog.solve(
        path, question, trace_dir=folder / "traces", cache_dir=folder / "cache", **given
    )


def sine(hertz: float, seconds: float, amplitude: float) -> Sound:
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(int(RATE * seconds)) / RATE)


def with_tones(seconds: float, *tones: tuple[float, Sound]) -> Sound:
    """A silence, with tones that begin at times in seconds."""
    sound = np.zeros(int(RATE * seconds))
    for start, tone in tones:
        at = int(RATE * start)
        sound[at : at + len(tone)] += tone
    return sound


def saved(path: Path, sound: Sound, *, n_kept: int | None = None) -> Path:
    """A WAV file; of one that is cut, `n_kept` bytes."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((32_000 * np.clip(sound, -1, 1)).astype("<i2").tobytes())
    if n_kept is not None:
        path.write_bytes(path.read_bytes()[:n_kept])
    return path


BEEPS = [(start, sine(2000, 0.3, 0.5)) for start in (1.0, 3.0, 5.0)]


@pytest.mark.parametrize(
    ("beside", "answer"),
    [
        (np.zeros(1), 3),
        (with_tones(7.0, (0.0, sine(440, 7.0, 0.2))), None),  # a tone all along
        (with_tones(7.0, (6.2, sine(2000, 0.3, 0.02))), None),  # a faint one besides
        (with_tones(7.0, (6.2, sine(2000, 0.02, 0.5))), None),  # a click besides
    ],
    ids=["alone", "over a tone", "a faint one", "a click"],
)
def test_beeps_are_counted_where_nothing_else_sounds(
    folder: Path, beside: Sound, answer: int | None, request: pytest.FixtureRequest
) -> None:
    sound = with_tones(7.0, *BEEPS)
    sound[: len(beside)] += beside
    path = saved(folder / f"{request.node.callspec.id}.wav", sound)
    result = asked(folder, path, "How many beeps are there?")
    assert result.answer == answer, result.error
    assert result.status is (Status.ABSTAINED if answer is None else Status.ANSWERED)


def test_a_voice_over_a_steady_chord_is_heard_and_not_quoted(folder: Path, media_dir: Any) -> None:
    with av.open(str(media_dir / "speech" / "jfk.flac")) as file:
        resampler = av.AudioResampler("flt", "mono", RATE)
        parts = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
    voice = np.concatenate([part.to_ndarray()[0] for part in parts]).astype(np.float64)
    seconds = len(voice) / RATE
    level = float(np.sqrt(np.mean(voice**2)))
    chord = sum((sine(hertz, seconds, 1.2 * level) for hertz in (196, 247, 294)), np.zeros(1))
    path = saved(folder / "chord.wav", 0.5 * (voice + chord[: len(voice)]))
    assert asked(folder, path, "Does anyone speak?").answer == "yes"
    said = asked(folder, path, "What is said?")
    assert "no voice is told from what sounds beside it" in said.error.message


def test_the_last_of_a_file_that_was_cut_scores_no_more_than_was_read(folder: Path) -> None:
    sound = with_tones(14.0, *BEEPS, (9.0, BEEPS[0][1]))
    cut = asked(
        folder, saved(folder / "cut.wav", sound, n_kept=RATE * 14), "When is the last beep?"
    )
    assert cut.answer == pytest.approx(5.0, abs=0.05)
    assert cut.score is not None
    assert cut.score <= 0.5


def test_one_black_picture_is_black(folder: Path) -> None:
    def paint(number: int, width: int, height: int) -> NDArray[np.uint8]:
        return np.full((height, width, 3), 0 if number in (12, 24) else 140, np.uint8)

    path = draw_video(folder / "black.mp4", 40, fps=10, paint=paint)
    assert asked(folder, path, "How many times does it go black?").answer == 2


def test_a_film_that_turns_grey_is_neither_in_colour_nor_without(folder: Path) -> None:
    def paint(number: int, width: int, height: int) -> NDArray[np.uint8]:
        colour = (200, 40, 30) if number < 20 else (120, 120, 120)
        return np.full((height, width, 3), colour, np.uint8)

    path = draw_video(folder / "grey.mp4", 40, fps=10, paint=paint)
    assert asked(folder, path, "Is it in colour or black and white?").status is Status.ABSTAINED


def test_words_in_a_script_that_is_not_read_are_not_denied(folder: Path) -> None:
    path = draw_video(folder / "plain.mp4", 10)
    given = asked(folder, path, 'Does the text "МОСКВА" appear?')
    assert given.status is Status.ABSTAINED
    assert "Latin" in given.error.message
