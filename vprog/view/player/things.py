"""The things that the calls of a run found, each once, with where it was and when.

What an answer cites of them is told by video, time and first box, as evidence names a thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import msgspec

from vprog.types import Box, Frame, Mask, Pose, Track
from vprog.types.locate import Location, location_of, locations_of
from vprog.view.mask_picture import kept_masks, overlay
from vprog.view.model import ShownEvidence
from vprog.view.player_model import Thing
from vprog.view.skeleton import bones_of
from vprog.view.steps import Step

_MOST_THINGS = 1200
_MOST_SIGHTINGS = 24_000
"""Of all things: some 1.2 MB of JSON."""
_MOST_OF_CALL = 2000
_MOST_MASKS = 24
_MASK_SIDE = 480
_SAME_S = 1e-3


class FoundThings(NamedTuple):
    """What was found; `left` says how many things more are not in the list."""

    things: list[Thing]
    left: int


def things_of(
    steps: Iterable[Step], evidence: Sequence[ShownEvidence], sizes_wh: Sequence[tuple[int, int]]
) -> FoundThings:
    """Tracks first, then what was seen in one frame, both in the order of the calls.

    Args:
        steps: of the run.
        evidence: of its answer.
        sizes_wh: width and height of each video's frames, in pixels.
    """
    cited = {_key(item.video, item.start, item.box) for item in evidence if item.box is not None}
    seen: dict[tuple[object, ...], Thing] = {}
    n_masks = 0
    for step in steps:
        if step.kind != "call" or step.name == "frame_at":
            continue
        outlines = {kept.mask: kept.rle for kept in kept_masks([step])}
        for value, whole in islice(_placed(step.value, step.video), _MOST_OF_CALL):
            key = (type(value).__name__, *whole)
            if key in seen:
                continue
            thing = _thing(step, value, whole, cited)
            if not thing.times:
                continue
            rle = outlines.get(value) if isinstance(value, Mask) else None
            if rle is not None and whole.video < len(sizes_wh) and n_masks < _MOST_MASKS:
                n_masks += 1
                png = overlay(rle, _small(sizes_wh[whole.video]))
                thing = msgspec.structs.replace(thing, mask=png)
            seen[key] = thing
    ordered = sorted(seen.values(), key=lambda thing: (thing.kind != "Track", not thing.is_cited))
    kept: list[Thing] = []
    n_sightings = 0
    for thing in ordered[:_MOST_THINGS]:
        n_sightings += len(thing.times)
        if n_sightings > _MOST_SIGHTINGS:
            break
        kept.append(thing)
    return FoundThings(kept, len(ordered) - len(kept))


def _placed(value: object, video: int) -> Iterator[tuple[object, Location]]:
    """The values of a result that have a place, tracks whole, each with where it is."""
    if isinstance(value, list) or type(value) is tuple:
        for item in value:
            yield from _placed(item, video)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _placed(item, video)
    elif not isinstance(value, Frame | Box):
        whole = location_of(value, video)
        if whole is not None and whole.box is not None:
            yield value, whole


def _thing(
    step: Step, value: object, whole: Location, cited: set[tuple[int, float | None, Box]]
) -> Thing:
    places = locations_of(value, step.video) if isinstance(value, Track) else (whole,)
    sightings = [
        (place.start, place.box, place.score)
        for place in places
        if place.start is not None and place.box is not None
    ]
    first = sightings[0][1] if sightings else None
    is_cited = first is not None and _key(whole.video, whole.start, first) in cited
    if isinstance(value, Track) and sightings and not is_cited:
        # Evidence of a moment between two sightings has the box of one, and a time of neither.
        boxes = {_key(whole.video, None, box) for _, box, _ in sightings}
        is_cited = any(
            start is not None
            and sightings[0][0] - _SAME_S <= start <= sightings[-1][0] + _SAME_S
            and (video, None, box) in boxes
            for video, start, box in cited
        )
    scores = [score for _, _, score in sightings if score is not None]
    return Thing(
        video=whole.video,
        label="" if isinstance(value, Mask) else str(whole.text or ""),
        kind=type(value).__name__,
        step=step.index,
        line=step.line,
        task=step.name,
        score=whole.score,
        is_cited=is_cited,
        times=[start for start, _, _ in sightings],
        boxes=[box for _, box, _ in sightings],
        scores=scores if len(scores) == len(sightings) else [],
        bones=bones_of(value) if isinstance(value, Pose) else [],
    )


def _key(video: int, start: float | None, box: Box) -> tuple[int, float | None, Box]:
    """How evidence and a found value are told to be one: rounded, since results are rounded."""
    rounded = Box(*(round(side, 1) for side in box))
    return video, None if start is None else round(start, 2), rounded


def _small(size_wh: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, _MASK_SIDE / max(size_wh))
    return max(1, round(size_wh[0] * scale)), max(1, round(size_wh[1] * scale))


def present(thing: Thing, time: float, *, hold_s: float = _SAME_S) -> bool:
    """Whether a thing was seen at a time, or before and after it."""
    return thing.times[0] - hold_s <= time <= thing.times[-1] + hold_s


def box_near(thing: Thing, time: float) -> Box:
    """Where it was at its sighting nearest to a time."""
    nearest = min(range(len(thing.times)), key=lambda index: abs(thing.times[index] - time))
    return thing.boxes[nearest]
