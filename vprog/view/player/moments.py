"""Where to look in a video: the moment to open at, the evidence in order, what was nearly found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vprog.types import Box
from vprog.types.clock import clock, length_text
from vprog.view.model import ShownEvidence
from vprog.view.player.things import FoundThings, box_near, present
from vprog.view.player_model import Curve, Moment, NearMiss, Player, Thing
from vprog.view.words import clipped

_NEAR_S = 3.0
"""What begins or ends so shortly beside a moment may well belong to it."""
_LEAST_NEAR = 3
"""Of what is farther away, so many are told all the same."""
_SAME_PLACE = 0.4
"""Boxes that share so much of their union are of one thing."""
_MOST_NEAR = 12
_MOST_MOMENTS = 400
_MOST_TEXT = 160


def player_of(
    found: FoundThings,
    curves: Sequence[Curve],
    evidence: Sequence[ShownEvidence],
    *,
    answered: bool,
) -> Player:
    """What a player shows: see vprog.view.player_model."""
    main = _main_moment(found.things, curves if answered else (), evidence)
    near = _near(found.things, main, answered=answered)
    return Player(
        things=found.things,
        things_left=found.left,
        curves=list(curves),
        moments=[*([main] if main is not None else []), *_evidence_moments(evidence)],
        near=near,
        near_text=_near_text(found.things, near, main, answered=answered),
    )


def _main_moment(
    things: Sequence[Thing], curves: Sequence[Curve], evidence: Sequence[ShownEvidence]
) -> Moment | None:
    """The peak that is the answer, else when most of what is cited stands, else its first piece."""
    cited = [thing for thing in things if thing.is_cited]
    for curve in curves:
        if curve.is_answer:
            time = _peak(curve, [thing for thing in cited if thing.video == curve.video])
            text = f"{curve.name} peaks at {max(curve.values):g}"
            return _main(curve.video, time, text, cited)
    if len(cited) > 1:
        video, time = max(
            ((thing.video, time) for thing in cited for time in thing.times),
            key=lambda place: (_count(cited, *place), -place[0], -place[1]),
        )
        if _count(cited, video, time) > 1:
            return _main(video, time, "", cited)
    timed = [item for item in evidence if item.start is not None]
    if timed:
        first = timed[0]
        assert first.start is not None
        return Moment(
            video=first.video,
            start=first.start,
            end=first.start if first.end is None else first.end,
            text=first.caption,
            kind="main",
        )
    for curve in curves:
        time = _peak(curve, [])
        text = f"{clock(time)} {curve.name} peaks at {max(curve.values):g}"
        return Moment(video=curve.video, start=time, end=time, text=text, kind="main")
    surest = max(things, key=lambda thing: thing.score or 0.0, default=None)
    if surest is None:
        return None
    time = surest.times[0]
    text = f"{clock(time)} {surest.label}, the surest that was found"
    return Moment(video=surest.video, start=time, end=time, text=text, kind="main")


def _main(video: int, time: float, text: str, cited: Sequence[Thing]) -> Moment:
    together = _count(cited, video, time)
    of = f"{together} of {len(cited)} cited in this picture" if cited else ""
    said = "; ".join(part for part in (text, of) if part)
    return Moment(video=video, start=time, end=time, text=f"{clock(time)} {said}", kind="main")


def _count(things: Iterable[Thing], video: int, time: float) -> int:
    return sum(thing.video == video and present(thing, time) for thing in things)


def _peak(curve: Curve, cited: Sequence[Thing]) -> float:
    """A time of the highest value: one at which most of what is cited is there, the first one."""
    highest = max(curve.values)
    times = [
        time for time, value in zip(curve.times, curve.values, strict=True) if value == highest
    ]
    return max(times, key=lambda time: (_count(cited, curve.video, time), -time))


def _evidence_moments(evidence: Sequence[ShownEvidence]) -> list[Moment]:
    moments = [
        Moment(
            video=item.video,
            start=item.start,
            end=item.start if item.end is None else item.end,
            text=clipped(item.caption, _MOST_TEXT),
            kind="evidence",
            evidence=index,
        )
        for index, item in enumerate(evidence[:_MOST_MOMENTS])
        if item.start is not None
    ]
    return sorted(moments, key=lambda moment: (moment.video, moment.start))


def _near(things: Sequence[Thing], main: Moment | None, *, answered: bool) -> list[NearMiss]:
    """What stands beside the answer: not cited, at the moment or shortly before or after it."""
    numbered = [(index, thing) for index, thing in enumerate(things) if not thing.is_cited]
    if not answered or main is None or not any(thing.is_cited for thing in things):
        best = sorted(numbered, key=lambda pair: -(pair[1].score or 0.0))
        return [
            NearMiss(thing=index, time=thing.times[0], text=_named(thing, thing.times[0]))
            for index, thing in _distinct(best)[:_MOST_NEAR]
        ] if not answered else []  # fmt: skip
    cited = [thing for thing in things if thing.is_cited]
    labels = {thing.label for thing in cited}
    misses: list[tuple[float, NearMiss]] = []
    beside = [
        (index, thing)
        for index, thing in numbered
        if thing.video == main.video and (thing.label in labels or thing.kind == "Mask")
    ]
    for index, thing in beside:
        gap = _gap(thing, main.start, max(main.end, main.start))
        time = min(max(main.start, thing.times[0]), thing.times[-1])
        if _is_counted(thing, time, cited):
            continue
        misses.append(
            (abs(gap), NearMiss(thing=index, time=time, text=_why(thing, time, gap, main)))
        )
    misses.sort(key=lambda pair: pair[0])
    n_near = sum(gap <= _NEAR_S for gap, _ in misses)
    misses = misses[: max(n_near, _LEAST_NEAR)]
    kept = _distinct([(miss.thing, things[miss.thing]) for _, miss in misses])
    indices = {index for index, _ in kept}
    return [miss for _, miss in misses if miss.thing in indices][:_MOST_NEAR]


def _gap(thing: Thing, start: float, end: float) -> float:
    """Seconds from a moment to a thing: above 0 where it comes after, below where it was before."""
    if thing.times[0] > end:
        return thing.times[0] - end
    if thing.times[-1] < start:
        return thing.times[-1] - start
    return 0.0


def _is_counted(thing: Thing, time: float, cited: Sequence[Thing]) -> bool:
    """Whether a thing that is cited stands at its place: the two are one."""
    box = box_near(thing, time)
    return any(
        other.video == thing.video
        and present(other, time, hold_s=0.3)
        and _shared(box, box_near(other, time)) >= _SAME_PLACE
        for other in cited
    )


def _distinct(numbered: Sequence[tuple[int, Thing]]) -> list[tuple[int, Thing]]:
    """Each thing once, of those that stand at one place at one time; the first one is kept."""
    kept: list[tuple[int, Thing]] = []
    for index, thing in numbered:
        time = thing.times[0]
        if not any(
            other.video == thing.video
            and present(other, time, hold_s=0.1)
            and _shared(thing.boxes[0], box_near(other, time)) >= _SAME_PLACE
            for _, other in kept
        ):
            kept.append((index, thing))
        if len(kept) >= _MOST_NEAR:
            break
    return kept


def _shared(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    if width <= 0 or height <= 0:
        return 0.0
    union = sum((box.x1 - box.x0) * (box.y1 - box.y0) for box in (one, other)) - width * height
    return width * height / union if union > 0 else 0.0


def _why(thing: Thing, time: float, gap: float, main: Moment) -> str:
    named = _named(thing, time)
    if gap > 0:
        return f"{named}, comes {length_text(gap)} after {clock(max(main.start, main.end))}"
    if gap < 0:
        return f"{named}, last seen {length_text(-gap)} before {clock(main.start)}"
    return f"{named}, in the picture and not in the answer"


def _named(thing: Thing, time: float) -> str:
    score = f" {thing.score:.2f}" if thing.score is not None else ""
    where = f" (line {thing.line}, {thing.task})" if thing.line is not None else ""
    return f"{clock(time)} {clipped(thing.label, 60) or thing.kind.lower()}{score}{where}"


def _near_text(
    things: Sequence[Thing], near: Sequence[NearMiss], main: Moment | None, *, answered: bool
) -> str:
    if not things:
        return "No call reported a thing with a place, so nothing can be told of near misses."
    if not answered:
        return "The surest things that calls found, though none of them became an answer."
    if main is None or not any(thing.is_cited for thing in things):
        return "The answer cites no thing with a place; what calls found is in the lanes."
    beside = (
        "Found and not cited, the nearest in time first."
        if near
        else (f"No call reported anything else of the kind near {clock(main.start)}.")
    )
    return f"{beside} What the modules scored below their cut is not in the recording."
