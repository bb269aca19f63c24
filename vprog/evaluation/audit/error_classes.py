"""What kind of error a wrong answer is, and what a right one rests on: by rules over its trace.

Of the classes of Video-Holmes each answer is of the first whose rule holds:

    right answers
    TRAR    right for a right reason: all of its evidence is supported and, where the case says
            where the answer is to be seen, at least half of the evidence lies there
    TWAR    right, for another reason

    wrong answers
    VOE     visual omission: the case says where the answer is to be seen, and nothing of that was
            looked at, listened to or read
    TRAW    the right answer was there, as a single value that the program held or as what the
            thought of the model concludes, and another was given
    VPE     visual perception: with true values in place of those of modules it is right (`--blame`)
            or, where the case has steps, not all of them were reported
    RE      reasoning: with true values it is wrong all the same, or all steps were reported
    open    none of these can be told: there are neither true values nor steps

Whoever gives no answer is of none. The paper has people and a model sort; here nothing is guessed,
and a model sorts only where one is named (thought_judge.py).

TAC (think-answer consistency, Video-R2) is of multiple choice with a thought in the reply: whether
the option that the thought concludes is the one that was given. The observation score (ReWatch-R1)
is of cases whose events are told in words: the share of texts in the evidence whose words stand in
them.

Source: Video-Holmes, arXiv:2505.21374; Video-R2, 2025; ReWatch-R1, 2025.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from vprog.evaluation.audit.blame import BLAMES, NO_PROGRAM, PROGRAM, BlamedCase
from vprog.evaluation.audit.thought_judge import (
    AskedThought,
    JudgedThought,
    asked_thought,
    judge_thoughts,
    judged_tables,
)
from vprog.evaluation.case import Case, Cited
from vprog.evaluation.judge import is_right, is_step
from vprog.evaluation.results.eval_folder import (
    add_tables,
    archived_cases,
    read_results,
    trace_folder,
)
from vprog.evaluation.results.json_lines import json_lines
from vprog.evaluation.results.report.added_tables import ReportTable
from vprog.evaluation.results.scored_case import ScoredCase
from vprog.llm.language_model import LanguageModel
from vprog.runs.answer_reading import find_choice
from vprog.trace.branches import chosen_events
from vprog.trace.event import AnyEvent, LlmCalled, RunEnded, StepValue
from vprog.trace.recorded_result import RecordedResult, decode_result
from vprog.trace.store import read_trace
from vprog.types.coverage import StreamCoverage, VideoCoverage

CLASSES = ("TRAR", "TWAR", "VOE", "TRAW", "VPE", "RE", "open")
_WORDS = {
    "TRAR": "right for a right reason",
    "TWAR": "right for another reason",
    "VOE": "visual omission",
    "TRAW": "the right answer was there, another was given",
    "VPE": "visual perception",
    "RE": "reasoning",
    "open": "perception or reasoning, cannot be told",
}
_SCALARS = ("int", "float", "str")
_THOUGHT = re.compile(r"<think(?:ing)?>(.*?)</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_CONCLUDED = re.compile(r"\b(?:answer|option|choice)\b[^.\n]{0,20}?\b(?:is|be|:)\s*\(?([A-Z])\b")
_WORD = r"[+-]?\w+"
_HALF = 0.5


class DiagnosedCase(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said of one answer.

    Attributes:
        error_class: one of CLASSES; "" where there is no answer.
        is_consistent: whether it is what the thought concludes; None without a thought.
        n_observations: texts in its evidence, where the events are told.
        n_true: those of them that stand in what is told.
    """

    id: str
    error_class: str = ""
    is_consistent: bool | None = None
    n_observations: int = 0
    n_true: int = 0


def diagnose_evaluation(
    folder: Path,
    *,
    judge: LanguageModel | None = None,
    listen: Callable[[JudgedThought], None] = lambda judged: None,
) -> tuple[list[DiagnosedCase], list[ReportTable]]:
    """Sort the answers of an evaluation, and add the tables to its report.

    Args:
        folder: that `vprog eval -o` wrote, with its traces.
        judge: a model that sorts them too.
        listen: is told of each judgement that is made.

    Raises:
        UsageError: the folder has no results.
        TraceError: a trace is gone or damaged.
        LlmError: the judge cannot be reached; what it said is kept.
    """
    scored = {row.id: row for row in read_results(folder)}
    blames = _blames(folder)
    diagnosed: list[DiagnosedCase] = []

    def asked() -> Iterator[AskedThought]:
        for case in archived_cases(folder):
            row = scored.get(case.id)
            if row is None or not row.is_answered or not row.trace:
                continue
            events = read_trace(trace_folder(folder, row.trace)).events
            diagnosed.append(diagnose(case, row, events, blames.get(case.id)))
            result = _result_of(events)
            texts = [item.text for item in result.evidence if item.text]
            thoughts = _thoughts(events)
            thought = thoughts[-1].strip() if thoughts else ""
            told = asked_thought(case, row, thought, result.program or "", texts)
            if told is not None:
                yield told

    tables: list[ReportTable] = []
    if judge is None:
        deque(asked(), maxlen=0)
    else:
        judged = judge_thoughts(folder, asked(), judge, listen)
        by_rule = {one.id: one.error_class for one in diagnosed}
        tables = judged_tables(judged, by_rule, {name: _WORDS[name] for name in CLASSES[:-1]})
    tables = [*diagnosis_tables(diagnosed), *tables]
    add_tables(folder, tables)
    return diagnosed, tables


