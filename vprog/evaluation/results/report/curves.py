"""Where the lines of a report's drawings run: points of SVG; templates draw them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 420.0, 240.0
LEFT, TOP, RIGHT, BOTTOM = 48.0, 14.0, 22.0, 40.0


class AxisTick(NamedTuple):
    """A mark of an axis: its place in pixels, and its words."""

    place: float
    text: str


class PlacedPoint(NamedTuple):
    """A point of a plot, in pixels."""

    x: float
    y: float
    name: str
    is_front: bool


class Plot(NamedTuple):
    """A drawing of `WIDTH` by `HEIGHT` pixels."""

    x_ticks: list[AxisTick]
    y_ticks: list[AxisTick]
    line: str
    """The points of a polyline."""
    points: list[PlacedPoint]


def risk_plot(curve: Sequence[tuple[float, float, float]]) -> Plot:
    """Risk over coverage, both in [0, 1]; from rows of score, coverage, risk."""
    line = " ".join(f"{_x(coverage)},{_y(risk)}" for _, coverage, risk in curve)
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    return Plot(
        [AxisTick(_x(share), f"{share:.0%}") for share in shares],
        [AxisTick(_y(share), f"{share:.0%}") for share in shares],
        line,
        [],
    )


def cost_plot(rows: Sequence[tuple[str, float, float, bool]]) -> Plot:
    """Accuracy over cost: rows of name, cost, accuracy, and whether none is better in both."""
    step = _round_step(max((cost for _, cost, _, _ in rows), default=0.0) / 3.5)
    most = 4 * step
    placed = [
        PlacedPoint(_x(cost / most), _y(accuracy), name, is_front)
        for name, cost, accuracy, is_front in rows
    ]
    front = sorted(point for point in placed if point.is_front)
    return Plot(
        [AxisTick(_x(n / 4), f"{n * step:g}") for n in range(5)],
        [AxisTick(_y(share), f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)],
        " ".join(f"{point.x},{point.y}" for point in front),
        placed,
    )


def _round_step(least: float) -> float:
    """The next of 1, 2, 5, 10, ... by a power of ten, for marks that are read easily."""
    if least <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return float(next(power * digit for digit in (1, 2, 5, 10) if power * digit >= least))


def _x(share: float) -> float:
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _y(share: float) -> float:
    """From the top for 1.0 to the bottom for 0.0."""
    return round(TOP + (1 - share) * (HEIGHT - TOP - BOTTOM), 1)
