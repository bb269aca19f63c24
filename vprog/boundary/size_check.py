"""How large a value may be: an allowance for the one pass that rebuilds it, and a bounded walk.

A program can hand over in microseconds what a host would need hours to print: forty lists,
each holding the one before twice. So nothing is compared, printed, hashed or stored but what
the readers (readers.py) rebuilt, and these take every item and character from an allowance
before they go on. Whatever they do not accept within it goes through the bounded walk, one
loop with a stack of its own: it counts what a full parse would cost, following shared parts
as often as they occur, and refuses by name what is no plain value.
"""

from __future__ import annotations

import math
import sys

import msgspec

from vprog.boundary.clean_text import clean_line
from vprog.types import VALUE_TYPES

MAX_NODES = 200_000
MAX_DEPTH = 24
MAX_TEXT = 2_000_000
MAX_INT_BITS = 63
_OURS = frozenset(VALUE_TYPES)


class Refusal(Exception):
    """A value may not pass. `path` grows outwards as it is raised through containers."""

    def __init__(self, text: str, *, depth: int = 0) -> None:
        super().__init__(text)
        self.text = text
        self.path = ""
        self.depth = depth

    def inside(self, step: str) -> Refusal:
        """The same refusal, seen from the container."""
        self.path = step + self.path
        self.depth += 1
        return self


class AllowanceSpent(Exception):
    """A value takes more than it may without the bounded walk."""


class Allowance(msgspec.Struct):
    """What readers may still take of a value, its root not counted.

    Attempts at the members of a union take each for themselves: so the allowance may be spent
    on a value that is not too large, but never left of one that is.
    """

    nodes: int = MAX_NODES - 1
    text: int = MAX_TEXT

    def take_nodes(self, count: int) -> None:
        """Count the items of a container, before they are read."""
        self.nodes -= count
        if self.nodes < 0:
            raise AllowanceSpent

    def take_text(self, count: int) -> None:
        """Count the characters of a text, before they are read."""
        self.text -= count
        if self.text < 0:
            raise AllowanceSpent


def measured() -> Allowance:
    """The allowance of a value that passed the bounded walk."""
    return Allowance(sys.maxsize, sys.maxsize)


def measure(raw: object, *, from_module: bool) -> None:
    """Refuse a value that is too large, too deep, or holds what no value may hold.

    Args:
        raw: what came; nothing of it but exact built-in types is ever called.
        from_module: whether a module gave it: then our own classes and numpy's numbers
            may be in it, otherwise the interpreter's look-alikes.

    Raises:
        Refusal: with what is wrong.
    """
    waiting: list[tuple[object, int]] = [(raw, 0)]
    nodes = text = 0
    while waiting:
        value, depth = waiting.pop()
        nodes += 1
        if nodes > MAX_NODES:
            raise Refusal(f"must hold at most {MAX_NODES} values, holds more")
        if depth > MAX_DEPTH:
            raise Refusal(f"must be nested at most {MAX_DEPTH} deep, is nested deeper or in itself")
        kind = type(value)
        if kind is float:
            if not math.isfinite(value):  # type: ignore[arg-type]
                raise Refusal(f"must hold finite numbers, holds {value}")
        elif kind is str:
            text += len(value)  # type: ignore[arg-type]
            if text > MAX_TEXT:
                raise Refusal(f"must hold at most {MAX_TEXT} characters, holds more")
        elif kind is int:
            check_int(value)  # type: ignore[arg-type]
        elif kind is bool or value is None:
            continue
        elif kind is list or kind is tuple or (is_record(kind, from_module=from_module)):
            size = list.__len__(value) if kind is list else tuple.__len__(value)  # type: ignore[arg-type]
            if nodes + len(waiting) + size > MAX_NODES:
                raise Refusal(f"must hold at most {MAX_NODES} values, holds more")
            items = list.__iter__(value) if kind is list else tuple.__iter__(value)  # type: ignore[arg-type, var-annotated]
            waiting.extend((item, depth + 1) for item in items)
        elif kind is dict:
            if nodes + len(waiting) + 2 * len(value) > MAX_NODES:  # type: ignore[arg-type]
                raise Refusal(f"must hold at most {MAX_NODES} values, holds more")
            for key, item in value.items():  # type: ignore[attr-defined]
                waiting.append((key, depth + 1))
                waiting.append((item, depth + 1))
        elif not (from_module and is_numpy_scalar(kind)):
            raise Refusal(f"must hold numbers, text and values of these, holds {describe(value)}")


def check_int(value: int) -> None:
    """A whole number that JSON, caches and floats can hold."""
    if value.bit_length() > MAX_INT_BITS:
        raise Refusal("must hold whole numbers of at most 63 bits, holds a larger one")


def is_record(kind: type, *, from_module: bool) -> bool:
    """Whether a class is one of our value classes, or what the interpreter gives in its place."""
    if from_module:
        return kind in _OURS
    return kind is not tuple and issubclass(kind, tuple)


def is_numpy_scalar(kind: type) -> bool:
    """Whether a class is one of numpy's numbers or texts; numpy is not imported for it."""
    return any(base.__module__ == "numpy" and base.__name__ == "generic" for base in kind.__mro__)


def describe(raw: object) -> str:
    """What a value is, in a few safe words; never its whole text."""
    kind = type(raw)
    if raw is None or kind is bool:
        return str(raw)
    if kind is int:
        return str(raw) if raw.bit_length() <= MAX_INT_BITS else "a huge int"  # type: ignore[attr-defined]
    if kind is float:
        return str(raw)
    if kind is str:
        size = len(raw)  # type: ignore[arg-type]
        return f'"{clean_line(str(raw))}"' if size <= 40 else f"a text of {size} characters"
    if kind in (list, dict, tuple):
        size = len(raw)  # type: ignore[arg-type]
        return f"a {kind.__name__} of {size}" if size else f"an empty {kind.__name__}"
    name = clean_line(kind.__name__, 40)
    if kind.__module__ in ("builtins", "__main__") or kind in _OURS:
        return f"a {name}"
    return f"a {clean_line(kind.__module__, 40)}.{name}"
