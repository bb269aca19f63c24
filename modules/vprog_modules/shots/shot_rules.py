"""Which measurements of frames are the boundaries of shots: cuts, fades, dissolves.

- A cut is a jump between two successive frames that stands out from the jumps around it
  and after which the picture does not come back. A flash comes back within a few frames;
  a whip pan jumps at every frame; a switched light keeps the structure.
- A fade is a black (or, between two real pictures, white) span that is entered or left
  gradually; the boundary is the middle between the moments of half light. A black span
  with two hard ends is a shot of its own, or a flicker.
- Where recordings are joined in a file, a jump is a cut whatever the structure.
- A dissolve is a span in which every frame mixes the picture before and the one after.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from vprog_modules.shots.shot_meter import (
    BLACK,
    JUMP,
    PLAIN,
    RECOLOURED,
    UNLIKE,
    Measured,
    Mixture,
)

FLASH_SECONDS, FLASH_FRAMES = 0.25, 3
"""A picture that comes back within either was hidden by a flash: that is no cut."""

AROUND = 6
"""How many frames on either side a cut must stand out from."""

STANDS_OUT = 2.2
_TINY = 1e-3
FLAT, RELIT = 0.12, 0.9
GRADUAL_SECONDS = 1.0
CLOSEST = 0.1
"""Seconds: of two boundaries nearer than this the surer one stays."""


class ShotBoundary(NamedTuple):
    """Where a shot begins, by what ("cut", "fade", "dissolve"), and how sure that is."""

    time: float
    opening: str
    score: float


def boundaries_of(measured: Measured, joints: Sequence[float] = ()) -> list[ShotBoundary]:
    """The boundaries between shots, in order of time.

    Args:
        measured: of all frames.
        joints: when recordings begin that are joined in the file: there, a jump is a cut, also
            where both have the same structure.
    """
    fades, hidden = _fades(measured)
    cuts = [
        cut for cut in _cuts(measured, joints) if not any(a <= cut.time <= b for a, b in hidden)
    ]
    taken = [cut.time for cut in cuts + fades]
    dissolves = _dissolves(measured, taken)
    kept: list[ShotBoundary] = []
    for cut in sorted(cuts + fades + dissolves, key=lambda one: -one.score):
        if all(abs(cut.time - other.time) >= CLOSEST for other in kept):
            kept.append(cut)
    return sorted(kept)


def _cuts(measured: Measured, joints: Sequence[float]) -> list[ShotBoundary]:
    jumps = measured.jumps
    found = []
    joined = {bisect_left(measured.times, joint - _TINY) for joint in joints}
    for at in range(1, len(jumps)):
        is_joint = at in joined
        if jumps[at] < JUMP or measured.comes_back[at]:
            continue
        if not is_joint and not _is_another_picture(measured, at):
            continue
        around = [
            jumps[other]
            for other in range(max(1, at - AROUND), min(len(jumps), at + AROUND + 1))
            if other != at
        ]
        usual = sorted(around)[-2] if len(around) > 1 else 0.0  # one neighbour may be a cut too
        if jumps[at] < STANDS_OUT * usual:
            continue
        likeness = 0.0 if is_joint else max(0.0, measured.likenesses[at])
        clear = min(1.0, jumps[at]) * max(1 - likeness, min(1.0, measured.recolourings[at]))
        apart = 1 - STANDS_OUT * usual / jumps[at] / 2
        found.append(ShotBoundary(measured.times[at], "cut", round(0.5 + 0.5 * clear * apart, 4)))
    return found


def _is_another_picture(measured: Measured, at: int) -> bool:
    """Whether the structure is another one, or all of a nearly flat picture has another hue.

    Of flat pictures (titles, slides, test cards) the structure says little; in others a light
    of another colour may have been switched on.
    """
    likeness = measured.likenesses[at]
    if likeness <= UNLIKE:
        return True
    is_flat = max(measured.contrasts[at - 1], measured.contrasts[at]) < FLAT
    return measured.recolourings[at] >= RECOLOURED and (is_flat or likeness <= RELIT)


def _fades(measured: Measured) -> tuple[list[ShotBoundary], list[tuple[float, float]]]:
    """Boundaries in blank spans, and the spans in which no cut may be found."""
    found: list[ShotBoundary] = []
    hidden: list[tuple[float, float]] = []
    n_frames = len(measured.times)
    for first, last in _blank_runs(measured):
        if first == 0 or last == n_frames - 1:  # nothing on the other side
            if measured.blanks[first] == BLACK:
                hidden.append((measured.times[first], measured.times[min(last + 1, n_frames - 1)]))
            continue
        into, out = _is_gradual(measured, first, -1), _is_gradual(measured, last, 1)
        if not (into or out):
            continue
        textured = measured.contrasts[first - 1] > 0.01 and measured.contrasts[last + 1] > 0.01
        if measured.blanks[first] != BLACK and not (into and out and textured):
            continue
        since, until = _half_light(measured, first, -1), _half_light(measured, last, 1)
        hidden.append((measured.times[first], until))
        middle = (since + until) / 2
        score = 0.5 + 0.2 * into + 0.2 * out if textured else 0.5
        found.append(ShotBoundary(middle, "fade", score))
    return found, hidden


def _blank_runs(measured: Measured) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for at, blank in enumerate(measured.blanks):
        if blank == PLAIN:
            continue
        if runs and runs[-1][1] == at - 1 and measured.blanks[at - 1] == blank:
            runs[-1] = (runs[-1][0], at)
        else:
            runs.append((at, at))
    return runs


def _half_light(measured: Measured, edge: int, way: int) -> float:
    """When, next to a blank span, the picture has half of the light it comes from (or to)."""
    level = measured.lights[edge]
    outside = _outside(measured, edge + way, way)
    farthest = max(abs(measured.lights[at] - level) for at in outside)
    half = next(at for at in outside if abs(measured.lights[at] - level) >= 0.5 * farthest)
    return float(measured.times[half])


def _is_gradual(measured: Measured, edge: int, way: int) -> bool:
    """Whether the light changed step by step next to a blank span, on its outer side.

    The frame next to the span is then much nearer to it in light than the picture was
    within the second before (or after).
    """
    level = measured.lights[edge]
    outside = _outside(measured, edge + way, way)
    farthest = max(abs(measured.lights[at] - level) for at in outside)
    return abs(measured.lights[edge + way] - level) < 0.6 * farthest


def _outside(measured: Measured, near: int, way: int) -> list[int]:
    """The frames from `near` onwards that lie within GRADUAL_SECONDS of it, up to a cut."""
    found: list[int] = []
    while 0 <= near < len(measured.times) and (
        not found or abs(measured.times[near] - measured.times[found[0]]) <= GRADUAL_SECONDS
    ):
        found.append(near)
        between = max(near, near + way)
        if between < len(measured.times) and (
            measured.jumps[between] > JUMP and measured.likenesses[between] < UNLIKE
        ):
            break
        near += way
    return found


def _dissolves(measured: Measured, taken: list[float]) -> list[ShotBoundary]:
    """One boundary for each group of overlapping mixtures: that of the one with purest ends."""
    groups: list[list[Mixture]] = []
    for mixture in measured.mixtures:
        if any(mixture.start - 0.05 <= time <= mixture.end + 0.05 for time in taken):
            continue
        if groups and mixture.start <= max(other.end for other in groups[-1]):
            groups[-1].append(mixture)
        else:
            groups.append([mixture])
    found: list[ShotBoundary] = []
    for group in groups:
        best = max(group, key=lambda each: (each.distance, -each.residual, -each.start))
        found.append(ShotBoundary(best.middle, "dissolve", round(0.9 - best.residual, 4)))
    return found
