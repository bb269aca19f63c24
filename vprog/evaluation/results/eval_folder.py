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

import hashlib
import io
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

import msgspec

from vprog.errors import UsageError
from vprog.evaluation.baselines import GuessedCase, guessed_case
from vprog.evaluation.case import Case, CaseForm, each_case
from vprog.evaluation.case_list import CaseDigests
from vprog.evaluation.case_rows import CaseRow
from vprog.evaluation.file_locks import only_writer
from vprog.evaluation.judge import Judgement, ask_model, needs_model, prompt_sha256
from vprog.evaluation.kept_list import KeptList, chosen
from vprog.evaluation.results.answer_record import AnswerLines, AnswerRecord
from vprog.evaluation.results.archive import (
    ArchiveWriter,
    EvalArchive,
    EvalManifest,
    keep_tables_in,
    manifest_of,
    open_archive,
)
from vprog.evaluation.results.json_lines import json_lines
from vprog.evaluation.results.report.added_tables import (
    FOLDER,
    ReportTable,
    keep_tables,
    kept_tables,
    tables_data,
)
from vprog.evaluation.results.report.report import ReportRows, write_report
from vprog.evaluation.results.scored_case import GRAMMAR, ScoredCase, for_figures, score_case
from vprog.evaluation.results.summary import EvalSummary, summarise
from vprog.llm.language_model import LanguageModel
from vprog.trace.trace_files import TRACE_FILE

TRACES = "traces"


@dataclass(frozen=True)
class Evaluated:
    """What came of an evaluation.

    Attributes:
        summary: its figures.
        is_same: of a replay, whether results.jsonl is that of the archive.
    """

    summary: EvalSummary
    is_same: bool = True


