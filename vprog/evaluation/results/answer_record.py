"""The lines of answers.jsonl: what came of each case, and what its trace says of how.

One is the object that `vprog solve --json` prints, with the id of its case, and under "run" what
only the trace knows: the files' digests, the prompts' hashes, who served what. They are read where
they lie: of 10,000 cases they would take tens of megabytes in memory.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from vprog.errors import TraceError
from vprog.evaluation.case_list import CaseDigests
from vprog.evaluation.results.json_lines import json_lines
from vprog.runs.result import Result
from vprog.trace.event import LlmCalled, ModuleUsed, RunStarted
from vprog.trace.recorded_result import RecordedCost
from vprog.trace.trace_files import MOST_TRACE_BYTES, TRACE_FILE, read_inside
from vprog.types import Evidence
from vprog.types.mask_rle import MaskRle

ANSWERS = "answers*.jsonl"
"""Those of shards as well."""
_STARTED = b'{"event":"run_started"'
_ASKED = b'{"event":"llm_called"'
_CALLED = b'{"event":"module_called"'
_MASK = b'"$type":"Mask"'


class PromptSent(msgspec.Struct, frozen=True, kw_only=True):
    """One request to a language model, without its words."""

    model: str
    purpose: str
    sha256: str
    """Of the messages as JSON: equal prompts have equal ones."""
    tokens_in: int
    tokens_out: int


class CitedMask(msgspec.Struct, frozen=True, kw_only=True):
    """The pixels of something that the evidence names, as COCO writes them."""

    video: int = 0
    time: float
    size: tuple[int, int]
    counts: str


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
    masks: list[CitedMask] = []
    """Of the evidence, where it is masks."""


class _Call(msgspec.Struct):
    task: str


class _MaskCall(msgspec.Struct):
    """A call that gave masks, as far as they are looked for."""

    result: Any
    masks: dict[str, str] = {}


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
    text: str | None = None
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
    cost: RecordedCost = RecordedCost()
    trace: str | None = None
    run: RunFacts = RunFacts()


def answer_line(case_id: str, digest: str, result: Result) -> dict[str, Any]:
    """The line of a result."""
    facts = RunFacts()
    if result.trace_path is not None:
        facts = run_facts(result.trace_path, result.evidence)
    return {
        "id": case_id,
        "case": digest,
        **result.to_dict(),
        "run": msgspec.to_builtins(facts),
    }


def run_facts(folder: Path, evidence: Iterable[Evidence] = ()) -> RunFacts:
    """What the trace in a folder says; nothing where it is gone or was never written.

    Args:
        folder: of the run.
        evidence: of its answer; the masks that it names are looked for.
    """
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
        masks=_cited_masks(lines, evidence),
    )


def _cited_masks(lines: Iterable[bytes], evidence: Iterable[Evidence]) -> list[CitedMask]:
    """The bitmaps of the masks that modules gave at the times and boxes of the evidence."""
    cited = {(item.video, item.start, tuple(item.box)) for item in evidence if item.box is not None}
    masks: dict[str, CitedMask] = {}
    for line in lines if cited else ():
        if not (line.startswith(_CALLED) and _MASK in line):
            continue
        call = msgspec.json.decode(line, type=_MaskCall)
        for mask in _masks_in(call.result):
            frame, key = mask["frame"], mask["key"]
            place = (frame["video"], frame["time"], _corners(mask["box"]))
            if place in cited and key in call.masks:
                rle = msgspec.json.decode(call.masks[key], type=MaskRle)
                masks[f"{place} {key}"] = CitedMask(
                    video=frame["video"], time=frame["time"], size=rle.size, counts=rle.counts
                )
    return sorted(masks.values(), key=lambda mask: (mask.video, mask.time))


def _corners(box: Any) -> tuple[float, ...]:
    return tuple(box[side] for side in ("x0", "y0", "x1", "y1"))


def _masks_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("$type") == "Mask":
            yield value
        else:
            for item in value.values():
                yield from _masks_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _masks_in(item)


class AnswerLines:
    """The last line of each case in the files of answers of a folder; close it."""

    def __init__(self, folder: Path, digests: CaseDigests) -> None:
        """Find them.

        Args:
            folder: that of the evaluation.
            digests: of each case: lines of other digests are of another question.

        Raises:
            UsageError: a line is none.
        """
        self._digests = digests
        self._open = ExitStack()
        self._files = [
            self._open.enter_context(path.open("rb")) for path in sorted(folder.glob(ANSWERS))
        ]
        # By the place of the case, start * files + file: less than a tenth of what a dict takes.
        self._starts = array("q", (-1 for _ in range(len(digests))))
        with ExitStack() as failing:
            failing.push(self._open)
            for number, file in enumerate(self._files):
                places = _Places(file)
                for _, record in json_lines(places, AnswerRecord, file.name, is_growing=True):
                    if digests.get(record.id) == record.case:
                        start = places.start * len(self._files) + number
                        self._starts[digests.place_of(record.id)] = start
            failing.pop_all()

    def __contains__(self, case_id: str) -> bool:
        return self._starts[self._digests.place_of(case_id)] >= 0

    def line(self, case_id: str) -> bytes:
        """The line of a case, with its end."""
        start, number = divmod(self._starts[self._digests.place_of(case_id)], len(self._files))
        self._files[number].seek(start)
        return self._files[number].readline().removesuffix(b"\n") + b"\n"

    def record(self, case_id: str) -> AnswerRecord:
        """What it says."""
        return msgspec.json.decode(self.line(case_id), type=AnswerRecord)

    def __enter__(self) -> AnswerLines:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()


class _Places:
    """Lines of a file, and where the latest began."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.start = 0
        self._next = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.start, self._next = self._next, self._next + len(line)
            yield line


def read_answers(folder: Path, names: str) -> Iterator[AnswerRecord]:
    """What the lines of files of answers say.

    Args:
        folder: that of the evaluation.
        names: which files.

    Raises:
        UsageError: a line is none.
    """
    for path in sorted(folder.glob(names)):
        with path.open("rb") as file:
            for _, record in json_lines(file, AnswerRecord, str(path), is_growing=True):
                yield record
