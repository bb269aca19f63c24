"""`track` over whatever serves `detect`: boxes of many frames, joined in two rounds."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.registry.call_context import CallContext, current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Detection, Frame, Span, Track, Video
from vprog_modules.frames.sampling import check_count, even_times, sampling_span
from vprog_modules.tracking.association import MAX_GAP_S, Tracker, tracks_of

FAINT, CONFIDENT = 0.1, 0.3
"""Scores. A faint box goes on with a track that is there already, as a thing half hidden does; only
a confident one begins a track. ByteTrack has 0.1 and 0.6, for a detector that is surer of itself
than those of open vocabulary."""

LEAST_SEEN = 2
TOGETHER = 64
"""Frames that are asked for at once."""


@implements(
    "track",
    summary="Follow every thing of one kind that the detector knows.",
    asks=("detect",),
    parallel=True,
    backend="two rounds of association over what `detect` finds",
)
class TrackDetections:
    """First the confident boxes are given to the tracks, then the faint ones to what is left."""

    def __call__(
        self,
        video: Video,
        label: str,
        *,
        span: Span | None = None,
        fps: float = 5.0,
    ) -> list[Track]:
        """Knows what `detect` knows. Uses place, size and steady motion, not looks: two alike
        things that meet and turn round may be swapped. Something that is unseen for more than
        1.5 s gets a new track. Count the tracks alive at one time: tracks_at(tracks, time).

        Source: Y. Zhang et al., "ByteTrack: multi-object tracking by associating every detection
        box", 2022, its two rounds; the association is that of `link`.
        """
        context = current()
        sampling = sampling_span("track", context, video, span)
        times = even_times(sampling, fps, with_last=True)
        check_count("track", len(times), sampling, limit=10 * MAX_ITEMS)
        tracker = Tracker(max_gap=max(MAX_GAP_S, 1.5 / fps), confident=CONFIDENT)
        for start in range(0, len(times), TOGETHER):
            some = times[start : start + TOGETHER]
            for time, detections in zip(some, _seen(context, video, some, label), strict=True):
                tracker.step(time, detections)
        least = min(LEAST_SEEN, len(times))
        trails = [trail for trail in tracker.finish() if len(trail.detections) >= least]
        return tracks_of(trails)[:MAX_ITEMS]


def _seen(
    context: CallContext, video: Video, times: Sequence[float], label: str
) -> list[list[Detection]]:
    """What the detector finds at each time."""
    return context.ask(
        "detect",
        [{"frame": Frame(video.index, time), "label": label, "min_score": FAINT} for time in times],
    )
