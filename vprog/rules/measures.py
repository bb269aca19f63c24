"""Quantities that change over a video (brightness, loudness, motion): what they are called in
questions, and how a program measures them.

The families `extremes`, `states` and `order` all ask about them.
"""

from __future__ import annotations

from dataclasses import dataclass

from vprog.rules.question_text import ParsedQuestion
from vprog.rules.span_words import span_argument
from vprog.rules.times import When
from vprog.rules.word_forms import LEAST, MOST, words


@dataclass(frozen=True)
class Quantity:
    """Something measured over time.

    Attributes:
        name: in sentences.
        task: the module that measures it.
        high: words for a large value, `low` for a small one; each is a superlative
            ("loudest"); `more` and `less` hold the comparatives.
        subject: words that name the thing itself.
        least_change: how far highest and lowest must lie apart for an extreme to mean anything.
        sound: whether it is of the sound, else of the picture.
    """

    name: str
    task: str
    high: frozenset[str]
    low: frozenset[str]
    more: frozenset[str]
    less: frozenset[str]
    subject: frozenset[str]
    least_change: float
    sound: bool = False


BRIGHTNESS = Quantity(
    "brightness",
    "measure_brightness",
    words("brightest lightest"),
    words("darkest dimmest"),
    words("brighter lighter"),
    words("darker dimmer"),
    words(
        "picture image screen frame view display brightness light luminance bright dark "
        "darkness scene it moment point"
    ),
    0.02,
)
LOUDNESS = Quantity(
    "loudness",
    "measure_loudness",
    words("loudest noisiest"),
    words("quietest softest"),
    words("louder noisier"),
    words("quieter softer"),
    words("sound audio noise volume soundtrack loudness loud quiet track level moment point part"),
    3.0,
    sound=True,
)
MOTION = Quantity(
    "motion",
    "measure_motion",
    frozenset(),
    frozenset(),
    frozenset(),
    frozenset(),
    words(
        "motion movement activity action moving moves move moment point picture image screen "
        "frame scene"
    ),
    0.005,
)
GO = words(
    "go goes gone turn turns turned become becomes became fade fades faded fading cut get "
    "gets reach "
    "reaches peak peaks drop drops first time moment point video up come "
    "comes fall falls out to"
)
BLACK = words("black blacked dark-screen")
SILENT = words("silent silence mute muted silences soundless quiet")
MOTION_WORDS = words("motion movement activity action")
EXTREME_WORDS = (
    MOST,
    LEAST,
    BRIGHTNESS.high,
    BRIGHTNESS.low,
    LOUDNESS.high,
    LOUDNESS.low,
    words("strongest at its the lively active liveliest stillest calmest level overall much"),
)


def which_extreme(question: ParsedQuestion) -> tuple[Quantity, bool] | None:
    """The quantity and whether its highest is meant; None if no extreme is named."""
    found: list[tuple[Quantity, bool]] = []
    for quantity in (BRIGHTNESS, LOUDNESS):
        if question.has(quantity.high):
            found.append((quantity, True))
        if question.has(quantity.low):
            found.append((quantity, False))
        noun = {
            "brightness": "bright|light|brightness|luminance",
            "loudness": "loud|volume|noise|sound|loudness",
        }
        if question.says(
            rf"(?:most|highest|maximum|max|peak|greatest) (?:{noun[quantity.name]})|"
            rf"(?:{noun[quantity.name]}) (?:level )?(?:peaks?|reaches its (?:peak|maximum))"
        ):
            found.append((quantity, True))
        if question.says(rf"(?:least|lowest|minimum) (?:{noun[quantity.name]})"):
            found.append((quantity, False))
    move = "motion|movement|activity|action|moves?|moving"
    if question.says(
        rf"(?:most|greatest|highest|largest|biggest|maximum|peak|strongest) (?:\w+ "
        rf")?(?:{move})|(?:{move}) (?:the )?(?:is |are )?(?:at )?(?:its |the )?(?:greatest|"
        rf"highest|strongest|maximum|peak|most|largest)|moves? (?:the )?most|most (?:lively"
        rf"|active)|liveliest"
    ):
        found.append((MOTION, True))
    if question.says(
        rf"(?:least|lowest|smallest|minimum) (?:\w+ )?(?:{move})|(?:{move}) (?:the )?(?:is "
        rf")?(?:at )?(?:its |the )?(?:least|lowest|minimum|smallest)|moves? (?:the )?least|"
        rf"stillest|calmest"
    ):
        found.append((MOTION, False))
    return found[0] if len(found) == 1 else None


def measured(name: str, quantity: Quantity) -> str:
    """Program text that abstains where nothing was measured, as in a single picture."""
    what = "frames" if quantity is MOTION else "sound" if quantity.sound else "picture"
    need = (
        "two frames, and there are not so many"
        if what == "frames"
        else f"some {what}, and there is none"
    )
    reason = f"{quantity.name} is measured over {need} at that time"
    return f"if not {name}:\n    abstain({reason!r})\n"


def levels_call(quantity: Quantity, when: When | None, duration: float) -> str:
    """The call that measures a quantity, with a rate that suits the length of the video."""
    length = duration if when is None else when.end - when.start
    span = span_argument(when, duration)
    if quantity is LOUDNESS:
        step = 0.1 if length <= 150 else round(length / 1500, 2)
        return f"measure_loudness(video{span}, step={step!r})"
    fastest = 10.0 if quantity is BRIGHTNESS else 5.0
    rate = min(fastest, round(1500 / max(length, 1.0), 3))
    return f"{quantity.task}(video{span}, fps={rate!r})"
