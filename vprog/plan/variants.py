"""Variants of one program: the same text with another number for one argument of a module.

What may be varied is what its signature bounds: scores by a step up and down, rates by
half and double, within the bounds. Every call of the module gets the same new value.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vprog.program.parse import parse_program
from vprog.registry.signature import Parameter, Signature
from vprog.types import RATE, SCORE

STEP = 0.15
"""By which a score is varied."""

FACTOR = 2.0
"""By which a rate is varied."""


@dataclass(frozen=True)
class Variant:
    """A program with one argument changed, and what was changed, e.g. "detect: fps=2.0"."""

    source: str
    change: str


def variants_of(source: str, signatures: Mapping[str, Signature]) -> Iterator[Variant]:
    """Every variant of a program, in the order in which the arguments stand in it.

    Raises:
        ProgramRejectedError: the program cannot be parsed.
    """
    calls: dict[str, list[ast.Call]] = {}
    nodes = [each for each in ast.walk(parse_program(source)) if isinstance(each, ast.Call)]
    for node in sorted(nodes, key=lambda each: (each.lineno, each.col_offset)):
        if isinstance(node.func, ast.Name) and node.func.id in signatures:
            calls.setdefault(node.func.id, []).append(node)
    for task, of in calls.items():
        for parameter in signatures[task].parameters:
            if parameter.keyword_only and parameter.bounds in (SCORE, RATE):
                yield from _varied(source, task, of, parameter)


def _varied(
    source: str, task: str, calls: list[ast.Call], parameter: Parameter
) -> Iterator[Variant]:
    places = [_place(each, parameter.name) for each in calls]
    stated = [_number(each.value) for each in places if each is not None]
    if None in stated:
        return  # computed by the program: not ours to change
    base = stated[0] if stated else parameter.default
    if isinstance(base, bool) or not isinstance(base, int | float):
        return
    for value in _grid(float(base), parameter):
        edits: list[tuple[int, int, int, int, str]] = []
        for call, place in zip(calls, places, strict=True):
            if place is not None:
                number = place.value
                assert number.end_lineno is not None
                assert number.end_col_offset is not None
                edits.append(
                    (
                        number.lineno,
                        number.col_offset,
                        number.end_lineno,
                        number.end_col_offset,
                        repr(value),
                    )
                )
            else:
                assert call.end_lineno is not None
                assert call.end_col_offset is not None
                end = (call.end_lineno, call.end_col_offset - 1)
                edits.append((*end, *end, f", {parameter.name}={value!r}"))
        yield Variant(_edited(source, edits), f"{task}: {parameter.name}={value!r}")


def _grid(base: float, parameter: Parameter) -> list[float]:
    """Other values for a parameter, within its bounds."""
    if parameter.bounds == RATE:
        wanted = [base * FACTOR, base / FACTOR]
        low, high = RATE
    else:
        wanted = [base - STEP, base + STEP]
        low, high = SCORE
    kept = [round(min(high, max(low, each)), 4) for each in wanted]
    return [each for each in dict.fromkeys(kept) if each != base]


def _place(call: ast.Call, name: str) -> ast.keyword | None:
    return next((each for each in call.keywords if each.arg == name), None)


def _number(node: ast.expr) -> float | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _edited(source: str, edits: list[tuple[int, int, int, int, str]]) -> str:
    """The text with its edits made, from the last to the first; columns count bytes."""
    text = source.encode()
    starts = [0]
    for each in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(each))
    for line, column, end_line, end_column, new in sorted(edits, reverse=True):
        first, last = starts[line - 1] + column, starts[end_line - 1] + end_column
        head = text[:first]
        if new.startswith(", ") and head.rstrip().endswith((b",", b"(")):
            new = new[2:]
        text = head + new.encode() + text[last:]
    return text.decode()
