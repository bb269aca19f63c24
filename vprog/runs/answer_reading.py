"""From the value that a program answers with to what the person asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.errors import ProgramFailedError

Plain = int | float | str | list[float] | list[str]


@dataclass(frozen=True)
class PlainAnswer:
    """An answer as results carry it; `choice` is the index of the chosen option."""

    value: Plain
    choice: int | None


def read_answer(value: object, choices: Sequence[str]) -> PlainAnswer:
    """The answer in plain numbers and text; with choices, the text of one of them.

    Raises:
        ProgramFailedError: there are choices and the answer is none of them.
    """
    plain = _plain(value)
    if not choices:
        return PlainAnswer(plain, None)
    index = find_choice(plain, choices)
    if index is None:
        listed = ", ".join(repr(choice) for choice in choices)
        raise ProgramFailedError(
            f"the answer {plain!r} is none of the choices.", hint=f"Answer with one of: {listed}."
        )
    return PlainAnswer(choices[index], index)


def find_choice(value: Plain, choices: Sequence[str]) -> int | None:
    """The index of the choice that an answer means, or None.

    The text of a choice counts first, then its number, then its letter; a choice that
    does not stand alone (two would fit) is none.
    """
    text = _norm(str(value))
    fitting = [index for index, choice in enumerate(choices) if _norm(choice) == text]
    if not fitting and isinstance(value, int | float):
        fitting = [index for index, choice in enumerate(choices) if _number(choice) == float(value)]
    if not fitting and isinstance(value, str):
        letter = re.fullmatch(r"\(?([a-z])[).:]?", text)
        if letter:
            index = ord(letter.group(1)) - ord("a")
            fitting = [index] if index < len(choices) else []
        if not fitting:
            bare = [_norm(re.sub(r"^\(?[A-Za-z][).:]\s+", "", choice)) for choice in choices]
            fitting = [index for index, choice in enumerate(bare) if choice == text]
    return fitting[0] if len(fitting) == 1 else None


def _plain(value: object) -> Plain:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, int | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]  # type: ignore[return-value]
    raise ProgramFailedError(
        f"an answer must be a number, text or a list of these, got {type(value).__name__}.",
        hint="Compute the number or text that answers the question.",
    )


def _norm(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().strip(".").casefold()


def _number(text: str) -> float | None:
    match = re.fullmatch(
        r"\s*(-?\d+(?:\.\d+)?)\s*(?:s|sec|seconds|people|times|shots)?\.?\s*", text
    )
    return float(match.group(1)) if match else None
