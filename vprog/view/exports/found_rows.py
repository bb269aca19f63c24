"""What a run cites and what its modules found, as flat rows: what every table of an export holds.

Evidence is a row a piece. Of what modules found each value with a time is a row; a thing that is
followed is one row for its whole span (`kind` "Track") and one for each detection in it, all with
the same number. Frames and videos that were only named are no finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from vprog.registry.mask_store import masks_in
from vprog.types import Frame, Level, Mask, Track
from vprog.types.geometry import Box
from vprog.types.locate import Location, location_of
from vprog.view.model import RunModel
from vprog.view.steps import Step
from vprog.view.words import clean

EVIDENCE, TRACKS = "evidence", "tracks"

_NAMING = ("label", "name", "phrase", "text", "query")
"""Arguments that say what was searched for, where a result has no text of its own."""


class FoundRow(msgspec.Struct, frozen=True, kw_only=True):
    """One thing at one time. The fields are the columns of CSV, pandas and parquet."""

    what: str
    """"evidence" or "tracks"."""
    video: int
    """Index of the video, from 0, as programs and `--json` count."""
    file: str
    """Its name without folders."""
    start: float | None
    end: float | None
    """Seconds of the file; equal for a moment, null for what has no time."""
    label: str
    kind: str
    """"Evidence", or the class of the value in vprog.types, e.g. "Detection"."""
    score: float | None
    supported: bool | None
    """Of evidence: whether a module reported it."""
    track: int | None
    """The number, from 1, of the thing that is followed."""
    x0: float | None
    y0: float | None
    x1: float | None
    y1: float | None
    """Pixels of the displayed frame, origin top left."""
    value: float | None
    """Of a measurement, in the unit of its module."""
    module: str
    cell: int | None
    line: int | None
    """Where the program called it."""

    @property
    def box(self) -> Box | None:
        if self.x0 is None or self.y0 is None or self.x1 is None or self.y1 is None:
            return None
        return Box(self.x0, self.y0, self.x1, self.y1)

    @property
    def is_whole(self) -> bool:
        """Not one of the many detections of a thing that is followed."""
        return self.track is None or self.kind in ("Track", "Evidence")


_TrackKey = tuple[int, float, float, Box]


def found_rows(model: RunModel, steps: Sequence[Step]) -> list[FoundRow]:
    """The evidence of a run, then what its modules found, each row once, in order of the calls."""
    files = [_line(video.name) for video in model.videos]
    tracks: dict[_TrackKey, int] = {}
    found = dict.fromkeys(
        row for step in steps if step.kind == "call" for row in _of_step(step, files, tracks)
    )
    return [*_evidence(model, files, tracks), *found]  # `found` has numbered the tracks


def _evidence(
    model: RunModel, files: Sequence[str], tracks: dict[_TrackKey, int]
) -> Iterator[FoundRow]:
    for item in model.evidence:
        number = None
        if item.start is not None and item.end is not None and item.box is not None:
            number = tracks.get((item.video, item.start, item.end, item.box))
        yield _row(
            EVIDENCE,
            Location(item.video, item.start, item.end, item.box, item.text),
            files,
            kind="Evidence",
            supported=item.supported,
            track=number,
        )


def _of_step(step: Step, files: Sequence[str], tracks: dict[_TrackKey, int]) -> Iterator[FoundRow]:
    named = next((str(step.arguments[name]) for name in _NAMING if step.arguments.get(name)), "")
    for value in _values(step.value):
        if isinstance(value, Frame):
            continue
        location = location_of(value, step.video)
        if location is None or location.start is None:
            continue
        number = None
        if isinstance(value, Track) and value.detections:
            first = value.detections[0]
            key = (first.frame.video, value.span.start, value.span.end, first.box)
            number = tracks.setdefault(key, len(tracks) + 1)
        measured = value.value if isinstance(value, Level) else None
        yield _row(TRACKS, location, files, kind=type(value).__name__, track=number,
                   value=measured, step=step, named=named)  # fmt: skip
        for detection in value.detections if isinstance(value, Track) else ():
            inner = location_of(detection)
            if inner is not None:
                yield _row(TRACKS, inner, files, kind="Detection", track=number,
                           step=step, named=named)  # fmt: skip


def _values(value: object) -> Iterator[object]:
    if isinstance(value, list) or type(value) is tuple:
        for item in value:
            yield from _values(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _values(item)
    else:
        yield value


def _row(
    what: str,
    location: Location,
    files: Sequence[str],
    *,
    kind: str,
    supported: bool | None = None,
    track: int | None = None,
    value: float | None = None,
    step: Step | None = None,
    named: str = "",
) -> FoundRow:
    box = location.box
    return FoundRow(
        what=what,
        video=location.video,
        file=files[location.video] if 0 <= location.video < len(files) else "",
        start=location.start,
        end=location.end,
        label=_line(location.text or named),
        kind=kind,
        score=location.score,
        supported=supported,
        track=track,
        x0=box.x0 if box else None,
        y0=box.y0 if box else None,
        x1=box.x1 if box else None,
        y1=box.y1 if box else None,
        value=value,
        module=step.module if step else "",
        cell=step.cell if step else None,
        line=step.line if step else None,
    )


def _line(text: str) -> str:
    """Text of anybody's as one clean line."""
    return " ".join(clean(text).split())


def outlines(steps: Sequence[Step]) -> dict[tuple[int, float, Box], str]:
    """COCO's run lengths of every mask that calls gave, by video, time and box."""
    found: dict[tuple[int, float, Box], str] = {}
    for step in steps:
        for mask in masks_in(step.value) if step.masks else ():
            if isinstance(mask, Mask) and mask.key in step.masks:
                found[mask.frame.video, mask.frame.time, mask.box] = step.masks[mask.key]
    return found
