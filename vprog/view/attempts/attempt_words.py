"""The words and figures with which a search is told, on a terminal as on a page."""

from __future__ import annotations

from vprog.errors import ProgramRejectedError
from vprog.program.program import Program
from vprog.trace.event import EvidenceItem, NodeEvaluated
from vprog.view.timeline import clock
from vprog.view.words import clipped

_ENDS = ("answer", "abstain")
_MOST_WORDS = 90
_WEIGHTY = ("executed", "cached", "joined", "replayed", "refused")


def cell_words(source: str, note: str, tasks: set[str]) -> str:
    """What a cell does: its first comment, its code if that is short, else its calls.

    Args:
        source: the text of the cell; "" where none was written.
        note: what its writer said of it; stands before the rest.
        tasks: the names of the modules.
    """
    said = f"[{note}] " if note else ""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    if not lines:
        return _one_line(f"{said}(no cell)")
    comment = lines[0].lstrip("#").strip() if lines[0].startswith("#") else ""
    if comment:
        return _one_line(said + comment)
    code = "; ".join(line for line in lines if not line.startswith("#"))
    called = _calls(source, tasks) if len(lines) > 1 and len(code) > _MOST_WORDS else []
    return _one_line(said + (f"{', '.join(called)}, in {len(lines)} lines" if called else code))


def reward_words(tried: NodeEvaluated) -> str:
    """A reward and the factors that it is the product of."""
    return (
        f"reward {tried.reward:.2f} = valid {_plain(tried.valid)} × "
        f"confidence {_plain(tried.confidence)} × evidence {_plain(tried.evidence)}"
    )


def calls_words(calls: dict[str, int], noun: str = "call") -> str:
    """How many calls, and how they were answered."""
    total = sum(calls.values())
    if not total:
        return f"no {noun}s"
    order = sorted(calls, key=lambda how: (_WEIGHTY.index(how) if how in _WEIGHTY else 9, how))
    how = ", ".join(f"{calls[each]} {each}" for each in order)
    return f"{counted(total, noun)} ({how})"


def evidence_words(item: EvidenceItem, *, n_videos: int) -> str:
    """When, what, and whether anything supports it."""
    when = "" if item.start is None else clock(item.start)
    if item.start is not None and item.end is not None and item.end != item.start:
        when += f"-{clock(item.end)}"
    if n_videos > 1:
        when = f"video {item.video + 1}, {when}".rstrip(", ")
    mark = "" if item.supported else " (no module's output supports this)"
    return f"{when} {clipped(item.text or '', 120)}".strip() + mark


def counted(count: int, noun: str) -> str:
    """ "1 node", "2 nodes"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _one_line(text: str) -> str:
    return clipped(" ".join(text.split()), _MOST_WORDS)


def _plain(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _calls(source: str, tasks: set[str]) -> list[str]:
    """The modules that a cell calls, and how it ends, each once in their order."""
    try:
        called = Program(source).called
    except ProgramRejectedError:
        return []
    return [name for name in called if name in tasks or name in _ENDS]
