"""`track_colour`: things of one colour, followed through time."""

from __future__ import annotations

from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Frame, Span, Track, Video
from vprog_modules.colour.colour_names import colour_name
from vprog_modules.colour.colour_regions import MAX_SIDE, coloured_regions
from vprog_modules.frames.picture import whole_picture
from vprog_modules.frames.sampling import check_count, even_times, sampling_span
from vprog_modules.tracking.association import Tracker, tracks_of

MIN_AREA = 0.001
MAX_GAP = 1.0


@implements("track_colour", needs=("cv2",), extra="offline", rank=10, backend="OpenCV regions")
class TrackColourRegions:
    """Regions of the colour in sampled frames, joined by place and size."""

    def load(self, device: str) -> None:
        """Import OpenCV."""
        import cv2

        cv2.setUseOptimized(True)

    def __call__(
        self,
        video: Video,
        colour: str,
        *,
        span: Span | None = None,
        fps: float = 5.0,
    ) -> list[Track]:
        name = colour_name("track_colour(video, colour)", colour)
        media = current()
        sampling = sampling_span("track_colour", media, video, span)
        times = even_times(sampling, fps, with_last=True)
        check_count("track_colour", len(times), sampling, limit=10 * MAX_ITEMS)
        tracker = Tracker(max_gap=max(MAX_GAP, 1.5 / fps))
        shown = media.video(video.index)
        for time, pixels in media.frames(video.index, times, max_side=MAX_SIDE):
            frame = Frame(video.index, time)
            picture = whole_picture(pixels, shown)
            tracker.step(time, coloured_regions(picture, frame, name, MIN_AREA, colour))
        trails = tracker.finish()
        if len(times) > 1:
            trails = [trail for trail in trails if len(trail.detections) > 1]
        return tracks_of(trails)[:MAX_ITEMS]
