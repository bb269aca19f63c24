"""`segment_at`: the outline of the thing at a place."""

from __future__ import annotations

from vprog.registry.task import task
from vprog.types import Box, Frame, Mask


@task(passes_on=())
def segment_at(
    frame: Frame,
    place: Box | list[tuple[float, float]],
    *,
    without: list[tuple[float, float]] | None = None,
) -> Mask:
    """Outline the one thing in a box, or under points, pixel by pixel.

    Args:
        frame: the picture to look at; a region limits it.
        place: a box around the thing, e.g. that of a detection; or points (x, y) on it. Pixels of
            the whole frame.
        without: points that are not of the thing.

    Returns:
        The mask; box and area in pixels of the whole frame, score in [0, 1]: how well the model
        thinks that it fits. Something is outlined wherever it is asked for.

    Raises:
        ModuleInputError: the place lies outside the picture, or is no place.
        ModuleFailedError: nothing was outlined.

    Example:
        >>> segment_at(frame_at(video, 2.0), detection.box).area
        10442.0
    """
