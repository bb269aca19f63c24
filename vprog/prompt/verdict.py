"""A language model's judgement of what was found: how it is asked for, and how it is read.

The reply is JSON with three fields. One that cannot be read is an error, never a verdict.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.errors import LlmReplyError
from vprog.llm.client import Message, excerpt
from vprog.llm.data_marks import mark_data
from vprog.prompt.cell_prompt import Shown, asked_instead, path_parts
from vprog.prompt.extract import plain_reply

MAX_TEXT = 20_000
MAX_STARTS = 200
"""Where an object may begin in a reply."""

_FORM = '{"sufficient": true or false, "confidence": number from 0 to 1, "missing": "one sentence"}'

JUDGE_RULES = f"""\
# Judging
Here you do not write a program: you judge what a program found. Go by the values alone, not \
by what you expect of such a video. Reply with one JSON object and nothing else:
{_FORM}"""

REFLECT = (
    "Do these values show the answer to the question? sufficient: whether they do; confidence: "
    "how sure they make you; missing: what should be looked at next, and where."
)
CRITICISE = (
    "Does this program answer the question that was asked, and do its values support its "
    "answer? sufficient: whether both hold; confidence: how sure you are of the answer; "
    "missing: what is wrong with the program and what it should do instead."
)


@dataclass(frozen=True)
class Verdict:
    """Whether what was found is enough, how sure that makes, and what is missing."""

    sufficient: bool
    confidence: float
    missing: str


def reflect_messages(prompt: Sequence[Message], path: Sequence[Shown]) -> tuple[Message, ...]:
    """Ask whether the values of a path show the answer."""
    return asked_instead(prompt, JUDGE_RULES, [*path_parts(path), REFLECT])


def critic_messages(
    prompt: Sequence[Message], path: Sequence[Shown], answer: object, evidence: Sequence[object]
) -> tuple[Message, ...]:
    """Ask whether a program and its values support the answer that it gave."""
    given = mark_data("answer", {"value": str(answer), "evidence": [str(e) for e in evidence[:20]]})
    return asked_instead(prompt, JUDGE_RULES, [*path_parts(path), given, CRITICISE])


def read_verdict(reply: str) -> Verdict:
    """The verdict in a reply.

    Raises:
        LlmReplyError: there is none, or a field is missing or not what it must be.
    """
    found = last_object(reply)
    sufficient, confidence = found.get("sufficient"), found.get("confidence")
    missing = found.get("missing", "")
    is_number = isinstance(confidence, int | float) and not isinstance(confidence, bool)
    if (
        not isinstance(sufficient, bool)
        or not isinstance(confidence, int | float)
        or not is_number
        or not 0 <= confidence <= 1
        or not isinstance(missing, str)
    ):
        raise LlmReplyError(
            f'the language model\'s judgement is not of the form asked for: "{excerpt(reply)}".',
            hint=f"It must be {_FORM}.",
        )
    return Verdict(sufficient, float(confidence), " ".join(missing.split())[:2000])


def last_object(reply: str) -> dict[str, object]:
    """The last JSON object in a reply, thoughts and prose around it dropped.

    Raises:
        LlmReplyError: there is none.
    """
    text = plain_reply(reply)[-MAX_TEXT:]
    decoder = json.JSONDecoder()
    found: dict[str, object] | None = None
    at = text.find("{")
    for _ in range(MAX_STARTS):
        if at < 0:
            break
        try:
            value, end = decoder.raw_decode(text, at)
            value = _writable(value)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            found = value if isinstance(value, dict) else found
        at = text.find("{", end)
    if found is None:
        raise LlmReplyError(
            f'the language model gave no JSON object; its reply begins with "{excerpt(reply)}".',
            hint="Ask again, or take a model that keeps to a form.",
        )
    return found


def _writable(value: object) -> object:
    r"""The same without halves of characters, which JSON can spell (\ud800) and no file holds."""
    text = json.dumps(value, ensure_ascii=False)
    written: object = json.loads(text.encode("utf-8", "replace").decode("utf-8"))
    return written
