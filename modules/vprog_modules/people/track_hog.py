"""`track` with nothing downloaded: people and faces followed through time."""

from __future__ import annotations

from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Span, Track, Video
from vprog_modules.frames.sampling import check_count, even_times, sampling_span
from vprog_modules.people.face_trails import face_trails
from vprog_modules.people.people_labels import known_label
from vprog_modules.people.person_figures import MAX_SIDE, find_people
from vprog_modules.tracking.association import tracks_of
from vprog_modules.tracking.motion_tracker import MotionTracker, motion_trails

FULL_SECONDS = 1.0
"""How often all of a picture is looked at, else what moves and where people should be."""


@implements(
    "track",
    summary="Follow every person, or every face, through the video. Knows no other label.",
    needs=("cv2",),
    extra="offline",
    rank=10,
    backend="OpenCV HOG and Haar, with motion",
    version="2",
)
class TrackHog:
    """The detectors of `detect`, in many frames, joined by place, size and look."""

    def load(self, device: str) -> None:
        """Read the classifiers."""
        import numpy as np

        find_people(np.zeros((256, 256, 3), np.uint8))

    def __call__(
        self,
        video: Video,
        label: str,
        *,
        span: Span | None = None,
        fps: float = 5.0,
    ) -> list[Track]:
        """People are found best upright, whole, at least 1/12 of the picture high, before a
        fixed camera; there, motion bridges what the detector misses. Someone who leaves
        and comes back, or is hidden for more than 1.5 s, gets a new track. Two people who
        cross may be swapped. Counting tracks therefore gives too many people; count the
        tracks alive at one time instead: tracks_at(tracks, time).

        Args:
            label: "person" or "face".
            fps: frames looked at per second. About 0.1 to 0.3 s of work each.

        Returns:
            Tracks in order of first appearance, ids from 1; score in [0, 1]: mean score of
            the detections. Detections only where something was seen: a score of 0.2 means
            that motion alone spoke for it. Empty if no one was seen clearly enough in
            several frames, which is weak evidence that there is no one.

        Raises:
            ModuleInputError: the label is another one, or too many frames (the message
                has the fps that fits).
            NoVideoStreamError: the file has no picture.
        """
        kind = known_label("track(video, label)", label)
        media = current()
        sampling = sampling_span("track", media, video, span)
        times = even_times(sampling, fps, with_last=True)
        check_count("track", len(times), sampling, limit=10 * MAX_ITEMS)
        trails = (
            motion_trails(media, video, times, _tracker(label, 1 / fps), max_side=MAX_SIDE)
            if kind == "person"
            else face_trails(media, video, times, label, 1 / fps)
        )
        return tracks_of(trails)[:MAX_ITEMS]


def _tracker(label: str, step: float) -> MotionTracker:
    return MotionTracker(
        label,
        lambda pixels, parts: find_people(pixels, parts=parts),
        step=step,
        full_seconds=FULL_SECONDS,
    )
