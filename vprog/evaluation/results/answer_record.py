"""One line of answers.jsonl: what came of a case, and what its trace says of how.

It is the object that `vprog solve --json` prints, with the id of its case, and under "run" what
only the trace knows: the files' digests, the prompts' hashes, who served what.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from vprog.errors import TraceError
from vprog.runs.result import Result
from vprog.trace.event import LlmCalled, ModuleUsed, RunStarted
from vprog.trace.trace_files import MOST_TRACE_BYTES, TRACE_FILE, read_inside

_STARTED = b'{"event":"run_started"'
_ASKED = b'{"event":"llm_called"'
_CALLED = b'{"event":"module_called"'


class PromptSent(msgspec.Struct, frozen=True, kw_only=True):
    """One request to a language model, without its words."""

    model: str
    purpose: str
    sha256: str
    """Of the messages as JSON: equal prompts have equal ones."""
    tokens_in: int
    tokens_out: int


class RunFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a trace says of how an answer came about."""

    vprog: str = ""
    videos: list[str] = []
    """The content hash of each file."""
    writer: str = ""
    answerer: str | None = None
    device: str = ""
    modules: list[ModuleUsed] = []
    """Those that answered a call, with version and the digest of their weights."""
    prompts: list[PromptSent] = []


class _Call(msgspec.Struct):
    task: str


class CostRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a question cost; see vprog.runs.result.Cost."""

    seconds: float = 0.0
    llm_calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    frames_decoded: int = 0
    module_calls: dict[str, int] = {}


class ErrorRow(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no answer."""

    code: str
    message: str = ""


class EvidenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence."""

    video: int = 0
    start: float | None = None
    end: float | None = None
    box: tuple[float, float, float, float] | None = None
    supported: bool = False


class AnswerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A line of answers.jsonl, as far as it is read again."""

    id: str
    case: str
    status: str
    answer: Any = None
    choice: int | None = None
    score: float | None = None
    confidence: float | None = None
    evidence: list[EvidenceRow] = []
    path: str | None = None
    error: ErrorRow | None = None
    cost: CostRow = CostRow()
    trace: str | None = None
    run: RunFacts = RunFacts()


def answer_line(case_id: str, digest: str, result: Result) -> dict[str, Any]:
    """The line of a result."""
    facts = run_facts(result.trace_path) if result.trace_path is not None else RunFacts()
    return {
        "id": case_id,
        "case": digest,
        **result.to_dict(),
        "run": msgspec.to_builtins(facts),
    }


def run_facts(folder: Path) -> RunFacts:
    """What the trace in a folder says; nothing where it is gone or was never written."""
    try:
        lines = read_inside(folder, TRACE_FILE, most=MOST_TRACE_BYTES).split(b"\n")
    except TraceError:
        return RunFacts()
    started = next((line for line in lines if line.startswith(_STARTED)), None)
    if started is None:
        return RunFacts()
    run = msgspec.json.decode(started, type=RunStarted)
    asked = (msgspec.json.decode(line, type=LlmCalled) for line in lines if line.startswith(_ASKED))
    called = {
        msgspec.json.decode(line, type=_Call).task for line in lines if line.startswith(_CALLED)
    }
    return RunFacts(
        vprog=run.vprog,
        videos=[video.content_hash for video in run.videos],
        writer=run.writer,
        answerer=run.answerer,
        device=run.device,
        modules=[module for module in run.modules if module.task in called],
        prompts=[
            PromptSent(
                model=call.model,
                purpose=call.purpose,
                sha256=hashlib.sha256(msgspec.json.encode(call.messages)).hexdigest(),
                tokens_in=call.tokens_in,
                tokens_out=call.tokens_out,
            )
            for call in asked
        ],
    )