def finish(
    folder: Path,
    cases: Sequence[Case],
    *,
    suite: str,
    settings: Mapping[str, Any],
    digests: CaseDigests,
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
        UsageError: no case was answered, a file cannot be read, or another process scores them.
        LlmError: the judge cannot be reached; what it judged is kept.
    """
    with only_writer(folder), AnswerLines(folder, digests) as lines:
        answered = chosen(cases, lambda case: case.id in lines)
        if not answered:
            raise UsageError(f"{folder}: no case is answered yet.", hint="Go on with --resume.")
        judgements = _judged(folder, answered, lines, judge, listen) if judge is not None else {}
        archive = ArchiveWriter(folder / "archive.zip")
        archive.add_lines("cases.jsonl", map(_case_line, answered))
        archive.add_lines("answers.jsonl", (lines.line(case.id) for case in answered))
        archive.add_lines(
            "judgements.jsonl",
            (
                msgspec.json.encode(judgements[case.id]) + b"\n"
                for case in answered
                if case.id in judgements
            ),
        )
        manifest = manifest_of(
            ((lines.record(case.id), case.names) for case in answered),
            suite=suite,
            settings=settings,
            judge=judge.name if judge is not None else GRAMMAR,
            judge_prompt_sha256=prompt_sha256() if judge is not None else "",
        )
        with archive.reading() as members:
            evaluated = _score(folder, manifest, members)
        with (folder / "results.jsonl").open("rb") as results:
            archive.add_lines("results.jsonl", results)
        archive.end(
            manifest,
            (case.id for case in answered if lines.record(case.id).trace),
            lambda key: trace_folder(folder, lines.record(key).trace or "") / TRACE_FILE,
            tables_data(folder),
        )
    return evaluated


def replay(archive: Path, folder: Path) -> Evaluated:
    """Score an archive again, with neither models nor videos.

    Raises:
        UsageError: it is no archive, or the folder has results already.
    """
    with open_archive(archive) as opened, only_writer(folder):
        if (folder / "results.jsonl").exists():
            raise UsageError(f"{folder} has results already.", hint="Name another folder.")
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        for name, data in opened.tables.items():
            (folder / FOLDER / name).write_bytes(data)
        summary = _score(folder, opened.manifest, opened).summary
        if archive.resolve() != (folder / "archive.zip").resolve():
            shutil.copyfile(archive, folder / "archive.zip")
        with (folder / "results.jsonl").open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Evaluated(summary, digest == opened.manifest.sha256["results.jsonl"])


def read_results(folder: Path) -> list[ScoredCase]:
    """The scored cases of a folder.

    Raises:
        UsageError: it has no results.jsonl, or one that is damaged.
    """
    with _open_results(folder) as file:
        return list(_objects(file, ScoredCase, file.name))


def archived_cases(folder: Path) -> list[Case]:
    """The cases that an evaluation scored, from its archive.

    Raises:
        UsageError: the folder has no archive, or a damaged one.
    """
    with open_archive(folder / "archive.zip") as archive:
        return list(_cases_of(archive))


def trace_folder(folder: Path, trace: str) -> Path:
    """Where a run lies: in this folder, which may have been moved, or where it was recorded."""
    moved = folder / TRACES / Path(trace).name
    return moved if moved.exists() else Path(trace)


def _score(folder: Path, manifest: EvalManifest, members: EvalArchive) -> Evaluated:
    """Results, figures and report from what the archive has, and from nothing else."""
    summary, listed = _write_results(folder / "results.jsonl", members)
    (folder / "summary.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(summary), indent=1) + b"\n"
    )
    write_report(folder, manifest, summary, listed, kept_tables(folder))
    return Evaluated(summary)


def _write_results(path: Path, members: EvalArchive) -> tuple[EvalSummary, ReportRows]:
    """Score each case as it is read; what its figures need of it lies in a file until the end."""
    judged = {
        judgement.id: (judgement.model, judgement.right is True)
        for judgement in _objects(members.lines("judgements.jsonl"), Judgement, "judgements.jsonl")
    }
    records = _objects(members.lines("answers.jsonl"), AnswerRecord, "answers.jsonl")
    listed = ReportRows()
    guessed: list[GuessedCase] = []
    same: dict[GuessedCase, GuessedCase] = {}

    def written(file: IO[bytes]) -> Iterator[ScoredCase]:
        for case, record in _paired(_cases_of(members), records):
            scored = score_case(case, record, judged.get(case.id))
            file.write(msgspec.json.encode(scored) + b"\n")
            listed.add(scored, case.question)
            guess = guessed_case(case)
            guessed.append(same.setdefault(guess, guess))
            yield for_figures(scored)

    with path.open("wb") as file:
        figures = KeptList(written(file))
    return summarise(figures, guessed), listed


def add_tables(folder: Path, tables: list[ReportTable]) -> None:
    """Add tables that speak of the results in a folder to its report and its archive.

    Raises:
        UsageError: the folder has no results or no archive, or they are damaged.
    """
    listed = ReportRows()
    with only_writer(folder):
        with open_archive(folder / "archive.zip") as archive, _open_results(folder) as file:
            manifest = archive.manifest
            scored = _objects(file, ScoredCase, file.name)
            for case, row in _paired(_cases_of(archive), scored):
                listed.add(row, case.question)
        keep_tables(folder, tables)
        keep_tables_in(folder / "archive.zip", tables_data(folder))
        summary = _summary_of(folder)
        write_report(folder, manifest, summary, listed, kept_tables(folder))


def _paired(cases: Iterable[Case], others: Iterable[Any]) -> Iterator[tuple[Case, Any]]:
    """Each case with what there is of it, in the same order."""
    for case, other in zip_longest(cases, others):
        if case is None or other is None or case.id != other.id:
            raise UsageError(
                "cases and answers do not belong together: the folder or archive was changed.",
                hint="Score it again with --resume.",
            )
        yield case, other


def _open_results(folder: Path) -> IO[bytes]:
    path = folder / "results.jsonl"
    try:
        return path.open("rb")
    except OSError as error:
        raise UsageError(
            f"{path}: the results cannot be read: {error.strerror}.",
            hint="Name a folder that `vprog eval -o` wrote.",
        ) from error


def _summary_of(folder: Path) -> EvalSummary:
    path = folder / "summary.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=EvalSummary)
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(
            f"{path}: no figures of an evaluation: {error}.", hint="Score it again with --resume."
        ) from error


def _cases_of(archive: EvalArchive) -> Iterator[Case]:
    forms = _objects(archive.lines("cases.jsonl"), CaseForm, "cases.jsonl")
    rows = (
        (CaseRow(number, f"cases.jsonl line {number}", {}), form)
        for number, form in enumerate(forms, start=1)
    )
    return each_case(rows, Path())


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
        mask=[msgspec.to_builtins(mask) for mask in case.masks] or None,
        steps=list(case.steps),
        told=case.told,
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
    lines: AnswerLines,
    judge: LanguageModel,
    listen: Callable[[Judgement], None],
) -> dict[str, Judgement]:
    """The model's judgements; each is kept as it comes, so that none is asked for twice."""
    path = folder / "judgements.jsonl"
    data = path.read_bytes() if path.exists() else b""
    kept_lines = _objects(io.BytesIO(data), Judgement, str(path), is_growing=True)
    kept = {item.id: item for item in kept_lines}
    judgements: dict[str, Judgement] = {}
    with path.open("ab") as file:
        if data and not data.endswith(b"\n"):
            file.write(b"\n")
        for case in cases:
            record = lines.record(case.id)
            if not needs_model(case, record.status, record.answer):
                continue
            judgement = ask_model(case, record.answer, judge, kept)
            if judgement is not kept.get(case.id):
                file.write(msgspec.json.encode(judgement) + b"\n")
                file.flush()
            judgements[case.id] = judgement
            listen(judgement)
    return judgements


def _objects(
    lines: Iterable[bytes], kind: Any, where: str, *, is_growing: bool = False
) -> Iterator[Any]:
    """The objects of JSON lines."""
    return (item for _, item in json_lines(lines, kind, where, is_growing=is_growing))
