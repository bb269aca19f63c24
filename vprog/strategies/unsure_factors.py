"""What must be seen before a question can be answered: how a model is asked, how it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vprog.errors import LlmReplyError
from vprog.llm.client import Message, excerpt
from vprog.prompt.cell_prompt import asked_instead
from vprog.prompt.verdict import last_object

MOST = 4
"""Factors that are checked."""

MAX_FACTOR = 200
"""Characters of one."""

_FORM = '{"kind": "understanding" or "inference", "factors": ["short question", ...]}'

FACTOR_RULES = f"""\
# What must be seen
Here you do not write a program: you say what must be seen in the video. Reply with one JSON \
object and nothing else:
{_FORM}"""

ORDER = (
    "What was read above does not settle the question. Is it answered by looking at the frames "
    'alone (kind "understanding"), or must several things that are seen be put together with '
    'what is known (kind "inference")? For an inference, list up to four short questions about '
    "what can be seen, each answered by a look at the frames, e.g. "
    '"Is the man holding a ticket?"; else leave the list empty.'
)


@dataclass(frozen=True)
class Factors:
    """What is to be looked at; empty where the question itself is."""

    questions: tuple[str, ...] = ()


def factor_messages(prompt: Sequence[Message], parts: Sequence[str]) -> tuple[Message, ...]:
    """Ask what must be seen; `parts` are what was read, as marked data."""
    return asked_instead(prompt, FACTOR_RULES, [*parts, ORDER])


def read_factors(reply: str) -> Factors:
    """What a reply wants to be seen; doubles dropped, at most MOST, each cut to MAX_FACTOR.

    Raises:
        LlmReplyError: it is not of the form asked for, or an inference without a factor.
    """
    found = last_object(reply)
    kind, factors = found.get("kind"), found.get("factors", [])
    if (
        kind not in ("understanding", "inference")
        or not isinstance(factors, list)
        or not all(isinstance(factor, str) for factor in factors)
    ):
        raise _refusal(reply)
    if kind == "understanding":
        return Factors()
    questions = [" ".join(_visible(str(factor)).split())[:MAX_FACTOR] for factor in factors]
    kept = tuple(dict.fromkeys(question for question in questions if question))[:MOST]
    if not kept:
        raise _refusal(reply)
    return Factors(kept)


def _visible(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)


def _refusal(reply: str) -> LlmReplyError:
    return LlmReplyError(
        f'what must be seen is not of the form asked for: "{excerpt(reply)}".',
        hint=f"It must be {_FORM}.",
    )
