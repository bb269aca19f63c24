"""Grids of arguments: whether a module that declares one could take every value of it."""

from __future__ import annotations

import math
import types
import typing

from vprog.errors import RegistrationError
from vprog.types import Grid, Length, Range, WrittenOut

Values = tuple[float | int | str | bool, ...]

LEAST, MOST = 2, 16
"""How many values a grid may have."""


def check_grid(
    grid: Grid, annotation: object, bounds: Range | Length | WrittenOut | None, where: str
) -> None:
    """Refuse a grid that holds what its argument does not take.

    Raises:
        RegistrationError: a value is of another type or out of bounds, there are too few or
            too many, or one stands there twice.
    """
    values: object = grid.values
    if not isinstance(values, tuple):
        raise _refusal(where, f"must be a tuple, got {values!r}", "Write Grid((0.1, 0.25, 0.5)).")
    if not LEAST <= len(values) <= MOST:
        raise _refusal(
            where,
            f"must have {LEAST} to {MOST} values, got {len(values)}",
            "Name the few that are worth a run each.",
        )
    for value in values:
        if not _is_of(value, annotation):
            raise _refusal(
                where, f"holds {value!r}, which the argument is not", "Use values of its type."
            )
        why = _out_of(value, bounds)
        if why:
            raise _refusal(where, f"holds {value!r}; {why}", "Use values within its bounds.")
    if len(set(values)) < len(values):
        raise _refusal(where, f"holds a value twice: {values!r}", "Name each once.")


def _is_of(value: object, annotation: object) -> bool:
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        return any(_is_of(value, arg) for arg in typing.get_args(annotation))
    if origin is typing.Literal:
        return any(value == arg and type(value) is type(arg) for arg in typing.get_args(annotation))
    if annotation is float:
        return type(value) in (int, float) and math.isfinite(typing.cast(float, value))
    return annotation in (int, str, bool) and type(value) is annotation


def _out_of(value: object, bounds: Range | Length | WrittenOut | None) -> str:
    """Why a value lies out of bounds; "" if it does not."""
    match value, bounds:
        case ((int() | float()), Range(low, high)) if not low <= value <= high:
            return f"it must lie in [{low:g}, {high:g}]"
        case str(), Length(low, high) if len(value.strip()) < low or len(value) > high:
            return f"it must have {low} to {high} characters"
    return ""


def _refusal(where: str, what: str, hint: str) -> RegistrationError:
    return RegistrationError(f"{where}: its grid {what}.", hint=hint)
