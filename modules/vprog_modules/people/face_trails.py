"""Faces followed through time by place and size."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.registry.call_context import CallContext
from vprog.types import Detection, Frame, Video
from vprog_modules.frames.picture import whole_picture
from vprog_modules.people.faces import find_faces
from vprog_modules.people.person_figures import MAX_SIDE
from vprog_modules.tracking.association import Tracker, Trail

FACE_SCORE = 0.2
FACE_GAP = 1.0


def face_trails(
    media: CallContext, video: Video, times: Sequence[float], label: str, step: float
) -> list[Trail]:
    """Trails of at least three faces, one of them clear; of fewer frames, of all of them."""
    shown = media.video(video.index)
    tracker = Tracker(max_gap=max(FACE_GAP, 1.5 * step), reach=0.5)
    for time, pixels in media.frames(video.index, times, max_side=MAX_SIDE):
        picture = whole_picture(pixels, shown)
        frame = Frame(video.index, time)
        tracker.step(
            time,
            [
                Detection(label, picture.box(*face.box), face.score, frame)
                for face in find_faces(pixels)
                if face.score >= FACE_SCORE
            ],
        )
    least = min(3, len(times))
    return [
        track
        for track in tracker.finish()
        if len(track.detections) >= least and max(one.score for one in track.detections) >= 0.5
    ]
