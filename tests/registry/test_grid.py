"""Grids that modules declare for their arguments."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest

from vprog.errors import RegistrationError
from vprog.registry.discover import discover
from vprog.registry.module import module, spec_of
from vprog.registry.registry import Registry
from vprog.types import RATE, SCORE, Frame, Grid, Length, Range, Video


@module("weigh")
class WeighOne:
    def __call__(
        self,
        video: Video,
        *,
        level: Annotated[float, Range(-9.0, 0.0), Grid((-6, -3.0))] = -5.0,
        how: Annotated[Literal["a", "b"], Grid(("a", "b"))] = "a",
        most: Annotated[int | None, Grid((5, 10))] = None,
        fps: Annotated[float, RATE] = 1.0,
    ) -> float:
        """Weigh it."""
        return 0.0


@module("weigh")
class WeighTwo:
    def __call__(
        self,
        video: Video,
        *,
        level: float = -5.0,
        how: Literal["a", "b"] = "a",
        most: int | None = None,
        fps: float = 1.0,
    ) -> float:
        """Weigh it in another way."""
        return 0.0


def test_a_grid_is_read_beside_the_bounds_in_any_order() -> None:
    parameters = {parameter.name: parameter for parameter in spec_of(WeighOne).signature.parameters}
    assert parameters["level"].bounds == Range(-9.0, 0.0)
    assert parameters["level"].grid == (-6, -3.0)
    assert parameters["how"].grid == ("a", "b")
    assert parameters["most"].grid == (5, 10)
    assert (parameters["fps"].grid, parameters["video"].grid) == ((), ())


def test_each_implementation_of_a_task_has_its_own_grid() -> None:
    registry = Registry([spec_of(WeighOne), spec_of(WeighTwo)])
    first, second = registry.implementations("weigh")
    assert first.signature.text() == second.signature.text()
    assert [bool(spec.signature.parameters[1].grid) for spec in (first, second)] == [True, False]


def _low(self: object, *, s: Annotated[float, SCORE, Grid((-0.1, 0.5))] = 0.5) -> int:
    """Doc."""
    return 1


def _text(self: object, *, s: Annotated[float, SCORE, Grid((0.1, "0.5"))] = 0.5) -> int:
    """Doc."""
    return 1


def _bool(self: object, *, s: Annotated[int, Grid((1, True))] = 1) -> int:
    """Doc."""
    return 1


def _whole(self: object, *, s: Annotated[int, Grid((1, 2.0))] = 1) -> int:
    """Doc."""
    return 1


def _nan(self: object, *, s: Annotated[float, Grid((0.1, math.nan))] = 0.5) -> int:
    """Doc."""
    return 1


def _one(self: object, *, s: Annotated[float, Grid((0.1,))] = 0.5) -> int:
    """Doc."""
    return 1


def _many(self: object, *, s: Annotated[int, Grid(tuple(range(17)))] = 5) -> int:
    """Doc."""
    return 1


def _twice(self: object, *, s: Annotated[float, Grid((1, 1.0))] = 0.5) -> int:
    """Doc."""
    return 1


def _list(self: object, *, s: Annotated[float, Grid([0.1, 0.2])] = 0.5) -> int:
    """Doc."""
    return 1


def _word(self: object, *, s: Annotated[Literal["a", "b"], Grid(("a", "c"))] = "a") -> int:
    """Doc."""
    return 1


def _long(self: object, *, s: Annotated[str, Length(1, 3), Grid(("ab", "abcd"))] = "a") -> int:
    """Doc."""
    return 1


def _frame(self: object, frame: Annotated[Frame, Grid((1, 2))]) -> int:
    """Doc."""
    return 1


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (_low, "holds -0.1; it must lie in [0, 1]"),
        (_text, "holds '0.5', which the argument is not"),
        (_bool, "holds True, which"),
        (_whole, "holds 2.0, which"),
        (_nan, "holds nan, which"),
        (_one, "must have 2 to 16 values, got 1"),
        (_many, "must have 2 to 16 values, got 17"),
        (_twice, "holds a value twice: (1, 1.0)"),
        (_list, "must be a tuple, got [0.1, 0.2]"),
        (_word, "holds 'c', which"),
        (_long, "holds 'abcd'; it must have 1 to 3 characters"),
        (_frame, "holds 1, which"),
    ],
)
def test_a_grid_that_the_argument_does_not_take_is_refused_at_registration(
    call: Callable[..., Any], said: str
) -> None:
    parameter = "frame" if call is _frame else "s"
    with pytest.raises(RegistrationError) as caught:
        module("weigh")(type("Weigh", (), {"__call__": call}))
    assert f"module \"weigh\", parameter '{parameter}': its grid {said}" in str(caught.value)


def test_grids_of_shipped_modules_hold_the_default_that_is_in_force() -> None:
    registry = discover()
    declared = [
        (spec.name, parameter)
        for task in registry
        for spec in registry.implementations(task)
        for parameter in spec.signature.parameters
        if parameter.grid
    ]
    assert len(declared) >= 15
    assert [name for name, each in declared if each.default not in each.grid] == []
