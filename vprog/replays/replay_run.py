"""`replay`: a recorded run again, as it was or with a line, a module, a video changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vprog.execute.runtime import with_vlm
from vprog.registry.registry import Registry
from vprog.replays.edits import Edit, edited, read_edit
from vprog.replays.recorded_run import open_run
from vprog.replays.recorded_source import recorded_source
from vprog.replays.repeat_unchanged import repeat
from vprog.replays.run_changed import ReplayRuntimes, registry_or_installed, run_cells
from vprog.runs.result import Result
from vprog.runs.run import PROGRAM, Run
from vprog.trace.compare import FirstDifference, first_difference
from vprog.trace.event import TraceEvent
from vprog.trace.store import Recording, read_trace
from vprog.view.notebook_progress import progress_in_notebook


@dataclass(frozen=True)
class Replayed:
    """What came of a replay.

    Attributes:
        result: of the run that was made; its trace is a trace like any.
        original: the recording that was replayed.
        first_difference: where the new run first differs from the recorded one; None if they
            are equal bit for bit in all but times and costs.
        is_changed: whether something was changed, so that they may well differ.
        notes: what the reader should know, e.g. a module that is not what it was.
    """

    result: Result
    original: Recording
    first_difference: FirstDifference | None
    is_changed: bool
    notes: tuple[str, ...] = ()

    @property
    def n_replayed(self) -> int:
        """Module calls that were answered from the recording."""
        return self.result.cost.module_calls.get("replayed", 0)

    @property
    def n_run(self) -> int:
        """Module calls that depend on what was changed: made again, or found in the cache."""
        counts = self.result.cost.module_calls
        return counts["executed"] + counts["cached"] + counts["joined"]


def replay(
    trace: str | Path,
    *,
    edits: Sequence[Edit | str] | Mapping[int, str] = (),
    modules: Mapping[str, str] | None = None,
    videos: Sequence[str | Path] = (),
    registry: Registry | None = None,
    listen: Callable[[TraceEvent], None] | None = None,
    runtimes: ReplayRuntimes | None = None,
    **settings: Any,
) -> Replayed:
    """Run a trace again.

    Nothing changed, every cell that the run tried is run again: replies of modules and
    language models come from the trace, the videos are not opened, and the two traces are
    compared bit for bit. With a line edited or a module swapped, the program that gave the
    result is run again; calls that ask for what the recorded run asked are answered from the
    trace, and only the others, which depend on the change, reach a module and the video.

    Args:
        trace: a run's folder, its name, or "last".
        edits: lines to replace, each as `Edit`, texts "LINE=TEXT" or "CELL:LINE=TEXT", or a dict
            of text by line.
        modules: implementation by task, in place of the recorded one. A task that is named
            here is asked anew, also where it names the recorded module.
        videos: where the videos lie now, if not where they lay; their content must be the
            same.
        registry: modules to use instead of those that installed packages offer.
        listen: called with every event of the new trace.
        runtimes: those that several replays share; by default this one has its own.
        **settings: any setting of vprog.settings.Settings.

    Raises:
        TraceNotFoundError, TraceError: there is no such trace, or it cannot be repeated.
        UsageError: an edit names no line.
        ModuleUnknownError: there is no such module to swap in.
        MissingError: a module that it needs is not installed.

    Example:
        >>> vprog.replay("last").first_difference is None
        True
        >>> vprog.replay("last", edits={1: "frames = sample_frames(video, fps=2.0)"}).result.answer
        7
    """
    changes = _edits(edits)
    is_changed = bool(changes or modules)
    recorded = open_run(trace, settings, is_closed=not is_changed)
    available = registry_or_installed(registry)
    if is_changed:  # what depends on the change may have to look
        available = with_vlm(available, recorded.settings)
    chosen = recorded.modules(available, modules)
    # Before anything is made: an edit of a line that is not there is told at once.
    cells = edited([cell.source for cell in recorded.cells], changes) if is_changed else []
    anew = set(modules or ())
    notes = tuple(
        f"{what}: its recorded results are used"
        for task, what in recorded.changes_of_version(chosen).items()
        if task not in anew
    )
    started = recorded.recording.started
    with (
        progress_in_notebook(listen) as listener,
        nullcontext(runtimes) if runtimes is not None else ReplayRuntimes() as shared,
        shared.lend(recorded, chosen, available, is_closed=not is_changed) as runtime,
        Run(
            runtime,
            recorded.settings,
            (),
            started.question,
            choices=started.choices,
            writer=PROGRAM if is_changed else started.writer,
            listen=listener,
            source=recorded_source(
                recorded,
                is_closed=not is_changed,
                videos=videos,
                asked_anew=anew,
                pool=runtime.media,
            ),
        ) as run,
    ):
        for warning in recorded.result.warnings if not is_changed else ():
            run.warnings.add(warning)
        for note in notes:
            run.warnings.add(note)
        result = (
            run_cells(run, cells, is_whole=recorded.cells[-1].is_whole)
            if is_changed
            else repeat(recorded, run)
        )
    assert result.trace_path is not None
    difference = first_difference(recorded.recording, read_trace(result.trace_path))
    return Replayed(result, recorded.recording, difference, is_changed, notes)


def _edits(edits: Sequence[Edit | str] | Mapping[int, str]) -> list[Edit]:
    if isinstance(edits, Mapping):
        return [Edit(line, text) for line, text in edits.items()]
    listed = [edits] if isinstance(edits, str) else edits
    return [read_edit(edit) if isinstance(edit, str) else edit for edit in listed]


_FORM = re.compile(r"(?:(\d+):)?(\d+)=(.*)", re.DOTALL)
