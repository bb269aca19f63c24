"""`track_colour`: things of one colour, followed through time."""

from __future__ import annotations

from typing import Annotated

from vprog.media.source import current
from vprog.registry.module import module
from vprog.types import MAX_ITEMS, PHRASE, RATE, Frame, Grid, Span, Track, Video
from vprog_modules.colour.colour_names import colour_name
from vprog_modules.colour.colour_regions import MAX_SIDE, coloured_regions
from vprog_modules.frames.picture import whole_picture
from vprog_modules.frames.sampling import check_count, even_times, stretch_of
from vprog_modules.tracking.association import Tracker, tracks_of

MIN_AREA = 0.001
MAX_GAP = 1.0


@module("track_colour", needs=("cv2",), extra="offline", rank=10, backend="OpenCV regions")
class TrackColourRegions:
    """Regions of the colour in sampled frames, joined by place and size."""

    def load(self, device: str) -> None:
        """Import OpenCV."""
        import cv2

        cv2.setUseOptimized(True)

    def __call__(
        self,
        video: Video,
        colour: Annotated[str, PHRASE],
        *,
        span: Span | None = None,
        fps: Annotated[float, RATE, Grid((2.0, 5.0, 10.0))] = 5.0,
    ) -> list[Track]:
        """Follow every region of one colour through the video.

        Knows colours, not things. Things of the same colour that touch are one region for
        that time; the track goes on after a gap of up to 1 s, straight ahead.

        Args:
            video: the file.
            colour: red, orange, yellow, green, cyan, blue, purple, pink, brown, black,
                grey or white.
            span: only this part, in seconds; None for all of it.
            fps: frames looked at per second. Fast things need more: between two frames a
                thing should not go further than twice its size.

        Returns:
            Tracks in order of first appearance, ids from 1; label: the colour as asked
            for. Regions under 0.1 % of the picture are left out, and so is what is seen
            in one frame only (unless only one frame is looked at).

        Raises:
            ModuleInputError: the colour is not one of these, or too many frames (the
                message has the fps that fits).
            NoVideoStreamError: the file has no picture.

        Example:
            >>> direction(track_colour(video, "red")[0])
            'right'
        """
        name = colour_name("track_colour(video, colour)", colour)
        media = current()
        stretch = stretch_of("track_colour", media, video, span)
        times = even_times(stretch, fps, with_last=True)
        check_count("track_colour", len(times), stretch, limit=10 * MAX_ITEMS)
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
