"""The folder of an evaluation: what lies in it, and how it is made from cases and answers.

answers.jsonl       a line for each case as it was answered (those of shards beside it)
judgements.jsonl    what a model judge said
results.jsonl       verdicts and metrics, in the order of the cases
summary.json        the figures
report.html, .md    the same for people
tables/             what diagnostics added to the report
arms/NAME/          the evaluation of each arm
archive.zip         all that it takes to make these again; see archive.py
traces/             the run of each case
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from vprog.errors import UsageError
from vprog.evaluation.baselines import guessed_cases
from vprog.evaluation.case import Case, CaseForm, cases_of_forms
from vprog.evaluation.case_rows import CaseRow
from vprog.evaluation.results.answer_record import AnswerRecord
from vprog.evaluation.results.archive import (
    EvalManifest,
    manifest_of,
    read_archive,
    write_archive,
)
from vprog.evaluation.results.json_lines import json_lines
from vprog.evaluation.results.model_judge import Judgement, judge_answer, needs_judge, prompt_sha256
from vprog.evaluation.results.report.report_files import write_report
from vprog.evaluation.results.report.report_tables import ReportTable, keep_tables, kept_tables
from vprog.evaluation.results.scored_case import GRAMMAR, ScoredCase, score_case
from vprog.evaluation.results.summary import EvalSummary, summarise
from vprog.llm.client import LanguageModel
from vprog.trace.trace_files import TRACE_FILE

ANSWERS = "answers.jsonl"
TRACES = "traces"


@dataclass(frozen=True)
class Evaluated:
    """What came of an evaluation.

    Attributes:
        summary: its figures.
        scored: its cases.
        is_same: of a replay, whether results.jsonl is that of the archive.
    """

    summary: EvalSummary
    scored: Sequence[ScoredCase]
    is_same: bool = True


def finish(
    folder: Path,
    cases: Sequence[Case],
    *,
    suite: str,
    settings: Mapping[str, Any],
    digests: Mapping[str, str],
    judge: LanguageModel | None = None,
    listen: Callable[[Judgement], None] = lambda judgement: None,
) -> Evaluated:
    """Score the answers of a folder, and write results, report and archive.

    Args:
        folder: with the lines of answers.
        cases: those that were to be answered; who has no line is not scored.
        suite: the benchmark; "" for none.
        settings: those that were named.
        digests: of each case, by id: lines of other digests are of another question.
        judge: a model that judges open answers too.
        listen: is told of each judgement.

    Raises:
        UsageError: no case was answered, or a file cannot be read.
        LlmError: the judge cannot be reached; what it judged is kept.
    """
    # Lines, and not what they say: of 10,000 cases that would be hundreds of megabytes.
    lines = {
        record.id: line
        for line, record in read_answers(folder)
        if digests.get(record.id) == record.case
    }
    answered = [case for case in cases if case.id in lines]
    if not answered:
        raise UsageError(f"{folder}: no case is answered yet.", hint="Go on with --resume.")
    judgements = _judged(folder, answered, lines, judge, listen) if judge is not None else {}
    traces: list[tuple[str, Path]] = []
    answers = io.BytesIO()
    for case in answered:  # a line goes as it is written: what follows has them in one piece
        line = lines.pop(case.id)
        answers.write(line + b"\n")
        trace = _record(line).trace
        if trace is not None:
            traces.append((case.id, trace_folder(folder, trace) / TRACE_FILE))
    members = {
        "cases.jsonl": _joined(_case_line(case) for case in answered),
        "answers.jsonl": answers.getvalue(),
        "judgements.jsonl": _joined(
            msgspec.json.encode(judgements[case.id]) + b"\n"
            for case in answered
            if case.id in judgements
        ),
    }
    del answers
    records = _objects(members["answers.jsonl"], AnswerRecord, "answers.jsonl")
    manifest = manifest_of(
        ((record, case.names) for case, record in zip(answered, records, strict=True)),
        suite=suite,
        settings=settings,
        judge=judge.name if judge is not None else GRAMMAR,
        judge_prompt_sha256=prompt_sha256() if judge is not None else "",
    )
    evaluated = _score(folder, manifest, members)
    members["results.jsonl"] = (folder / "results.jsonl").read_bytes()
    write_archive(folder / "archive.zip", manifest, members, traces)
    return evaluated


def replay(archive: Path, folder: Path) -> Evaluated:
    """Score an archive again, with neither models nor videos.

    Raises:
        UsageError: it is no archive, or the folder has results already.
    """
    manifest, members = read_archive(archive)
    if (folder / "results.jsonl").exists():
        raise UsageError(f"{folder} has results already.", hint="Name another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    evaluated = _score(folder, manifest, members)
    if archive.resolve() != (folder / "archive.zip").resolve():
        (folder / "archive.zip").write_bytes(archive.read_bytes())
    is_same = (folder / "results.jsonl").read_bytes() == members["results.jsonl"]
    return Evaluated(evaluated.summary, evaluated.scored, is_same)


def read_answers(
    folder: Path, names: str = "answers*.jsonl"
) -> Iterator[tuple[bytes, AnswerRecord]]:
    """The lines of files of answers, each as it stands and as what it says.

    Args:
        folder: that of the evaluation.
        names: which files; by default those of shards as well.

    Raises:
        UsageError: a line is none.
    """
    for path in sorted(folder.glob(names)):
        yield from json_lines(path.read_bytes(), AnswerRecord, str(path), is_growing=True)


def read_results(folder: Path) -> list[ScoredCase]:
    """The scored cases of a folder.

    Raises:
        UsageError: it has no results.jsonl, or one that is damaged.
    """
    path = folder / "results.jsonl"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path}: the results cannot be read: {error.strerror}.",
            hint="Name a folder that `vprog eval -o` wrote.",
        ) from error
    return list(_objects(data, ScoredCase, str(path)))


def archived_cases(folder: Path) -> list[Case]:
    """The cases that an evaluation scored, from its archive.

    Raises:
        UsageError: the folder has no archive, or a damaged one.
    """
    _, members = read_archive(folder / "archive.zip")
    return _cases_of(members["cases.jsonl"])


def trace_folder(folder: Path, trace: str) -> Path:
    """Where a run lies: in this folder, which may have been moved, or where it was recorded."""
    moved = folder / TRACES / Path(trace).name
    return moved if moved.exists() else Path(trace)


def _score(folder: Path, manifest: EvalManifest, members: Mapping[str, bytes]) -> Evaluated:
    """Results, figures and report from what the archive has, and from nothing else."""
    cases = _cases_of(members["cases.jsonl"])
    records = _objects(members["answers.jsonl"], AnswerRecord, "answers.jsonl")
    judged = {
        judgement.id: (judgement.model, judgement.right is True)
        for judgement in _objects(members["judgements.jsonl"], Judgement, "judgements.jsonl")
    }
    scored: list[ScoredCase] = []
    with (folder / "results.jsonl").open("wb") as file:
        for case, record in zip(cases, records, strict=True):
            scored.append(score_case(case, record, judged.get(case.id)))
            file.write(msgspec.json.encode(scored[-1]) + b"\n")
    summary = summarise(scored, guessed_cases(cases))
    (folder / "summary.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(summary), indent=1) + b"\n"
    )
    write_report(folder, manifest, summary, scored, cases, kept_tables(folder))
    return Evaluated(summary, scored)


def add_tables(folder: Path, tables: list[ReportTable]) -> None:
    """Add tables that speak of the results in a folder to its report.

    Raises:
        UsageError: the folder has no results or no archive, or they are damaged.
    """
    scored = read_results(folder)
    manifest, members = read_archive(folder / "archive.zip")
    cases = _cases_of(members["cases.jsonl"])
    keep_tables(folder, tables)
    summary = summarise(scored, guessed_cases(cases))
    write_report(folder, manifest, summary, scored, cases, kept_tables(folder))


def _cases_of(data: bytes) -> list[Case]:
    forms = _objects(data, CaseForm, "cases.jsonl")
    rows = (
        (CaseRow(number, f"cases.jsonl line {number}", {}), form)
        for number, form in enumerate(forms, start=1)
    )
    return cases_of_forms(rows, Path())


def _joined(lines: Iterable[bytes]) -> bytes:
    """Lines in one piece; `b"".join` would first make a list of all of them."""
    file = io.BytesIO()
    file.writelines(lines)
    return file.getvalue()


def _case_line(case: Case) -> bytes:
    """A case in the neutral form, as a loader or a file gave it."""
    form = CaseForm(
        id=case.id,
        video=list(case.names),
        question=case.question,
        answer=msgspec.to_builtins(case.answer),
        choices=list(case.choices),
        tolerance=case.tolerance,
        tiou=case.tiou,
        subs=case.subtitles.name if case.subtitles is not None else None,
        subs_offset=case.subtitles_offset,
        group=dict(case.groups),
        span=[list(span) for span in case.spans] or None,
        box=[msgspec.to_builtins(box) for box in case.boxes] or None,
        start=case.start,
        end=case.end,
        together=case.together,
        held_out=case.held_out,
        source=case.source,
    )
    return msgspec.json.encode(form) + b"\n"


def _judged(
    folder: Path,
    cases: Sequence[Case],
    lines: Mapping[str, bytes],
    judge: LanguageModel,
    listen: Callable[[Judgement], None],
) -> dict[str, Judgement]:
    """The model's judgements; each is kept as it comes, so that none is asked for twice."""
    path = folder / "judgements.jsonl"
    data = path.read_bytes() if path.exists() else b""
    kept = {item.id: item for item in _objects(data, Judgement, str(path), is_growing=True)}
    judgements: dict[str, Judgement] = {}
    with path.open("ab") as file:
        if data and not data.endswith(b"\n"):
            file.write(b"\n")
        for case in cases:
            record = _record(lines[case.id])
            if not needs_judge(case, record):
                continue
            judgement = judge_answer(case, record, judge, kept)
            if judgement is not kept.get(case.id):
                file.write(msgspec.json.encode(judgement) + b"\n")
                file.flush()
            judgements[case.id] = judgement
            listen(judgement)
    return judgements


def _record(line: bytes) -> AnswerRecord:
    return msgspec.json.decode(line, type=AnswerRecord)


def _objects(data: bytes, kind: Any, where: str, *, is_growing: bool = False) -> Iterator[Any]:
    """The objects of JSON lines."""
    return (item for _, item in json_lines(data, kind, where, is_growing=is_growing))
