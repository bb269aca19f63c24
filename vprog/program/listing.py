"""A program with its values beside its lines: plain text data, for prompts and terminals.

What a line did is given by the caller, from probes or from a trace; how it is coloured or
laid out on a page is left to view/.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vprog.program.lowering.probes import Probe

MAX_NOTE = 120


@dataclass(frozen=True)
class ListedLine:
    """One line of a cell, and what it did, in words."""

    cell: int
    number: int
    source: str
    notes: tuple[str, ...] = ()


def list_program(
    cells: Sequence[str], notes: Mapping[tuple[int, int], Sequence[str]]
) -> list[ListedLine]:
    """Every line of the cells with its notes.

    Args:
        cells: the texts of a path, in order.
        notes: what to say of a line, by (cell, line); lines count from 1.
    """
    return [
        ListedLine(cell, number, source, tuple(notes.get((cell, number), ())))
        for cell, text in enumerate(cells)
        for number, source in enumerate(text.splitlines(), start=1)
    ]


def notes_of(probes: Iterable[Probe]) -> dict[tuple[int, int], list[str]]:
    """What the variables held, as notes: `counts = [0, 1, 2, …] (list of 12)`."""
    found: dict[tuple[int, int], list[str]] = {}
    for each in probes:
        found.setdefault((each.cell, each.line), []).append(probe_text(each))
    return found


def probe_text(probe: Probe) -> str:
    """One variable on one line, in words of bounded length."""
    text = probe.text if len(probe.text) <= MAX_NOTE else probe.text[:MAX_NOTE] + "…"
    size = f" ({probe.type} of {probe.length})" if (probe.length or 0) > 3 else ""
    times = f" (set {probe.count} times)" if probe.count > 1 else ""
    return f"{probe.name} = {text}{size}{times}"


def listing_text(lines: Iterable[ListedLine], *, width: int = 44) -> str:
    """The listing as text: number, source and, from one column on, the notes.

    A source longer than `width` has its notes on the lines below.
    """
    written: list[str] = []
    for each in lines:
        source = f"{each.number:3}  {each.source}".rstrip()
        notes = list(each.notes)
        if notes and len(source) < width:
            source = f"{source:<{width}}# {notes.pop(0)}"
        written.append(source)
        written += [f"{'':<{width}}# {note}" for note in notes]
    return "\n".join(written)
