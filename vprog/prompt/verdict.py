"""A language model's judgement of what was found: how it is asked for, and how it is read.

The reply is JSON with three fields. One that cannot be read is an error, never a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass

from vprog.errors import LlmReplyError
from vprog.llm.language_model import excerpt
from vprog.prompt.extract import last_object

_FORM = '{"sufficient": true or false, "confidence": number from 0 to 1, "missing": "one sentence"}'

JUDGE_RULES = f"""\
# Judging
Here you do not write a program: you judge what a program found. Go by the values alone, not \
by what you expect of such a video. Reply with one JSON object and nothing else:
{_FORM}"""


@dataclass(frozen=True)
class Verdict:
    """Whether what was found is enough, how sure that makes, and what is missing."""

    sufficient: bool
    confidence: float
    missing: str


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
