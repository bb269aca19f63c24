"""`track` with nothing downloaded: the 80 labels of COCO, and faces, followed through time."""

from __future__ import annotations

from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Span, Track, Video
from vprog_modules.frames.sampling import check_count, even_times, sampling_span
from vprog_modules.objects.coco_labels import coco_label
from vprog_modules.objects.nanodet import WEIGHTS, network
from vprog_modules.people.face_trails import face_trails
from vprog_modules.tracking.association import tracks_of
from vprog_modules.tracking.motion_tracker import MotionTracker, motion_trails

MAX_SIDE = 960
"""Pixels. The network sees 416; colours of things and their edges are taken from these."""
LEAST_SCORE = 0.38
"""Of a sighting. On the street scene of benchmarks/people_pets.py lower ones make tracks of
shadows, higher ones lose people."""


@implements(
    "track",
    summary="Follow every thing of one kind: the 80 labels of COCO, and faces.",
    needs=("cv2", "onnxruntime"),
    extra="offline",
    weights=(WEIGHTS,),
    memory_mb=80,
    rank=20,
    backend="NanoDet-g on onnxruntime with motion, Haar for faces",
)
class TrackNanodet:
    """The detectors of `detect`, in many frames, joined by place, size and look."""

    def load(self, device: str) -> None:
        """Read the weights."""
        self._network = network()

    def __call__(
        self,
        video: Video,
        label: str,
        *,
        span: Span | None = None,
        fps: float = 5.0,
    ) -> list[Track]:
        """Knows the 80 labels of COCO (person, car, dog, cup, chair, ...) and common words for
        them. Before a fixed camera, motion bridges what the detector misses. Something that
        leaves and comes back, or is hidden for more than 1.5 s, gets a new track. Two that
        cross may be swapped. Counting tracks therefore gives too many things; count the tracks
        alive at one time instead: tracks_at(tracks, time).

        Args:
            label: one of the 80, or "face" (seen from the front).
            fps: frames looked at per second. About 0.05 s of work each.

        Returns:
            Tracks in order of first appearance, ids from 1; score in [0, 1]: mean score of
            the detections. Detections only where something was seen: a score of 0.2 means
            that motion alone spoke for it. Empty if no such thing was seen clearly enough in
            several frames, which is weak evidence that there is none.

        Raises:
            ModuleInputError: the detector does not know the label, or too many frames (the
                message has the fps that fits).
            NoVideoStreamError: the file has no picture.
        """
        kind = coco_label("track(video, label)", label)
        media = current()
        sampling = sampling_span("track", media, video, span)
        times = even_times(sampling, fps, with_last=True)
        check_count("track", len(times), sampling, limit=10 * MAX_ITEMS)
        if kind == "face":
            return tracks_of(face_trails(media, video, times, label, 1 / fps))[:MAX_ITEMS]
        tracker = MotionTracker(
            label,
            lambda pixels, _: self._network.find(pixels, kind, least=LEAST_SCORE),
            step=1 / fps,
        )
        trails = motion_trails(media, video, times, tracker, max_side=MAX_SIDE)
        return tracks_of(trails)[:MAX_ITEMS]
