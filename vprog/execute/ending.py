"""The two calls that end a program, as signatures: their arguments cross the same border."""

from __future__ import annotations

from vprog.registry.signature import Parameter, Signature
from vprog.types import AnswerValue, EvidenceItem, Length

ANSWER = Signature(
    "answer",
    (
        Parameter("value", bool | AnswerValue, bounds=Length(0, 4000)),
        Parameter("evidence", list[EvidenceItem], default=[]),
    ),
    None,
    "End the program with its answer.",
)

ABSTAIN = Signature(
    "abstain",
    (Parameter("reason", str, bounds=Length(1, 1000)),),
    None,
    "End the program without an answer, saying why.",
)
