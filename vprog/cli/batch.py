"""`vprog batch`: answer many questions, one JSON line each."""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

import click

from vprog.cli.ledger import open_ledger
from vprog.cli.options import set_option, settings_of
from vprog.cli.output import is_terminal, note, reports_errors, say_json, terminal_width
from vprog.errors import Status, UsageError

_TOLD_EVERY_S = 5.0
_SOME_FAILED = 3
_DONE = (Status.ANSWERED, Status.ABSTAINED)


@click.command("batch")
@click.argument("source", metavar="CASES|FOLDER|GLOB")
@click.option(
    "--question",
    "questions",
    multiple=True,
    help="Asked about each file of a FOLDER or GLOB; repeat it.",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for the lines; default: stdout.",
)
@click.option("--resume", is_flag=True, help="Go on with --out: ask what it lacks, and what failed "
              "by a file, the network or an interrupt.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(1, 256), help="Questions at the same time; default: "
              "one a core, at least 4.")  # fmt: skip
@click.option("--shard", metavar="I/N", help="Only the Ith of N parts, by file: 1/4 ... 4/4.")
@click.option("--preset", help="Modules to use: auto, offline, core or a preset of yours.")
@click.option("--llm", help="What writes programs; default: rules.")
@click.option("--vlm", help="Vision-language model (VLM): openai:MODEL or hf:MODEL.")
@click.option("--strategy", help="How questions are answered.")
@click.option("--device", help="Where models run: auto, cpu, cuda.")
@click.option("--max-seconds", type=float, help="Time limit for each question, in seconds.")
@set_option
@reports_errors
def command(
    source: str,
    questions: tuple[str, ...],
    out: Path | None,
    resume: bool,
    jobs: int | None,
    shard: str | None,
    **given: Any,
) -> int:
    """Answer the questions of CASES, or the same ones about each file of a FOLDER or GLOB.

    CASES is JSON lines, {"id": "k1", "video": PATH, "question": TEXT, "choices": [TEXT...],
    "subs": PATH}, or CSV with these columns (choices parted by |); paths are relative to it.
    Questions about one file are asked together. Each line of the output is the object that
    `vprog solve --json` prints, with the id of its case, in the order in which they end; exit 3
    if some failed.

    \b
    vprog batch cases.jsonl -o answers.jsonl --resume
    vprog batch "clips/*.mp4" --question "Is there a dog?"
    """
    from vprog.evaluation.case_list import list_cases
    from vprog.solver.many import by_files, solve_many

    settings = settings_of(given)
    cases = list_cases(source, questions)
    if shard is not None:
        part, n_parts = _shard(shard)
        cases = [case for group in by_files(cases)[part - 1 :: n_parts] for case in group]
    digests = {case.id: case.digest(settings) for case in cases}
    if out is None and resume:
        raise UsageError("--resume goes on with a file.", hint="Name it: -o answers.jsonl.")
    nothing: tuple[IO[str] | None, dict[str, str]] = (None, {})
    ledger = open_ledger(out, resume=resume, digests=digests) if out else nullcontext(nothing)
    with ledger as (file, kept):
        left = [case for case in cases if case.id not in kept]
        n_failed = sum(status not in _DONE for status in kept.values())
        progress = _Progress(len(cases), len(kept), n_failed)
        try:
            for case_id, result in solve_many(left, jobs=jobs or 0, **settings):
                row = {"id": case_id, "case": digests[case_id], **result.to_dict()}
                _write(file, row)
                progress.one_more(failed=result.status not in _DONE)
        except KeyboardInterrupt:
            progress.end()
            where = "" if out is None else f" in {out}; go on with --resume"
            note(f"interrupted: {progress.n_done} of {len(cases)} rows{where}")
            return Status.INTERRUPTED.exit_code
        progress.end()
    return _SOME_FAILED if progress.n_failed else 0


def _shard(text: str) -> tuple[int, int]:
    part, slash, n_parts = text.partition("/")
    if not (slash and part.isdecimal() and n_parts.isdecimal()) or not (
        1 <= int(part) <= int(n_parts)
    ):
        raise UsageError(f"--shard {text}: must be I/N with 1 <= I <= N.", hint="E.g. --shard 1/4.")
    return int(part), int(n_parts)


def _write(file: IO[str] | None, row: dict[str, Any]) -> None:
    if file is None:
        say_json(row)
        return
    file.write(json.dumps(row, ensure_ascii=True, allow_nan=False) + "\n")
    file.flush()


class _Progress:
    """How many of how many, how many failed, and how long it will take: on stderr."""

    def __init__(self, n_cases: int, n_kept: int, n_failed: int) -> None:
        self.n_done = n_kept
        self.n_failed = n_failed
        self._n_cases = n_cases
        self._n_kept = n_kept
        self._began = self._told = time.monotonic()
        self._has_line = False
        if n_kept:
            note(f"vprog: {n_kept} of {n_cases} rows are there already")

    def one_more(self, *, failed: bool) -> None:
        """A row was written."""
        self.n_done += 1
        self.n_failed += failed
        now = time.monotonic()
        if now - self._told >= (0.2 if is_terminal() else _TOLD_EVERY_S):
            self._told = now
            left_s = (
                (now - self._began) / (self.n_done - self._n_kept) * (self._n_cases - self.n_done)
            )
            self._tell(f", about {_duration(left_s)} left")

    def end(self) -> None:
        """The last line."""
        self._tell(f" in {_duration(time.monotonic() - self._began)}", is_last=True)

    def _tell(self, more: str, *, is_last: bool = False) -> None:
        failed = f", {self.n_failed} failed" if self.n_failed else ""
        text = f"vprog: {self.n_done} of {self._n_cases}{failed}{more}"
        if is_terminal():  # one line that is written over
            width = terminal_width()  # a line that wraps could not be written over
            click.echo(f"\r\x1b[K{text if is_last else text[: width - 1]}", err=True, nl=is_last)
        else:
            note(text)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes} min"
        if hours
        else f"{minutes} min {rest} s"
        if minutes
        else (f"{rest} s")
    )
