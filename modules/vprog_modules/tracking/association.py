"""Which detections of successive frames are one thing: trails, and tracks made of them.

A trail predicts where its thing is by a straight line through its last detections. The
detections of a frame are given to the predictions so that the total cost is least; cost
grows with distance (in sizes of the thing, more being allowed after a gap), with a change
of size and, where looks are given, with a change of look.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vprog.types import Box, Detection, Span, Track
from vprog_modules.tracking.box_overlap import area, centre, diagonal, iou

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Look = NDArray[np.float32]

MEMORY = 6
"""How many of the last detections the prediction uses."""

MEMORY_SECONDS = 1.5

MAX_GAP_S = 1.5
"""Seconds that a thing may be unseen and still be the same, where frames lie close enough."""

IMPOSSIBLE = 1.0e6
"""The cost of a pair that may not be made."""


@dataclass
class Trail:
    """The detections of one thing so far, in order of time."""

    detections: list[Detection]
    look: Look | None = None
    _velocity: tuple[float, float] = field(default=(0.0, 0.0))

    @property
    def last(self) -> Detection:
        return self.detections[-1]

    def add(self, detection: Detection, look: Look | None) -> None:
        """The thing was seen again."""
        self.detections.append(detection)
        self._velocity = _velocity_of(self.detections)
        if look is not None:
            self.look = look if self.look is None else (0.8 * self.look + 0.2 * look)

    def predict(self, time: float) -> Box:
        """Where the thing is at `time` if it goes on as it went."""
        box, ahead = self.last.box, time - self.last.frame.time
        dx, dy = self._velocity[0] * ahead, self._velocity[1] * ahead
        return Box(box.x0 + dx, box.y0 + dy, box.x1 + dx, box.y1 + dy)


class Tracker:
    """Takes the detections of one frame after another and keeps the trails.

    Args:
        max_gap: seconds that a thing may be unseen and still be the same.
        reach: how far from its prediction a thing may be, in its own diagonals.
        restlessness: how much that grows per second unseen.
        confident: detections scored lower go last, and begin no trail.
    """

    def __init__(
        self,
        *,
        max_gap: float,
        reach: float = 0.75,
        restlessness: float = 1.5,
        confident: float = 0.0,
    ) -> None:
        self.confident = confident
        self.max_gap = max_gap
        self.reach = reach
        self.restlessness = restlessness
        self.live: list[Trail] = []
        self.ended: list[Trail] = []

    def step(
        self, time: float, detections: Sequence[Detection], looks: Sequence[Look] | None = None
    ) -> list[Trail | None]:
        """Give each detection to a trail, old or new; those that are not confident to old ones.

        Returns:
            The trail of each detection, in their order; None for one that began none.
        """
        self._end_before(time - self.max_gap)
        owner: dict[int, Trail] = {}
        numbers = range(len(detections))
        clear = [at for at in numbers if detections[at].score >= self.confident]
        faint = [at for at in numbers if detections[at].score < self.confident]
        for some, young in ((clear, 0), (clear, 1), (faint, 0)):
            for trail, at in self._pairs(time, detections, looks, owner, some, young=young):
                owner[at] = trail
                trail.add(detections[at], looks[at] if looks is not None else None)
        for at in clear:
            if at not in owner:
                owner[at] = Trail([detections[at]], looks[at] if looks is not None else None)
                self.live.append(owner[at])
        return [owner.get(at) for at in numbers]

    def finish(self) -> list[Trail]:
        """All trails, ended ones first."""
        self._end_before(math.inf)
        return self.ended

    def _end_before(self, time: float) -> None:
        self.ended += [track for track in self.live if track.last.frame.time < time - 1e-6]
        self.live = [item for item in self.live if item.last.frame.time >= time - 1e-6]

    def _pairs(
        self,
        time: float,
        detections: Sequence[Detection],
        looks: Sequence[Look] | None,
        owner: dict[int, Trail],
        some: Sequence[int],
        *,
        young: int,
    ) -> list[tuple[Trail, int]]:
        """The best pairs of trails and of some detections that are both still free.

        In the second round (`young`) things seen once only, whose way is not known,
        may have gone four times as far.
        """
        trails = [
            track
            for track in self.live
            if track.last.frame.time < time - 1e-6 and (not young or len(track.detections) == 1)
        ]
        free = [at for at in some if at not in owner]
        if not trails or not free:
            return []
        costs = [
            [
                self._cost(
                    trail,
                    detections[at],
                    time,
                    looks[at] if looks is not None else None,
                    4.0 if young else 1.0,
                )
                for at in free
            ]
            for trail in trails
        ]
        return [(trails[row], free[column]) for row, column in assign(costs)]

    def _cost(
        self, trail: Trail, detection: Detection, time: float, look: Look | None, factor: float
    ) -> float:
        unseen = time - trail.last.frame.time
        predicted = trail.predict(time)
        size = (diagonal(predicted) + diagonal(detection.box)) / 2
        allowed = size * min(self.reach + self.restlessness * unseen, 3.0) * factor
        (x0, y0), (x1, y1) = centre(predicted), centre(detection.box)
        distance = math.hypot(x1 - x0, y1 - y0)
        growth = abs(math.log((area(detection.box) + 1) / (area(predicted) + 1)))
        if distance > allowed or growth > math.log(5.0):
            return IMPOSSIBLE
        cost = distance / allowed + 0.5 * growth + 0.5 * (1 - iou(predicted, detection.box))
        if look is not None and trail.look is not None:
            cost += 1.5 * (1 - float(trail.look @ look))
        return cost


def tracks_of(trails: Sequence[Trail]) -> list[Track]:
    """Trails as tracks, numbered from 1 in order of first appearance, left to right."""
    ordered = sorted(
        trails, key=lambda each: (each.detections[0].frame.time, each.detections[0].box)
    )
    return [
        Track(
            id=number,
            label=each.last.label,
            span=Span(each.detections[0].frame.time, each.last.frame.time),
            detections=list(each.detections),
            score=round(sum(one.score for one in each.detections) / len(each.detections), 4),
        )
        for number, each in enumerate(ordered, 1)
    ]


def _velocity_of(detections: Sequence[Detection]) -> tuple[float, float]:
    """Pixels per second: slope of the least-squares line through the last centres."""
    now = detections[-1].frame.time
    recent = [
        detection
        for detection in detections[-MEMORY:]
        if now - detection.frame.time <= MEMORY_SECONDS
    ]
    if len(recent) < 2:
        recent = list(detections[-2:])
    times = [item.frame.time - now for item in recent]
    mean = sum(times) / len(times)
    spread = sum((time - mean) ** 2 for time in times)
    if spread <= 0:
        return 0.0, 0.0
    xs, ys = zip(*(centre(element.box) for element in recent), strict=True)
    return (
        sum((time - mean) * x for time, x in zip(times, xs, strict=True)) / spread,
        sum((time - mean) * y for time, y in zip(times, ys, strict=True)) / spread,
    )


def assign(costs: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Pairs (row, column) of least total cost; pairs at IMPOSSIBLE or above are left out.

    The Hungarian method in the form with potentials and shortest augmenting paths, O(n^2 m).

    Args:
        costs: one row per thing to be assigned, all rows of one length.

    Returns:
        Pairs in order of rows.

    Source: H. W. Kuhn, "The Hungarian method for the assignment problem", 1955.
    """
    n_rows = len(costs)
    n_columns = len(costs[0]) if n_rows else 0
    if not n_columns:
        return []
    if n_rows > n_columns:
        turned = assign([[row[at] for row in costs] for at in range(n_columns)])
        return sorted((row, column) for column, row in turned)
    row_of = _columns_taken(costs, n_rows, n_columns)
    pairs = [(row - 1, column - 1) for column, row in enumerate(row_of) if column and row]
    return sorted(pair for pair in pairs if costs[pair[0]][pair[1]] < IMPOSSIBLE)


def _columns_taken(costs: Sequence[Sequence[float]], n_rows: int, n_columns: int) -> list[int]:
    """For each column (from 1) the row (from 1) that it is given to, or 0."""
    row_price = [0.0] * (n_rows + 1)
    column_price = [0.0] * (n_columns + 1)
    row_of = [0] * (n_columns + 1)
    for row in range(1, n_rows + 1):
        row_of[0] = row
        slack = [float("inf")] * (n_columns + 1)
        came_from = [0] * (n_columns + 1)
        done = [False] * (n_columns + 1)
        at = 0
        while row_of[at]:
            done[at] = True
            here, step, following = row_of[at], float("inf"), 0
            for column in range(1, n_columns + 1):
                if done[column]:
                    continue
                cost = costs[here - 1][column - 1] - row_price[here] - column_price[column]
                if cost < slack[column]:
                    slack[column], came_from[column] = cost, at
                if slack[column] < step:
                    step, following = slack[column], column
            for column in range(n_columns + 1):
                if done[column]:
                    row_price[row_of[column]] += step
                    column_price[column] -= step
                else:
                    slack[column] -= step
            at = following
        while at:
            row_of[at] = row_of[came_from[at]]
            at = came_from[at]
    return row_of
