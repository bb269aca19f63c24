"""`frame_at`: the frame on display at a time. From the index, nothing is decoded."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import SECONDS, Frame, Video


@task(looks=False, passes_on=("time",))
def frame_at(
    video: Video, time: Annotated[float, SECONDS], *, tolerance: Annotated[float, SECONDS] = 0.0
) -> Frame:
    """Name the frame that is on display at a time.

    Args:
        video: the file.
        time: seconds from the first frame.
        tolerance: seconds that the frame may lie off; a keyframe that near, which decodes
            several times faster, is named in its place. 0 for none.

    Returns:
        A Frame whose time is that of the frame shown, at or shortly before `time`, or of the
        keyframe in its place.

    Raises:
        ModuleInputError: `time` lies after the end of the video.
        NoVideoStreamError: the file has no picture.

    Example:
        >>> frame_at(video, 12.5)
        Frame(video=0, time=12.48, region=None)
    """
