"""The words and figures with which an attempt is told."""

from __future__ import annotations

from vprog.errors import ProgramRejectedError
from vprog.program.program import Program
from vprog.trace.event import NodeEvaluated
from vprog.view.words import clipped

_ENDS = ("answer", "abstain")
_MOST_WORDS = 90


def cell_words(source: str, note: str, tasks: set[str]) -> str:
    """What a cell does: its first comment, its code if that is short, else its calls.

    Args:
        source: the text of the cell; "" where none was written.
        note: of its writer; stands before the rest.
        tasks: the names of the modules.
    """
    before = f"[{note}] " if note else ""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    if not lines:
        return _one_line(f"{before}(no cell)")
    comment = lines[0].lstrip("#").strip() if lines[0].startswith("#") else ""
    if comment:
        return _one_line(before + comment)
    code = "; ".join(line for line in lines if not line.startswith("#"))
    called = _calls(source, tasks) if len(lines) > 1 and len(code) > _MOST_WORDS else []
    return _one_line(before + (f"{', '.join(called)}, in {len(lines)} lines" if called else code))


def reward_words(evaluated: NodeEvaluated) -> str:
    """A reward and the factors that it is the product of."""
    return (
        f"reward {evaluated.reward:.2f} = valid {_plain(evaluated.valid)} × "
        f"confidence {_plain(evaluated.confidence)} × evidence {_plain(evaluated.evidence)}"
    )


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
