"""`frame_at`: the frame on display at a time. From the index, nothing is decoded."""

from __future__ import annotations

from vprog.errors import ModuleInputError
from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import Frame, Video
from vprog_modules.frames.sampling import near_keyframes, sampling_span, shown_at


@implements("frame_at", backend="index")
class FrameAtIndex:
    """Looks the time up among the times of all frames."""

    def __call__(self, video: Video, time: float, *, tolerance: float = 0.0) -> Frame:
        media = current()
        whole = sampling_span("frame_at", media, video, None)
        if time > whole.end + 1e-6:
            raise ModuleInputError(
                f"frame_at(video, time): expected a time within 0 to {whole.end:.3f} s, "
                f"got {time:g}.",
                hint="The last frame is frame_at(video, video.duration).",
            )
        exact = [shown_at(whole.times, time)]
        return Frame(video.index, near_keyframes(media, video, exact, tolerance, whole.times)[0])
