"""`frame_at`: the frame on display at a time. From the index, nothing is decoded."""

from __future__ import annotations

from typing import Annotated

from vprog.errors import ModuleInputError
from vprog.media.source import current
from vprog.registry.module import module
from vprog.types import SECONDS, Frame, Video
from vprog_modules.frames.sampling import shown_at, stretch_of


@module("frame_at", backend="index")
class FrameAtIndex:
    """Looks the time up among the times of all frames."""

    def __call__(self, video: Video, time: Annotated[float, SECONDS]) -> Frame:
        """Name the frame that is on display at a time.

        Args:
            video: the file.
            time: seconds from the first frame.

        Returns:
            A Frame whose time is that of the frame shown, at or shortly before `time`.

        Raises:
            ModuleInputError: `time` lies after the end of the video.
            NoVideoStreamError: the file has no picture.

        Example:
            >>> frame_at(video, 12.5)
            Frame(video=0, time=12.48, region=None)
        """
        whole = stretch_of("frame_at", current(), video, None)
        if time > whole.end + 1e-6:
            raise ModuleInputError(
                f"frame_at(video, time): expected a time within 0 to {whole.end:.3f} s, "
                f"got {time:g}.",
                hint="The last frame is frame_at(video, video.duration).",
            )
        return Frame(video.index, shown_at(whole.times, time))
