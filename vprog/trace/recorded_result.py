"""The result of a run as its trace has it: what `--json` printed, every field of its type."""

from __future__ import annotations

import msgspec

from vprog.errors import TraceError
from vprog.trace.event import RecordedEvidence, RunEnded
from vprog.types.coverage import VideoCoverage


class RecordedError(msgspec.Struct, frozen=True, kw_only=True):
    """Why there was no answer."""

    code: str = ""
    message: str
    hint: str = ""
    line: int | None = None


class RecordedCost(msgspec.Struct, frozen=True, kw_only=True):
    """What the run cost."""

    seconds: float = 0.0
    llm_calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    frames_decoded: int = 0
    module_calls: dict[str, int] = {}


class RecordedResult(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` printed."""

    status: str = ""
    answer: int | float | str | list[int | float | str] | None = None
    choice: int | None = None
    score: float | None = None
    confidence: float | None = None
    calibration: str = ""
    evidence: list[RecordedEvidence] = []
    path: str | None = None
    program: str | None = None
    error: RecordedError | None = None
    cost: RecordedCost | None = None
    coverage: list[VideoCoverage] | None = None
    """None in traces from before it was recorded."""
    warnings: list[str] = []


def decode_result(ended: RunEnded) -> RecordedResult:
    """The result that a run ended with.

    Raises:
        TraceError: something in it is not of its type.
    """
    try:
        return msgspec.json.decode(ended.result, type=RecordedResult)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise TraceError(f"the result cannot be read: {error}") from error