def diagnose(
    case: Case, row: ScoredCase, events: Sequence[AnyEvent], blamed: BlamedCase | None = None
) -> DiagnosedCase:
    """What can be said of one answer.

    Args:
        case: the question.
        row: its answer, scored.
        events: of its trace.
        blamed: what it comes to with true values, where that is known.
    """
    result = _result_of(events)
    told = [item.text for item in result.evidence if item.text] if case.told else []
    concluded = _concluded(case, events)
    return DiagnosedCase(
        id=case.id,
        error_class=_class_of(case, row, result, events, concluded, blamed),
        is_consistent=None if concluded is None else concluded == row.choice,
        n_observations=len(told),
        n_true=sum(_stands_in(text, case.told) for text in told),
    )


def diagnosis_tables(diagnosed: Sequence[DiagnosedCase]) -> list[ReportTable]:
    """Answers by class and, where there are any, thoughts and observations."""
    counts = Counter(one.error_class for one in diagnosed)
    n = {True: 0, False: 0}
    for name in CLASSES:
        n[name in CLASSES[:2]] += counts[name]
    tables = [
        ReportTable(
            name="error-classes",
            title="Right and wrong answers by what they rest on",
            head=["class", "answers", "share of the right or of the wrong ones"],
            rows=[
                [f"{name}: {_WORDS[name]}", str(counts[name]),
                 f"{counts[name] / n[name in CLASSES[:2]]:.1%}" if n[name in CLASSES[:2]] else "-"]
                for name in CLASSES
            ],
            note="The classes of Video-Holmes, by rules over the traces: vprog/evaluation/audit/"
            "error_classes.py has them. Run --blame before, so that perception and reasoning can "
            "be told apart.",
        )
    ]  # fmt: skip
    thoughts = [one.is_consistent for one in diagnosed if one.is_consistent is not None]
    n_observations = sum(one.n_observations for one in diagnosed)
    rows = []
    if thoughts:
        rows.append(["TAC: the option that the thought concludes is the one given",
                     str(len(thoughts)), f"{sum(thoughts) / len(thoughts):.1%}"])  # fmt: skip
    if n_observations:
        n_true = sum(one.n_true for one in diagnosed)
        rows.append(["observation score: texts of the evidence that stand in what happens",
                     str(n_observations), f"{n_true / n_observations:.1%}"])  # fmt: skip
    if rows:
        tables.append(
            ReportTable(
                name="thoughts",
                title="Thoughts and observations",
                head=["what", "of", "share"],
                rows=rows,
            )
        )
    return tables


def _class_of(
    case: Case,
    row: ScoredCase,
    result: RecordedResult,
    events: Sequence[AnyEvent],
    concluded: int | None,
    blamed: BlamedCase | None,
) -> str:
    if row.is_right:
        is_supported = bool(result.evidence) and all(item.supported for item in result.evidence)
        is_there = row.metrics.get("iop", 1.0) >= _HALF
        return "TRAR" if is_supported and is_there else "TWAR"
    if case.spans and result.coverage is not None and not _looked_at(case, result.coverage):
        return "VOE"
    is_held = not isinstance(case.answer, Cited) and any(
        is_right(case, value) for value in _values(events)
    )
    if concluded in case.right_choices or is_held:
        return "TRAW"
    if blamed is not None and not blamed.error and blamed.lost_to not in ("", NO_PROGRAM):
        return "RE" if blamed.lost_to == PROGRAM else "VPE"
    if case.steps:
        texts = [item.text for item in result.evidence if item.text]
        reported = [any(is_step(step, text, case) for text in texts) for step in case.steps]
        return "RE" if all(reported) else "VPE"
    return "open"


def _looked_at(case: Case, coverage: Sequence[VideoCoverage]) -> bool:
    """Whether anything of where the answer is was seen, heard or read."""
    first = next((one for one in coverage if one.video == 0), None)
    if first is None:
        return False
    streams = (first.pictures, first.sound, first.subtitles)
    return any(
        stream is not None and any(_is_seen(span, stream) for span in case.spans)
        for stream in streams
    )


def _is_seen(span: tuple[float, float], stream: StreamCoverage) -> bool:
    """Whether a part of a span, or a moment, is in no gap."""
    return not any(start <= span[0] and span[1] <= end for start, end in stream.unseen)


def _values(events: Sequence[AnyEvent]) -> Iterator[object]:
    """Single numbers and texts that the program which answered held, set once."""
    for event in chosen_events(events):
        if isinstance(event, StepValue) and event.count == 1 and event.type in _SCALARS:
            try:
                yield ast.literal_eval(event.text)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                yield event.text


def _concluded(case: Case, events: Sequence[AnyEvent]) -> int | None:
    """The option that the last thought of a model concludes; None without one."""
    if not case.choices:
        return None
    thoughts = _thoughts(events)
    letters = _CONCLUDED.findall(thoughts[-1]) if thoughts else []
    return find_choice(letters[-1], case.choices) if letters else None


def _thoughts(events: Sequence[AnyEvent]) -> list[str]:
    """What models thought in their replies, in order."""
    replies = [event.reply for event in events if isinstance(event, LlmCalled)]
    return [thought for reply in replies for thought in _THOUGHT.findall(reply)]


def _stands_in(text: str, told: str) -> bool:
    """Whether the words of a text stand in another, in a row."""
    words, known = (f" {' '.join(re.findall(_WORD, some.casefold()))} " for some in (text, told))
    return bool(words.strip()) and words in known


def _result_of(events: Sequence[AnyEvent]) -> RecordedResult:
    ended = next((event for event in reversed(events) if isinstance(event, RunEnded)), None)
    return decode_result(ended) if ended is not None else RecordedResult()


def _blames(folder: Path) -> Mapping[str, BlamedCase]:
    """What true values came to, by case, where that was run."""
    path = folder / BLAMES
    if not path.exists():
        return {}
    with path.open("rb") as file:
        lines: Any = json_lines(file, BlamedCase, str(path), is_growing=True)
        return {line.id: line for _, line in lines}
