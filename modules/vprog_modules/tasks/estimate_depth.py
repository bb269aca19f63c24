"""`estimate_depth`: which of the things in a picture is nearer."""

from __future__ import annotations

from vprog.registry.task import task
from vprog.types import Detection


@task(looks=True, passes_on=())
def estimate_depth(thing: Detection) -> float:
    """How near a thing is to the camera, beside all else in its picture: no distance in metres.

    To tell which of two things of the same frame is nearer: compare their values. Those of other
    frames and videos have another scale, and are not to be compared.

    Args:
        thing: from any module that finds things; its box is looked at.

    Returns:
        Inverse depth in [0, 1], without unit: the median of the pixels in the box, scaled so that
        0.0 is the farthest that the picture shows, 1.0 the nearest. What differs by less than
        0.05 is about as near.

    Raises:
        ModuleInputError: the box lies outside the picture, or all of it is equally far.
        NoVideoStreamError: the file has no picture.

    Example:
        >>> estimate_depth(detect(frame, "dog")[0]) > estimate_depth(detect(frame, "car")[0])
        True
    """
