"""How programs end: `answer` and `abstain`, whose arguments cross the boundary too, and badly."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from vprog.boundary import convert
from vprog.errors import LimitError, ProgramFailedError, VprogError
from vprog.program.lowering.lower import restore_names
from vprog.registry.signature import Parameter, Signature
from vprog.sandbox.session_protocol import RaisedStep
from vprog.trace import event
from vprog.types import AnswerValue, Evidence, EvidenceValue, Length, wire

_MACHINE = "the program met its limit of "

ANSWER = Signature(
    "answer",
    (
        Parameter("value", bool | AnswerValue, bounds=Length(0, 4000)),
        Parameter("evidence", list[EvidenceValue], default=[]),
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
    cell: int,
    line: int,
    value: object,
    evidence: Sequence[Evidence],
    score: float | None,
    denial: float | None = None,
) -> event.Answered:
    """The event of an answer."""
    return event.Answered(
        cell=cell,
        line=line,
        value=msgspec.Raw(wire.encode(value)),
        evidence=[event.RecordedEvidence(**item._asdict()) for item in evidence],
        score=score,
        denial=denial,
    )


def raised_error(
    step: RaisedStep, failure: VprogError | None, line: int | None, renamed: Collection[str] = ()
) -> ProgramFailedError:
    """What a program raised; where that was what a call gave it, with the host's own words.

    Programs are told of a broken module in a fixed text; people in full. The call's error is
    its cause.

    Args:
        step: how the cell ended.
        failure: the last error that a call of the cell was answered with.
        line: of the cell.
        renamed: names of the path that the lowering renamed.
    """
    is_calls = failure is not None and convert.program_error(failure)[1] == step.message
    error = ProgramFailedError(
        f"{step.kind}: {restore_names(step.message, renamed)}",
        hint=str(failure) if is_calls else "",
        line=line,
    )
    error.__cause__ = failure if is_calls else None
    return error


def unended_error(source: str) -> ProgramFailedError:
    """A program ran to its end, and there was no answer."""
    return ProgramFailedError(
        "the program ended without calling `answer` or `abstain`.",
        hint="Call answer(value, evidence=[...]) at its end, on every path.",
        line=len(source.rstrip().splitlines()),
    )


def machine_error(kind: str, message: str, line: int | None) -> LimitError:
    """The sandbox ended a program that used too much time, memory or output."""
    return LimitError(f"{_MACHINE}{kind}: {message}", line=line)


def is_machine_end(message: str) -> bool:
    """Whether the sandbox ended a program, by clocks and memory that are another each time."""
    return message.startswith(_MACHINE)
