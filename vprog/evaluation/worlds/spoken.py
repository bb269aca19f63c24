"""A board with a number that is soon covered, and spoken digits that are added to it.

The digits are to be heard and nowhere to be seen. They are spoken by eSpeak NG, a program of its
own that every Debian has as a package; without it no such video is made.

Source: the kind of task is that of Spoken-MNIST sums; the voice is eSpeak NG's own "en".
"""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from functools import cache
from random import Random
from typing import TYPE_CHECKING

import msgspec

from vprog.errors import MissingError
from vprog.evaluation.worlds.drawn_world import (
    SHOWN_S,
    SOUND_RATE,
    DrawnWorld,
    Episode,
    QuestionTemplate,
    WorldQuestion,
    box_at,
    font_of,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.ImageDraw import ImageDraw

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DIGITS = tuple(range(10))
_SPOKEN = tuple(range(1, 10))
"""Zero would change nothing."""
_PROGRAM = "espeak-ng"
_WORDS_A_MINUTE = 150
_BOARD_Y = 120
_RULE = (
    "Each digit that is spoken is added to the number on the board, which keeps only the last "
    "digit of the sum."
)


class RegisterState(msgspec.Struct, frozen=True):
    """The digit in the register, 0 to 9."""

    value: int


class Speak(msgspec.Struct, frozen=True):
    """A digit is spoken and added; of the sum the last digit stays."""

    digit: int


_Heard = Episode[RegisterState, Speak]


class SpokenWorld(DrawnWorld[RegisterState, Speak]):
    """See the file."""

    name = "spoken"
    about = "A digit that is covered, and spoken digits that are added to it."

    def lack(self) -> str:
        if shutil.which(_PROGRAM):
            return ""
        return f"{_PROGRAM} is not installed, which speaks; install it: apt install {_PROGRAM}"

    def begin(self, rng: Random) -> RegisterState:
        return RegisterState(rng.choice(DIGITS))

    def legal(self, state: RegisterState) -> list[Speak]:
        return [Speak(digit) for digit in _SPOKEN]

    def result(self, state: RegisterState, operation: Speak) -> RegisterState:
        return RegisterState((state.value + operation.digit) % 10)

    def paint(self, draw: ImageDraw, episode: _Heard, time: float) -> None:
        is_shown = time < SHOWN_S
        draw.rectangle((100, _BOARD_Y - 45, 220, _BOARD_Y + 45), fill=(250, 250, 240) if is_shown
                       else (110, 110, 120), outline=(20, 20, 20), width=3)  # fmt: skip
        if is_shown:
            text = str(episode.states[0].value)
            draw.text((160, _BOARD_Y), text, fill=(0, 0, 0), font=font_of(56), anchor="mm")

    def sound(self, episode: _Heard) -> NDArray[np.float32]:
        import numpy as np

        heard = np.zeros(round(episode.duration * SOUND_RATE), np.float32)
        for number, spoken in enumerate(episode.operations):
            start, end = (round(time * SOUND_RATE) for time in episode.span(number))
            word = said(WORDS[spoken.digit])[: end - start]
            heard[start : start + len(word)] = word
        return heard

    def tell(self, episode: _Heard) -> list[str]:
        return [
            f"the board shows {episode.states[0].value}, and is then covered",
            *(f'a voice says "{WORDS[spoken.digit]}"' for spoken in episode.operations),
        ]

    def templates(self) -> list[QuestionTemplate]:
        return [
            QuestionTemplate("recall", "start", DIGITS, _ask_start),
            QuestionTemplate("recall", "digit", _SPOKEN, _ask_digit),
            QuestionTemplate("infer", "end", DIGITS, _ask_end),
            QuestionTemplate("predict", "digits", DIGITS, self._ask_predict),
        ]

    def _ask_predict(self, episode: _Heard) -> list[WorldQuestion]:
        last = episode.states[-1]
        return [
            WorldQuestion(
                f'{_RULE} Suppose "{WORDS[spoken.digit]}" is spoken next. What is the number then?',
                self.result(last, spoken).value,
                episode.all_of_it(),
            )
            for spoken in self.legal(last)
        ]


@cache
def said(word: str) -> NDArray[np.float32]:
    """A word as it is spoken, without the silence around it: mono at SOUND_RATE, in [-1, 1].

    Raises:
        MissingError: nothing is installed that speaks.
    """
    import numpy as np

    try:
        spoken = subprocess.run(
            [_PROGRAM, "-v", "en", "-s", str(_WORDS_A_MINUTE), "--stdout", word],
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingError(
            f"{_PROGRAM} does not speak: {error}.", hint=f"Install it: apt install {_PROGRAM}."
        ) from error
    with wave.open(io.BytesIO(spoken)) as file:  # its length is not known when it is begun
        rate, data = file.getframerate(), file.readframes(file.getnframes())
    samples = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / 32768
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    samples = samples[loud[0] : loud[-1] + 1]
    # A voice has little above half of SOUND_RATE, so that a line between samples is enough.
    times = np.arange(round(len(samples) * SOUND_RATE / rate)) * rate / SOUND_RATE
    word_samples: NDArray[np.float32] = np.interp(times, np.arange(len(samples)), samples).astype(
        np.float32
    )
    return word_samples


def _ask_start(episode: _Heard) -> list[WorldQuestion]:
    board = box_at(SHOWN_S / 2, 160, _BOARD_Y, 60, 45)
    text = "Which number is on the board at the start?"
    return [WorldQuestion(text, episode.states[0].value, [(0.0, SHOWN_S)], [board])]


def _ask_digit(episode: _Heard) -> list[WorldQuestion]:
    return [
        WorldQuestion(
            f"Several digits are spoken, one after the other. Which one is digit number "
            f"{number + 1} of them?",
            spoken.digit,
            [episode.span(number)],
        )
        for number, spoken in enumerate(episode.operations)
    ]


def _ask_end(episode: _Heard) -> list[WorldQuestion]:
    text = f"{_RULE} What is it at the end?"
    return [WorldQuestion(text, episode.states[-1].value, episode.all_of_it())]


WORLD = SpokenWorld()
