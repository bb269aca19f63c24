"""`track_moving`: whatever moves before a fixed camera, followed through time."""

from __future__ import annotations

import itertools
import math

from vprog.errors import ModuleInputError
from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Box, Detection, Frame, Span, Track, Video
from vprog_modules.frames.picture import whole_picture
from vprog_modules.frames.sampling import check_count, even_times, sampling_span
from vprog_modules.motion.background_model import fronts
from vprog_modules.motion.components import components_of
from vprog_modules.tracking.association import Tracker, Trail, tracks_of
from vprog_modules.tracking.box_overlap import centre, diagonal, iou

LABEL = "moving object"
MAX_GAP = 0.8
LEAST_SEEN = 3
LEAST_SECONDS = 0.5
LEAST_WAY, LEAST_WAY_SHARE = 0.15, 0.02
"""Of its own size, and of the picture's longer side, that a thing must get on between two
thirds of its time: else it wobbles at its place."""


@implements("track_moving", needs=("cv2",), extra="offline", rank=10, backend="median background")
class TrackMovingBackdrop:
    """Differences from the median picture, joined by place and size."""

    def load(self, device: str) -> None:
        """Import OpenCV."""
        import cv2

        cv2.setUseOptimized(True)

    def __call__(
        self,
        video: Video,
        *,
        span: Span | None = None,
        fps: float = 5.0,
    ) -> list[Track]:
        media = current()
        sampling = sampling_span("track_moving", media, video, span)
        times = even_times(sampling, fps, with_last=True)
        check_count("track_moving", len(times), sampling, limit=10 * MAX_ITEMS)
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
                Detection(LABEL, picture.box(*component.box), _score(component.contrast), frame)
                for component in components_of(front.mask, front.contrast)
            ]
            tracker.step(front.time, _joined(found, tracker.live, front.time))
        if n_unfit > 0.5 * len(times):
            raise ModuleInputError(
                f"track_moving(video): expected a fixed camera, but the whole picture moves in "
                f"{n_unfit} of {len(times)} frames.",
                hint="Use measure_motion(video), or track(video, label) for a known thing.",
            )
        long_side = max(shown.width, shown.height)
        trails = [track for track in tracker.finish() if _goes_somewhere(track, long_side)]
        return tracks_of(trails)[:MAX_ITEMS]


def _joined(found: list[Detection], trails: list[Trail], time: float) -> list[Detection]:
    """Pieces that together are where one known thing should be, as one."""
    for trail in trails:
        expected = trail.predict(time)
        pieces = [detection for detection in found if _is_within(centre(detection.box), expected)]
        if len(pieces) < 2 or len(trail.detections) < 2:
            continue
        x0, y0, x1, y1 = zip(*(piece.box for piece in pieces), strict=True)
        whole = Box(min(x0), min(y0), max(x1), max(y1))
        if iou(whole, expected) > 0.1 + max(iou(piece.box, expected) for piece in pieces):
            score = max(piece.score for piece in pieces)
            found = [hit for hit in found if hit not in pieces]
            found.append(pieces[0]._replace(box=whole, score=score))
    return found


def _is_within(point: tuple[float, float], box: Box) -> bool:
    return box.x0 <= point[0] <= box.x1 and box.y0 <= point[1] <= box.y1


def _score(contrast: float) -> float:
    """0.5 for what just stands out enough (1), nearing 1 for strong differences."""
    return round(contrast / (contrast + 1.0), 4)


def _goes_somewhere(trail: Trail, long_side: int) -> bool:
    first, last = trail.detections[0].frame.time, trail.last.frame.time
    if len(trail.detections) < LEAST_SEEN or last - first < LEAST_SECONDS:
        return False
    sizes = sorted(diagonal(detection.box) for detection in trail.detections)
    places = [centre(detection.box) for detection in trail.detections]
    third = math.ceil(len(places) / 3)
    means = [_mean(places[at : at + third]) for at in range(0, len(places), third)]
    way = max(math.dist(a, b) for a, b in itertools.combinations(means, 2))
    return way >= max(LEAST_WAY * sizes[len(sizes) // 2], LEAST_WAY_SHARE * long_side)


def _mean(places: list[tuple[float, float]]) -> tuple[float, float]:
    return (
        sum(x for x, _ in places) / len(places),
        sum(y for _, y in places) / len(places),
    )
