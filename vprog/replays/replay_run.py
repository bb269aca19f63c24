"""`replay`: a recorded run again, as it was or with a line, a module, a video changed.

Lines are edited in their form on the command line: `3=counts = [1]`, `0:3=...` in a cell. What
differs between any two runs of the same work is left out where the new recording is compared
with the old: times, costs, folders, and whether a call was computed or found in a cache
(vprog.trace.event says so of each event). Events are compared node by node, in the order in
which each node wrote them: programs that ran side by side may have taken turns.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vprog.errors import UsageError
from vprog.execute.runtime import with_vlm
from vprog.registry.registry import Registry
from vprog.replays.recorded_run import open_run
from vprog.replays.repeat import repeat
from vprog.replays.run_again import registry_or_installed, run_cells, runtime_of
from vprog.runs.result import Result
from vprog.runs.run import PROGRAM, Run
from vprog.trace.event import AnyEvent, TraceEvent
from vprog.trace.store import Recording, read_trace


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
        **settings: any setting of vprog.config.Settings.

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
        runtime_of(recorded, chosen, available, is_closed=not is_changed) as runtime,
        Run(
            runtime,
            recorded.settings,
            (),
            started.question,
            choices=started.choices,
            writer=PROGRAM if is_changed else started.writer,
            listen=listen,
            source=recorded.source(
                is_closed=not is_changed, videos=videos, asked_anew=anew, pool=runtime.media
            ),
        ) as run,
    ):
        for warning in recorded.result.warnings if not is_changed else ():
            run.broker.warn(warning)
        for note in notes:
            run.broker.warn(note)
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


@dataclass(frozen=True)
class Edit:
    """A line of a cell and what stands there instead.

    Attributes:
        line: from 1.
        text: one line or several; "" takes the line away.
        cell: from 0; None where the program has one cell.
    """

    line: int
    text: str
    cell: int | None = None


def read_edit(text: str) -> Edit:
    """An edit as the command line takes it: LINE=TEXT or CELL:LINE=TEXT.

    Raises:
        UsageError: it is neither.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise UsageError(
            f"--edit {text!r}: expected LINE=TEXT.",
            hint="E.g. --edit '3=counts = [1, 2]'; with several cells --edit '0:3=...'.",
        )
    cell, line, replacement = match.groups()
    return Edit(int(line), replacement, int(cell) if cell is not None else None)


def edited(cells: Sequence[str], edits: Sequence[Edit]) -> list[str]:
    """Cells with the edits made; line numbers are those before any of them.

    A text that begins at the margin takes over the indentation of the line it stands for.

    Raises:
        UsageError: there is no such line, or it is not told in which cell.
    """
    lines: list[list[str | None]] = [[*_lines(cell)] for cell in cells]
    done: set[tuple[int, int]] = set()
    for edit in edits:
        cell = _cell_of(edit, len(cells))
        old = _lines(cells[cell])
        n_lines = len(old) - (not old[-1])  # the end of the last line begins no other
        if not 1 <= edit.line <= n_lines:
            raise UsageError(
                f"line {edit.line}: the program has {n_lines} lines"
                + (f" in cell {cell}." if len(cells) > 1 else "."),
                hint="`vprog trace show` numbers them.",
            )
        if (cell, edit.line) in done:
            raise UsageError(
                f"line {edit.line}: it is edited twice.",
                hint="Give one text for it; one of several lines stands for all of them.",
            )
        done.add((cell, edit.line))
        lines[cell][edit.line - 1] = _text_for(old[edit.line - 1], edit.text)
    return ["\n".join(line for line in of_cell if line is not None) for of_cell in lines]


def _lines(source: str) -> list[str]:
    """The lines as the trace numbers them; one more, empty, where the last one is ended."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _text_for(old: str, text: str) -> str | None:
    """What stands for a line; None where it goes."""
    if not text:
        return None
    if text[0].isspace():
        return text
    margin = old[: len(old) - len(old.lstrip())]
    return "\n".join(margin + line if line else line for line in text.split("\n"))


def _cell_of(edit: Edit, n_cells: int) -> int:
    if edit.cell is None:
        if n_cells > 1:
            raise UsageError(
                f"line {edit.line}: the program has {n_cells} cells.",
                hint=f"Name the cell: --edit {n_cells - 1}:{edit.line}=TEXT.",
            )
        return 0
    if not 0 <= edit.cell < n_cells:
        raise UsageError(
            f"cell {edit.cell}: the program has {n_cells} cells, counted from 0.",
            hint="`vprog trace show` shows them.",
        )
    return edit.cell


@dataclass(frozen=True)
class FirstDifference:
    """The first event in which two recordings differ.

    Attributes:
        node: the attempt that it belongs to; 0 where there was none.
        one: the event of the first recording; None where it had ended.
        other: that of the second; None likewise.
        fields: the names of what differs; () where one of them is None, or their kinds differ.
    """

    node: int
    one: AnyEvent | None
    other: AnyEvent | None
    fields: tuple[str, ...] = ()


def first_difference(one: Recording, other: Recording) -> FirstDifference | None:
    """Where two recordings differ first, in the order of the first; None if they are equal."""
    left, right = _by_node(one.events), _by_node(other.events)
    differences = [
        difference
        for node in sorted({*left, *right})
        if (difference := _of_node(node, left.get(node, []), right.get(node, []))) is not None
    ]
    return min(differences, key=lambda difference: _position(one, difference), default=None)


def _position(one: Recording, difference: FirstDifference) -> int:
    """Where in the first recording; its end for what it does not have."""
    if difference.one is None:
        return len(one.events)
    return next(i for i, event in enumerate(one.events) if event is difference.one)


def _by_node(events: Iterable[AnyEvent]) -> dict[int, list[AnyEvent]]:
    nodes: dict[int, list[AnyEvent]] = defaultdict(list)
    for event in events:
        if event.is_compared:
            nodes[event.node].append(event)
    return nodes


def _of_node(node: int, ones: list[AnyEvent], others: list[AnyEvent]) -> FirstDifference | None:
    for one, other in zip(ones, others, strict=False):
        if type(one) is not type(other):
            return FirstDifference(node, one, other)
        left, right = one.content(), other.content()
        if left != right:
            fields = tuple(name for name in left if left[name] != right.get(name))
            return FirstDifference(node, one, other, fields)
    n_common = min(len(ones), len(others))
    if len(ones) == len(others):
        return None
    return FirstDifference(
        node,
        ones[n_common] if n_common < len(ones) else None,
        others[n_common] if n_common < len(others) else None,
    )
