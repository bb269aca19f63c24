"""A video divided into clips, and what was recognised of each as a text model reads it.

A clip is recognised by itself, without its number or its neighbours; only then are the
sentences put in order and reasoned over.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.llm.client import Message
from vprog.llm.data_marks import mark_data
from vprog.prompt.cell_prompt import CELL_RULES, asked_instead
from vprog.types import Span

PARTS = 8
"""Equal parts of a video that has no shots to divide it by."""

MAX_CLIPS = 32
MAX_SENTENCE = 600
MAX_CITED = 8

RECOGNISE = (
    "Say in one short sentence what is to be seen here: who or what, what is done, and what "
    "changes. Do not answer the question that it is for: "
)
"""What the model that looks is asked of each clip, followed by the question."""

REASON = (
    "These are the clips of the video in order of time; each was recognised by itself, by one "
    "that saw no other. Reason over the sentences: what comes before what, what belongs "
    "together, what answers the question. Then write the last cell: call "
    "answer(value, evidence=[...]) and cite variables that show it, of those beside each "
    "sentence; or abstain(reason) if the sentences do not show it."
)


@dataclass(frozen=True)
class Recognised:
    """One clip in a sentence; `cite` are the variables that show it in the program."""

    video: int
    span: Span
    sentence: str
    cite: tuple[str, ...] = ()


def divide(duration: float, shots: Sequence[Span], *, most: int, parts: int = PARTS) -> list[Span]:
    """The clips of one video: its shots, neighbours joined until there are at most `most`.

    Args:
        duration: of the video, in seconds.
        shots: in order of time, without gaps; of fewer than two the video is divided into
            equal parts.
        most: clips that there may be.
        parts: how many equal parts.
    """
    if len(shots) < 2:
        count = max(1, min(parts, most))
        edges = [round(duration * at / count, 3) for at in range(count + 1)]
        return [Span(*each) for each in itertools.pairwise(edges)]
    if len(shots) <= most:
        return list(shots)
    first = [len(shots) * at // most for at in range(most + 1)]
    return [
        Span(shots[start].start, shots[end - 1].end) for start, end in itertools.pairwise(first)
    ]


def one_sentence(text: str) -> str:
    """What was said of a clip, on one line and not longer than a sentence need be."""
    return " ".join(text.split())[:MAX_SENTENCE]


def reason_messages(
    prompt: Sequence[Message], recognised: Sequence[Recognised]
) -> tuple[Message, ...]:
    """Ask for the answer from the sentences of all clips, which stand in data marks."""
    rows: list[object] = [
        {
            "clip": at,
            "video": each.video,
            "start": round(each.span.start, 2),
            "end": round(each.span.end, 2),
            "sentence": one_sentence(each.sentence),
            "cite": list(each.cite[:MAX_CITED]),
        }
        for at, each in enumerate(recognised, start=1)
    ]
    return asked_instead(prompt, CELL_RULES, ["# Clips", mark_data("clips", rows), REASON])
