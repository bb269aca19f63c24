"""What it takes to run the program of a recorded run again: a runtime, and its cells in a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from vprog.errors import VprogError
from vprog.execute.answer_call import unended_error
from vprog.execute.cell_outcome import Outcome
from vprog.execute.result_cache import ResultCache
from vprog.execute.runtime import Runtime
from vprog.program.program import Program
from vprog.registry.discover import discover
from vprog.registry.module import ModuleSpec
from vprog.registry.registry import Registry
from vprog.replays.recorded_run import RecordedRun
from vprog.runs.result import Result
from vprog.runs.run import PROGRAM, Run
from vprog.settings import Settings
from vprog.trace.event import ProgramWritten


class ReplayRuntimes:
    """Lends runtimes to replays; equal ones are one, which stays open until this is closed.

    A runtime takes about a second to start: replays of many runs of one evaluation share it.
    """

    def __init__(self) -> None:
        self._open: list[_OpenRuntime] = []

    @contextmanager
    def lend(
        self,
        run: RecordedRun,
        modules: Mapping[str, ModuleSpec],
        registry: Registry,
        *,
        is_closed: bool,
    ) -> Iterator[Runtime]:
        """A runtime with just these modules, for the length of a `with` block.

        Of a closed one the cache lives in memory, no VLM is opened, and it is shared with none.
        """
        if is_closed:
            alone = replace(run.settings, vlm="")
            with Runtime(alone, registry, modules=modules, cache=ResultCache(None)) as runtime:
                yield runtime
            return
        # Which part of a video is looked at is the business of the run, not of the runtime.
        settings = replace(run.settings, start=0.0, end=0.0)
        for held in self._open:
            if (held.settings, held.modules) == (settings, modules):
                yield held.runtime
                return
        runtime = Runtime(run.settings, registry, modules=modules)
        self._open.append(_OpenRuntime(settings, dict(modules), runtime))
        yield runtime

    def close(self) -> None:
        """Close all that were lent."""
        while self._open:
            self._open.pop().runtime.close()

    def __enter__(self) -> ReplayRuntimes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class _OpenRuntime:
    settings: Settings
    modules: dict[str, ModuleSpec]
    runtime: Runtime


def registry_or_installed(registry: Registry | None) -> Registry:
    """The registry that was given, else all that is installed."""
    return registry if registry is not None else discover()


def run_cells(run: Run, cells: Sequence[str], *, is_whole: bool) -> Result:
    """The result of cells that are run to their end, trace ended.

    Args:
        run: is open, and ended by this.
        cells: their texts, at least one.
        is_whole: whether the one cell is a whole program, which must end in an answer.
    """
    joined = Program.join(cells)
    program = cells[0] if is_whole else joined.text
    try:
        if is_whole:
            outcome = run.run_program(program, writer=PROGRAM)
        else:
            outcome = _run_in_turn(run, cells)
    except VprogError as error:
        return run.failed(error, path=PROGRAM, program=program, line=error.line)
    if outcome.status == "continues":
        unended = unended_error(joined.text)
        return run.failed(unended, path=PROGRAM, program=program, line=unended.line)
    if outcome.line is not None:
        outcome = replace(outcome, line=joined.line_of(outcome.cell, outcome.line))
    return run.result_of(outcome, path=PROGRAM, program=program)


def _run_in_turn(run: Run, cells: Sequence[str]) -> Outcome:
    """The outcome of the last cell that ran: those behind an end do not."""
    state = run.executor.begin()
    for number, source in enumerate(cells):
        run.recorder.write(ProgramWritten(cell=number, source=source, writer=PROGRAM))
        outcome = run.executor.run(state, source)
        if outcome.state is None:
            break
        state = outcome.state
    return outcome
