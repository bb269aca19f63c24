"""The result of a question: what `vprog.solve` gives and `--json` prints."""

from __future__ import annotations

import html
import os
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from vprog.errors import TraceError, VprogError, words_of
from vprog.exit_status import Status
from vprog.types.answer import Evidence
from vprog.types.coverage import VideoCoverage
from vprog.view.words import answer_line

if TYPE_CHECKING:
    import pandas

    from vprog.media.browser_proxy import ProxyName
    from vprog.view.explored_trace import Trace
    from vprog.view.notebook_view import NotebookView
    from vprog.view.tables import Kind


@dataclass(frozen=True)
class Cost:
    """What the question cost."""

    seconds: float = 0.0
    llm_calls: int = 0
    """Requests to models that write and to those that look."""
    tokens_in: int = 0
    """Read by both, frames included, as far as they tell."""
    tokens_out: int = 0
    frames_decoded: int = 0
    module_calls: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            ("issued", "executed", "cached", "joined", "guessed", "wasted"), 0
        )
    )


@dataclass(frozen=True)
class ErrorInfo:
    """Why there is no answer."""

    code: str
    message: str
    hint: str = ""
    line: int | None = None


@dataclass(frozen=True, repr=False)
class Result:
    """What came of a question.

    `answer` is None exactly when `status` is not "answered"; `error` then says why.
    """

    status: Status
    answer: int | float | str | list[Any] | None = None
    choice: int | None = None
    label: str | None = None
    """The letter or number that the prompt gave to the chosen option; None where it gave none."""
    score: float | None = None
    confidence: float | None = None
    """The chance that it is right; None where nothing was fitted to such answers."""
    calibration: str = ""
    """What the confidence is fitted to: the questions that ship with vprog, or one's own."""
    evidence: tuple[Evidence, ...] = ()
    path: str | None = None
    program: str | None = None
    error: ErrorInfo | None = None
    cost: Cost = field(default_factory=Cost)
    isolation: dict[str, Any] = field(
        default_factory=lambda: {
            **dict.fromkeys(("gate", "vm", "process", "jail"), False),
            "missing": [],
        }
    )
    """Which isolation layers held; none where nothing ran."""
    trace_path: Path | None = None
    warnings: tuple[str, ...] = ()
    question: str = ""
    reading: str = ""
    score_parts: Mapping[str, float] = field(default_factory=dict)
    """What the score is made of: see vprog/runs/score.py."""
    coverage: tuple[VideoCoverage, ...] | None = None
    """How much of each video modules saw, and what no module did: see vprog/types/coverage.py.
    None where nothing ran, or where a replayed trace does not say."""

    @property
    def exit_code(self) -> int:
        """The exit code that the command line gives."""
        return self.status.exit_code

    @property
    def trace(self) -> Trace:
        """The trace of the run, read from its folder.

        Raises:
            TraceNotFoundError: the run left none, or it was removed.
        """
        from vprog.view.explored_trace import Trace

        return Trace.load(self.trace_path if self.trace_path is not None else Path("?"))

    def view(
        self, *, video: ProxyName | None = "h264", beside: Result | None = None
    ) -> NotebookView:
        """The page of the run inside a notebook; see `Trace.view`.

        Args:
            video: "h264" or "vp9", to play the cited spans; None for pictures alone.
            beside: another result, to be compared.

        Raises:
            TraceNotFoundError: a run left no trace, or it was removed.
            VideoError: a video that is to be put in is gone, is another, or cannot be decoded.
        """
        return self.trace.view(video=video, beside=None if beside is None else beside.trace)

    def to_dict(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {
            "status": self.status,
            "answer": self.answer,
            "choice": self.choice,
            "label": self.label,
            "score": self.score,
            "confidence": self.confidence,
            "calibration": self.calibration,
            "evidence": [
                {
                    "video": item.video,
                    "start": _seconds(item.start),
                    "end": _seconds(item.end),
                    "box": [round(side, 2) for side in item.box] if item.box else None,
                    "text": item.text,
                    "supported": item.supported,
                }
                for item in self.evidence
            ],
            "path": self.path,
            "program": self.program,
            "error": None
            if self.error is None
            else {
                "code": self.error.code,
                "message": self.error.message,
                "hint": self.error.hint,
                "line": self.error.line,
            },
            "cost": {
                "seconds": round(self.cost.seconds, 3),
                "llm_calls": self.cost.llm_calls,
                "tokens_in": self.cost.tokens_in,
                "tokens_out": self.cost.tokens_out,
                "frames_decoded": self.cost.frames_decoded,
                "module_calls": self.cost.module_calls,
            },
            "coverage": None if self.coverage is None else msgspec.to_builtins(self.coverage),
            "isolation": self.isolation,
            "trace": None if self.trace_path is None else os.fspath(self.trace_path),
            "warnings": list(self.warnings),
        }

    def to_row(self) -> dict[str, str | float | bool | None]:
        """The result as one flat row of a table: text, numbers, truth values and None alone.

        `answer` is text whatever it is, `answer_number` the number where it is one; `choice` is
        the letter; `start` and `end` span all evidence with a time, in seconds.

        Example:
            >>> pandas.DataFrame([result.to_row() for _, result in vprog.solve_many(cases)])
        """
        starts = [item.start for item in self.evidence if item.start is not None]
        ends = [item.end for item in self.evidence if item.end is not None]
        is_number = isinstance(self.answer, int | float) and not isinstance(self.answer, bool)
        row: dict[str, str | float | bool | None] = {
            "question": self.question,
            "status": str(self.status),
            "answer": self.text() or None,
            "answer_number": float(self.answer) if is_number else None,  # type: ignore[arg-type]
            "choice": None if self.choice is None else chr(ord("A") + self.choice),
            "score": self.score,
            "confidence": self.confidence,
            "start": min(starts, default=None),
            "end": max(ends, default=None),
            "evidence": float(len(self.evidence)),
            "supported": all(item.supported for item in self.evidence) if self.evidence else None,
            "path": self.path,
            "error_code": self.error.code if self.error else None,
            "error": f"{self.error.message} {self.error.hint}".strip() if self.error else None,
            "seconds": self.cost.seconds,
            "llm_calls": float(self.cost.llm_calls),
            "tokens_in": float(self.cost.tokens_in),
            "tokens_out": float(self.cost.tokens_out),
            "frames_decoded": float(self.cost.frames_decoded),
            "calls": float(self.cost.module_calls.get("issued", 0)),
            "warnings": "; ".join(self.warnings) or None,
            "trace": None if self.trace_path is None else os.fspath(self.trace_path),
        }
        return row

    def to_pandas(self) -> pandas.DataFrame:
        """The row of `to_row` as a table of one line; the evidence itself: see `Trace`.

        Raises:
            PackageMissingError: pandas is not installed.
        """
        from vprog.view.tables import pandas_table

        return pandas_table([self.to_row()], _ROW)

    def to_parquet(self, path: str | Path) -> None:
        """The same as a parquet file.

        Raises:
            PackageMissingError: pyarrow is not installed.
        """
        from vprog.view.tables import write_table

        write_table([self.to_row()], _ROW, path, {"vprog.question": self.question})

    def text(self) -> str:
        """The answer as one line: the label of its option where the prompt gave it one; "" if
        there is none."""
        times = [time for item in self.evidence for time in (item.start, item.end)]
        return self.label or answer_line(self.answer, times)

    def __repr__(self) -> str:
        if self.status == "answered":
            sure = "" if self.score is None else f", score {self.score:.2f}"
            return f"<Result answered: {self.answer!r}{sure}>"
        return f"<Result {self.status}: {self.error.message if self.error else ''}>"

    def _repr_html_(self) -> str:
        if self.trace_path is None:
            return self._plain_html()
        try:
            return self.trace._repr_html_()
        except TraceError:  # pruned, or moved: the answer is still here
            return self._plain_html()

    def _plain_html(self) -> str:
        what = self.text() or (self.error.message if self.error else self.status)
        return f"<p><b>{html.escape(self.status)}</b>: {html.escape(what)}</p>"


_ROW: dict[str, Kind] = {
    "question": "text", "status": "text", "answer": "text", "answer_number": "number",
    "choice": "text", "score": "number", "confidence": "number", "start": "number",
    "end": "number", "evidence": "number", "supported": "flag", "path": "text",
    "error_code": "text", "error": "text", "seconds": "number", "llm_calls": "number",
    "tokens_in": "number", "tokens_out": "number", "frames_decoded": "number",
    "calls": "number", "warnings": "text", "trace": "text",
}  # fmt: skip
"""The columns of `to_row`."""


def _seconds(time: float | None) -> float | None:
    return None if time is None else round(time, 6)


def fault_of(error: Exception) -> VprogError:
    """A fault of ours, with where it was."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return VprogError(
        f"a fault in vprog: {words_of(error)} ({Path(where.filename).name}:{where.lineno}).",
        hint="Set VPROG_DEBUG=1 to have it raised, and report it with the trace.",
    )


def interrupted_result() -> Result:
    """The result of a run that somebody ended."""
    hint = "Run it again: what was computed is cached."
    return Result(
        status=Status.INTERRUPTED, error=ErrorInfo("interrupted", "the run was interrupted.", hint)
    )


def error_info(error: VprogError) -> ErrorInfo:
    """An error as results show it."""
    return ErrorInfo(error.code, error.message, error.hint, error.line)
