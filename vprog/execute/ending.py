"""The two calls that end a program: their signatures, whose arguments cross the same border."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from vprog.registry.signature import Parameter, Signature
from vprog.trace import event
from vprog.types import AnswerValue, Evidence, EvidenceItem, Length, wire

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


def answered(
    cell: int, line: int, value: object, evidence: Sequence[Evidence], score: float | None
) -> event.Answered:
    """The event of an answer."""
    return event.Answered(
        cell=cell,
        line=line,
        value=msgspec.Raw(wire.encode(value)),
        evidence=[event.EvidenceItem(**each._asdict()) for each in evidence],
        score=score,
    )
