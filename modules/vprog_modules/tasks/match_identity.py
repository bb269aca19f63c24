"""`match_identity`: whether two detections may show the same thing."""

from __future__ import annotations

from vprog.registry.task import task
from vprog.types import Detection


@task(looks=True, passes_on=())
def match_identity(a: Detection, b: Detection) -> float:
    """How alike the things of two detections look, also in other frames, places and sizes.

    For whether something that leaves and comes back is the same: compare it with others of its
    kind, and believe the pair that is clearly more alike than all others.

    Args:
        a: from any module that finds things.
        b: likewise, of any frame of any video.

    Returns:
        Cosine of the looks, in [0, 1]: 1.0 for equal pictures. Things of one kind are alike by
        themselves: two dogs may have 0.6, the same dog 0.8.

    Raises:
        ModuleInputError: a box lies outside the picture.
        NoVideoStreamError: the file has no picture.

    Example:
        >>> match_identity(detect(frame_at(video, 2.0), "dog")[0], detect(frame, "dog")[0])
        0.83
    """
