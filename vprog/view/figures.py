"""Which of the kept frames are shown where, with which boxes.

Beside a line stands what its calls found, or were given. Evidence that follows a thing through
time is shown where it begins, at its last kept frame where there are few pieces, and first of
all at the moment that most pieces have in common.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from vprog.trace.event import PictureKept
from vprog.types.clock import clock
from vprog.types.geometry import Box
from vprog.types.locate import Location, locations_of
from vprog.view.boxes import BoxesByTime, boxes_of, tracks_of
from vprog.view.model import Figure, LabelledBox, ShownEvidence
from vprog.view.steps import ProgramLine, Story
from vprog.view.words import clipped

_MOST_BESIDE = 4
_MOST_LOCATIONS = 400
_NEAR_S = 0.05
"""A frame stands for times this near: decoders give frames a little beside the time."""
_MOST_EVIDENCE = 24
_FEW = 3
_MOST_CAPTION = 200


@dataclass
class _Draft:
    """A figure to be: its captions, and the boxes of the evidence in it; None for all there."""

    captions: list[str] = field(default_factory=list)
    boxes: list[Box | None] = field(default_factory=list)


@dataclass(frozen=True)
class EvidenceFigures:
    """How the evidence of an answer is shown.

    Attributes:
        figures: those that show it.
        listed: the indices of the pieces that no picture shows.
        left: how many pieces more are neither drawn nor listed.
    """

    figures: list[Figure]
    listed: list[int]
    left: int


class Figures:
    """Chooses the figures of one run among its kept frames."""

    def __init__(self, story: Story) -> None:
        recording = story.recording
        self._story = story
        self.pictures: list[PictureKept] = [
            picture for picture in story.pictures if recording.has_picture(picture.file)
        ]
        self.boxes = boxes_of(story.steps, self.pictures)

    def beside(self, line: ProgramLine) -> list[Figure]:
        """Small figures of what a line's calls found, or were given."""
        boxes = boxes_of(line.calls, self.pictures)
        if not any(boxes) and any(self.boxes):
            return []  # frames that were only named: the lines that used them show them
        shown: dict[int, None] = {}
        for video, start in dict.fromkeys(
            (location.video, location.start) for location in _locations(line)
        ):
            index = self._nearest(video, start, start)
            if index is not None:
                shown[index] = None
            if len(shown) >= _MOST_BESIDE:
                break
        return [
            Figure(picture=index, captions=[clock(self.pictures[index].time)], boxes=boxes[index])
            for index in shown
        ]

    def of_evidence(self, evidence: Sequence[ShownEvidence]) -> EvidenceFigures:
        """The figures that show the evidence of the answer."""
        shown = evidence[:_MOST_EVIDENCE]
        tracks = tracks_of(self._story.steps)
        followed = [_track(item, tracks) for item in shown]
        drafts: dict[int, _Draft] = {}
        listed: list[int] = []
        for number, (item, track) in enumerate(zip(shown, followed, strict=True)):
            index = self._nearest(item.video, item.start, item.end)
            if index is None:
                listed.append(number)
                continue
            draft = drafts.setdefault(index, _Draft())
            draft.captions.append(item.caption)
            draft.boxes.append(item.box)
            last = self._last(item.video, track) if len(shown) <= _FEW else None
            if last is not None and last != index:
                time = self.pictures[last].time
                draft = drafts.setdefault(last, _Draft())
                draft.captions.append(clipped(f"{clock(time)} {item.text or ''}", _MOST_CAPTION))
                draft.boxes.append(_box_at(track, time))
        return EvidenceFigures(
            [
                self._figure(index, draft)
                for index, draft in self._common_first(drafts, shown, followed).items()
            ],
            listed,
            len(evidence) - len(shown),
        )

    def _figure(self, index: int, draft: _Draft) -> Figure:
        boxes = self.boxes[index]
        if None not in draft.boxes:
            known = {labelled.box: labelled for labelled in boxes}
            boxes = [
                known.get(box) or LabelledBox(box=box, label="")
                for box in dict.fromkeys(draft.boxes)
                if box is not None
            ]
        return Figure(picture=index, captions=_counted(draft.captions), boxes=boxes)

    def _common_first(
        self,
        drafts: dict[int, _Draft],
        shown: Sequence[ShownEvidence],
        followed: Sequence[BoxesByTime],
    ) -> dict[int, _Draft]:
        """The figures, before them the frame in which most pieces that are followed stand."""
        best, most = -1, 1
        there: list[Box | None] = []
        for index, picture in enumerate(self.pictures):
            boxes: list[Box | None] = [
                box
                for item, track in zip(shown, followed, strict=True)
                if item.video == picture.video and (box := _box_at(track, picture.time)) is not None
            ]
            if len(boxes) > most:
                best, most, there = index, len(boxes), boxes
        if best < 0 or len(drafts.get(best, _Draft()).boxes) >= most:
            return drafts
        n_followed = sum(1 for track in followed if track)
        own = drafts.pop(best, _Draft())
        together = f"{clock(self.pictures[best].time)} {most} of {n_followed} at once"
        return {best: _Draft([together, *own.captions], there), **drafts}

    def _nearest(self, video: int, start: float | None, end: float | None) -> int | None:
        """The index of the first kept frame inside a span of time, or None."""
        if start is None or end is None:
            return None
        for index, picture in enumerate(self.pictures):
            is_inside = start - _NEAR_S <= picture.time <= max(end, start) + _NEAR_S
            if picture.video == video and is_inside:
                return index
        return None

    def _last(self, video: int, track: BoxesByTime) -> int | None:
        """The last kept frame in which a thing that is followed stands."""
        fitting = [
            index
            for index, picture in enumerate(self.pictures)
            if picture.video == video and _box_at(track, picture.time) is not None
        ]
        return fitting[-1] if fitting else None


def _locations(line: ProgramLine) -> Iterator[Location]:
    for step in line.calls:
        for source in (*step.arguments.values(), step.value):
            yield from islice(locations_of(source, step.video), _MOST_LOCATIONS)


def _track(
    item: ShownEvidence, tracks: dict[tuple[int, float, float, Box], BoxesByTime]
) -> BoxesByTime:
    """Where a thing was, by time, if the evidence is a track that a module gave; else {}."""
    if item.start is None or item.end is None or item.box is None:
        return {}
    return tracks.get((item.video, item.start, item.end, item.box), {})


def _box_at(track: BoxesByTime, time: float) -> Box | None:
    return track.get(round(time, 3))


def _counted(captions: Sequence[str]) -> list[str]:
    """Lines of a caption, each once, with how often it stood there."""
    counts: dict[str, int] = {}
    for caption in captions:
        counts[caption] = counts.get(caption, 0) + 1
    return [f"{caption} ×{n}" if n > 1 else caption for caption, n in counts.items()]
