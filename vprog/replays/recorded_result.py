"""The result that a recording ends with, read with care: a trace may come from anywhere."""

from __future__ import annotations

import msgspec

from vprog.errors import TraceError
from vprog.runs.result import Problem
from vprog.trace.event import EvidenceItem
from vprog.trace.store import Recording


class RecordedResult(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` printed, without costs and walls."""

    status: str
    answer: int | float | str | list[int | float | str] | None = None
    choice: int | None = None
    score: float | None = None
    confidence: float | None = None
    evidence: list[EvidenceItem] = []
    path: str | None = None
    program: str | None = None
    error: Problem | None = None
    warnings: list[str] = []


def result_of(recording: Recording) -> RecordedResult:
    """The result of a run that came to an end.

    Raises:
        TraceError: the run was cut off, interrupted, or ended by a fault; or what is recorded
            cannot be read.
    """
    name = recording.folder.name
    ended = recording.ended
    if ended is None and recording.damage:
        raise TraceError(
            f"{name}: the trace is damaged: {recording.damage}.",
            hint="`vprog trace show` shows what of it can be read.",
        )
    if ended is None or ended.status in ("interrupted", "internal"):
        how = "was cut off" if ended is None else f"ended as {ended.status}"
        raise TraceError(
            f"{name}: the run {how}: there is no result to come to again.",
            hint="Ask the question again: what was computed is cached.",
        )
    hint = "The file was changed, or is of another version of vprog."
    if not recording.started.videos:
        raise TraceError(f"{name}: the trace names no video.", hint=hint)
    try:
        return msgspec.json.decode(ended.result, type=RecordedResult)
    except msgspec.MsgspecError as error:
        raise TraceError(f"{name}: its result cannot be read: {error}.", hint=hint) from error
