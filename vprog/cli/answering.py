"""Many cases answered into a ledger: what `vprog batch` and `vprog eval` have in common."""

from __future__ import annotations

import ctypes
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from vprog.cli.ledger import open_ledger
from vprog.cli.options import Loudness
from vprog.cli.output import is_terminal, note, say_json, terminal_width
from vprog.errors import UsageError
from vprog.exit_status import Status
from vprog.types.clock import length_text

if TYPE_CHECKING:
    from vprog.evaluation.case_list import ListedCase
    from vprog.runs.result import Result

engine_option = click.option(
    "--engine", metavar="ray[:HOST:PORT]", help="Answer on the nodes of this Ray cluster, by file; "
    "default: here."
)  # fmt: skip

_TOLD_EVERY_S = 5.0
_ARENA_MAX = -8
"""M_ARENA_MAX of malloc.h."""
_HEAPS = 2
SOME_FAILED = 3
_DONE = (Status.ANSWERED, Status.ABSTAINED)


@dataclass(frozen=True)
class AnsweredCases:
    """How it went."""

    n_failed: int
    is_interrupted: bool

    @property
    def exit_code(self) -> int:
        """That of the command: 3 if some failed."""
        if self.is_interrupted:
            return Status.INTERRUPTED.exit_code
        return SOME_FAILED if self.n_failed else 0


def answer_listed(
    cases: Sequence[ListedCase],
    digests: Mapping[str, str],
    row_of: Callable[[str, Result], dict[str, Any]],
    *,
    out: Path | None,
    resume: bool,
    jobs: int,
    settings: Mapping[str, Any],
    engine: str | None = None,
    loudness: Loudness = "normal",
) -> AnsweredCases:
    """Answer cases and write a line for each as it ends, with progress on stderr.

    Args:
        cases: what is asked.
        digests: of each case, by id; a line with another digest is answered anew.
        row_of: makes the object of a line; it begins with "id" and "case".
        out: the file; None for stdout.
        resume: whether `out` may be there already, to be gone on with.
        jobs: cases at the same time; 0 for one a core, at least 4.
        settings: of every question.
        engine: where they are answered: "ray" or "ray:HOST:PORT"; None for this process.
        loudness: what stderr is told; of "quiet" errors alone, of "verbose" each answer.
    """
    from vprog.evaluation.kept_list import chosen
    from vprog.solver.many import solve_many
    from vprog.solver.ray_cluster import ray_address

    share_heaps()
    if engine is not None:
        ray_address(engine)  # before a file is made
    nothing: tuple[IO[str] | None, dict[str, str]] = (None, {})
    ledger = open_ledger(out, resume=resume, digests=digests) if out else nullcontext(nothing)
    with ledger as (file, kept):
        left = chosen(cases, lambda case: case.id not in kept) if kept else cases
        n_failed = sum(status not in _DONE for status in kept.values())
        progress = _Progress(len(cases), len(kept), n_failed, is_quiet=loudness == "quiet")
        try:
            for case_id, result in solve_many(left, jobs=jobs, engine=engine, **settings):
                _write(file, row_of(case_id, result))
                if loudness == "verbose":
                    came = result.text() or (result.error.message if result.error else "")
                    progress.note(f"{case_id}: {result.status}: {came}")
                progress.one_more(failed=result.status not in _DONE)
        except KeyboardInterrupt:
            progress.end()
            where = "" if out is None else f" in {out}; go on with --resume"
            note(f"interrupted: {progress.n_done} of {len(cases)} rows{where}")
            return AnsweredCases(progress.n_failed, True)
        progress.end()
    return AnsweredCases(progress.n_failed, False)


def part_of(cases: Sequence[ListedCase], shard: str) -> Sequence[ListedCase]:
    """The cases of one part of several, by file: of "2/4" those of the second.

    Raises:
        UsageError: it has another form.
    """
    from vprog.evaluation.kept_list import Chosen
    from vprog.solver.many import by_files

    part, slash, n_parts = shard.partition("/")
    if not (slash and part.isdecimal() and n_parts.isdecimal()) or not (
        1 <= int(part) <= int(n_parts)
    ):
        raise UsageError(
            f"--shard {shard}: must be I/N with 1 <= I <= N.", hint="E.g. --shard 1/4."
        )
    groups = by_files(cases)[int(part) - 1 :: int(n_parts)]
    return Chosen(cases, [place for group in groups for place in group.places])


def share_heaps() -> None:
    """Have the threads of this process share two heaps, where the C library is glibc.

    Each question has threads of its own. By default they get up to eight heaps a core, and each
    keeps what its largest question took: memory grew for hours.
    """
    with suppress(OSError, AttributeError, TypeError):  # another C library has no such function
        ctypes.CDLL(None).mallopt(_ARENA_MAX, _HEAPS)


def _write(file: IO[str] | None, row: dict[str, Any]) -> None:
    if file is None:
        say_json(row)
        return
    file.write(json.dumps(row, ensure_ascii=True, allow_nan=False) + "\n")
    file.flush()


class _Progress:
    """How many of how many, how many failed, and how long it will take: on stderr."""

    def __init__(self, n_cases: int, n_kept: int, n_failed: int, *, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self.n_done = n_kept
        self.n_failed = n_failed
        self._n_cases = n_cases
        self._n_kept = n_kept
        self._began = self._told = time.monotonic()
        if n_kept and not is_quiet:
            note(f"vprog: {n_kept} of {n_cases} rows are there already")

    def note(self, text: str) -> None:
        """A line above the one that is written over."""
        if is_terminal():
            click.echo("\r\x1b[K", err=True, nl=False)
        note(text)

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
            self._tell(f", about {length_text(round(left_s))} left")

    def end(self) -> None:
        """The last line."""
        self._tell(f" in {length_text(round(time.monotonic() - self._began))}", is_last=True)

    def _tell(self, more: str, *, is_last: bool = False) -> None:
        if self._is_quiet:
            return
        failed = f", {self.n_failed} failed" if self.n_failed else ""
        text = f"vprog: {self.n_done} of {self._n_cases}{failed}{more}"
        if is_terminal():  # one line that is written over
            width = terminal_width()  # a line that wraps could not be written over
            click.echo(f"\r\x1b[K{text if is_last else text[: width - 1]}", err=True, nl=is_last)
        else:
            note(text)
