"""The cited parts of a video, or all of it, with what was found drawn on: H.264 in mp4."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vprog.errors import UsageError
from vprog.types.clock import clock, clock_span
from vprog.types.coverage import PICTURE_S
from vprog.types.geometry import Box
from vprog.view.exports.export_format import ExportFormat, ExportJob
from vprog.view.exports.export_subtitles import subtitle_words
from vprog.view.exports.found_rows import EVIDENCE, FoundRow, outlines
from vprog.view.exports.h264_file import TimeSpan, joined_spans, recorded_file, write_h264
from vprog.view.mask_picture import outline_of
from vprog.view.skeleton import Bone, bones_of, draw_bones, poses_of
from vprog.view.words import clipped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MARGIN_S = 1.0
"""Shown before and after what is cited."""
_CITED, _FOUND, _DARK = (80, 230, 120), (255, 64, 64), (0, 0, 0)
_MOST_CAPTIONS = 3
_MOST_TEXT = 80
_EPSILON_S = 1e-3


def write_mp4(job: ExportJob, path: Path) -> None:
    """Write the video; what is cited is drawn green, what else modules found red.

    Raises:
        UsageError: nothing is cited, and not the whole is asked for.
        VideoError: the video is gone, is another, or has no picture.
    """
    video = job.opened
    rows = [row for row in job.rows if row.video == video.index and row.start is not None]
    cited = [row for row in rows if row.what == EVIDENCE]
    spans: list[TimeSpan] = [(0.0, video.duration)]
    if not job.whole:
        spans = joined_spans(
            [(row.start or 0.0, row.end or row.start or 0.0) for row in cited or rows],
            video.duration,
            MARGIN_S,
        )
    if not spans:
        raise UsageError("mp4: nothing is cited.", hint="Write all of the video: --whole.")
    boxes = BoxesOverTime([row for row in job.boxes if row.video == video.index])
    tracks = {row.track for row in cited if row.track is not None}
    places = {(row.start, row.box) for row in cited}
    rles, poses = outlines(job.story.steps), poses_of(job.story.steps)

    def found(row: FoundRow) -> DrawnFind:
        assert row.box is not None
        assert row.start is not None
        key = row.video, row.start, row.box
        is_cited = row.track in tracks or row.what == EVIDENCE or (row.start, row.box) in places
        bones = bones_of(poses[key]) if key in poses else []
        return DrawnFind(row.box, subtitle_words(row), is_cited, rles.get(key, ""), bones)

    def draw(time: float, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        drawn = [found(row) for row in boxes.at(time)]
        captions = [
            subtitle_words(row)
            for row in cited
            if row.box is None and (row.start or 0.0) <= time <= (row.end or row.start or 0.0)
        ]
        return drawn_on(pixels, clock(time), drawn, captions)

    told = ", ".join(clock_span(start, end) for start, end in spans)
    if not job.whole:
        job.note(f"of {clock(video.duration)} these parts are written: {told}")
    with recorded_file(job) as file:
        write_h264(file, spans, path, draw)


class DrawnFind(NamedTuple):
    """What is drawn of one thing: its box and words, its outline as run lengths, its body."""

    box: Box
    words: str
    is_cited: bool
    rle: str
    bones: list[Bone]


def drawn_on(
    pixels: NDArray[np.uint8], time: str, finds: list[DrawnFind], captions: list[str]
) -> NDArray[np.uint8]:
    """A picture with a time, what was found in it and captions drawn on."""
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.fromarray(pixels)
    pen = ImageDraw.Draw(picture)
    size = max(10, picture.height // 30)
    font = ImageFont.load_default(size)

    def write(left: float, top: float, text: str, colour: tuple[int, int, int]) -> None:
        text = clipped(text, _MOST_TEXT)
        left, top = max(0.0, left), max(0.0, top)
        pen.rectangle(pen.textbbox((left, top), text, font=font), fill=_DARK)
        pen.text((left, top), text, font=font, fill=colour)

    for find in sorted(finds, key=lambda find: find.is_cited):
        box, colour, width = find.box, _CITED if find.is_cited else _FOUND, max(2, size // 8)
        outline = outline_of(find.rle, picture.size)
        if outline is not None:
            picture.paste(colour, mask=outline)
        draw_bones(pen, find.bones, 1.0, colour, width)
        pen.rectangle(tuple(box), outline=colour, width=width)
        write(box.x0 + 2, box.y0 - size * 1.3, find.words, colour)
    write(size * 0.4, size * 0.4, time, (255, 255, 255))
    for index, caption in enumerate(captions[:_MOST_CAPTIONS]):
        write(size * 0.4, picture.height - size * 1.6 * (index + 1), caption, _CITED)
    return np.asarray(picture)


class BoxesOverTime:
    """The rows with boxes of one video, asked by time.

    A box of a moment holds for half a second to either side, as a picture counts for coverage; of
    a thing that is followed, and of all that was found at single moments, the look nearest in time.
    """

    def __init__(self, rows: Sequence[FoundRow]) -> None:
        self._lasting = [row for row in rows if row.end != row.start]
        self._looks: dict[int | None, dict[float, list[FoundRow]]] = {}
        for row in rows:
            if row.start is not None and row.end == row.start:
                looks = self._looks.setdefault(row.track, {})
                looks.setdefault(row.start, []).append(row)
        self._times = {track: sorted(looks) for track, looks in self._looks.items()}

    def at(self, time: float) -> list[FoundRow]:
        """The rows whose boxes stand in the frame of a time, each box once."""
        found = [
            row
            for row in self._lasting
            if (row.start or 0.0) - _EPSILON_S <= time <= (row.end or 0.0) + _EPSILON_S
        ]
        for track, times in self._times.items():
            place = bisect_left(times, time)
            near = min(times[max(0, place - 1) : place + 1], key=lambda look: abs(look - time))
            if abs(near - time) <= PICTURE_S:
                found += self._looks[track][near]
        return list({row.box: row for row in found}.values())


FORMAT = ExportFormat(
    "mp4", "the cited parts of the video with what was found drawn on (H.264)", write=write_mp4
)
