"""`track_moving`: whatever moves before a fixed camera, followed through time."""

from __future__ import annotations

import math
from typing import Annotated

from vprog.errors import ModuleInputError
from vprog.media.source import current
from vprog.registry.module import module
from vprog.types import MAX_ITEMS, RATE, Detection, Frame, Span, Track, Video
from vprog_modules.support.association import Tracker, Trail, tracks_of
from vprog_modules.support.backdrop import fronts
from vprog_modules.support.blobs import blobs_of
from vprog_modules.support.boxes import centre, diagonal
from vprog_modules.support.picture import whole_picture
from vprog_modules.support.sampling import check_count, even_times, stretch_of

LABEL = "moving object"
MAX_GAP = 0.8
LEAST_SEEN = 3
LEAST_SECONDS = 0.5
LEAST_WAY = 0.5
"""Of its own size that a thing must get away from where it was first seen."""


@module("track_moving", needs=("cv2",), extra="offline", rank=10, backend="median backdrop")
class TrackMovingBackdrop:
    """Differences from the median picture, joined by place and size."""

    def load(self, device: str) -> None:
        """Import OpenCV."""
        import cv2

        cv2.setUseOptimized(True)

    def __call__(
        self, video: Video, *, span: Span | None = None, fps: Annotated[float, RATE] = 5.0
    ) -> list[Track]:
        """Follow everything that moves through the picture of a fixed camera.

        Works by difference from the usual picture, so the camera must stand still. What a
        thing is, it does not know: things that touch or overlap are one for that time, a
        shadow or reflection may belong to a thing or be one, and what stays at its place
        (leaves, a turning wheel) or stands for most of the time is left out.

        Args:
            video: the file.
            span: only this part, in seconds; None for all of it.
            fps: frames looked at per second; fast things need more than the default.

        Returns:
            Tracks in order of first appearance, ids from 1, label "moving object"; score
            in [0, 1]: how strongly the thing stands out. direction(track) tells which way
            it goes. Left out: what is seen in fewer than 3 frames or for less than
            0.5 s, goes less far than half its own size, or covers less than 0.06 % of the
            picture.

        Raises:
            ModuleInputError: the camera moves most of the time, or too many frames (the
                message has the fps that fits).
            NoVideoStreamError: the file has no picture.

        Example:
            >>> [direction(track) for track in track_moving(video)]
            ['right', 'left']
        """
        media = current()
        stretch = stretch_of("track_moving", media, video, span)
        times = even_times(stretch, fps)
        check_count("track_moving", len(times), stretch, limit=10 * MAX_ITEMS)
        shown = media.video(video.index)
        tracker = Tracker(max_gap=max(MAX_GAP, 1.5 / fps))
        n_unfit = 0
        for front, _ in fronts(media, video.index, times, max_side=480):
            if front.mask is None or front.contrast is None:
                n_unfit += 1
                continue
            picture = whole_picture(front.pixels, shown)
            frame = Frame(video.index, front.time)
            found = [
                Detection(LABEL, picture.box(*each.box), _score(each.contrast), frame)
                for each in blobs_of(front.mask, front.contrast)
            ]
            tracker.step(front.time, found)
        if n_unfit > 0.5 * len(times):
            raise ModuleInputError(
                f"track_moving(video): expected a fixed camera, but the whole picture moves in "
                f"{n_unfit} of {len(times)} frames.",
                hint="Use measure_motion(video), or track(video, label) for a known thing.",
            )
        return tracks_of([each for each in tracker.finish() if _goes_somewhere(each)])[:MAX_ITEMS]


def _score(contrast: float) -> float:
    """0.5 for what just stands out enough (1), nearing 1 for strong differences."""
    return round(contrast / (contrast + 1.0), 4)


def _goes_somewhere(trail: Trail) -> bool:
    first, last = trail.detections[0].frame.time, trail.last.frame.time
    if len(trail.detections) < LEAST_SEEN or last - first < LEAST_SECONDS:
        return False
    x, y = centre(trail.detections[0].box)
    sizes = sorted(diagonal(each.box) for each in trail.detections)
    way = max(
        math.hypot(centre(each.box)[0] - x, centre(each.box)[1] - y) for each in trail.detections
    )
    return way >= LEAST_WAY * sizes[len(sizes) // 2]
