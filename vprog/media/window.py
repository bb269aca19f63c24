"""The part of the videos that a question is answered within: what lies outside nobody sees.

Times stay those of the file. Calls are bounded where they are made (`confined`); whatever a module
asks for beyond that, a media source gives it the picture at the edge, silence and no subtitles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from vprog.errors import ModuleInputError, UsageError
from vprog.types.clock import clock
from vprog.types.frame import Frame, Video
from vprog.types.time import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EDGE_S = 1e-3
"""The picture that comes when a window ends is not in it: at its end the one before is shown."""
_TOLERANCE_S = 1e-6
_HINT = "The question is about this part alone (--from and --to; start and end in Python)."


def window_of(start: float, end: float, videos: Sequence[Video]) -> Span | None:
    """The part between two times; None where that is all of it.

    Args:
        start: in seconds of each video.
        end: likewise; 0 for the end of the video.
        videos: which it must lie in.

    Raises:
        UsageError: it is empty, or begins behind the end of a video.
    """
    if not start and not end:
        return None
    if end and start >= end:
        raise UsageError(
            f"from {clock(start)} to {clock(end)}: a part must end after it begins.",
            hint="Give --from the earlier time.",
        )
    for video in videos:
        if start >= video.duration:
            raise UsageError(
                f"from {clock(start)}: video {video.index} ends at {clock(video.duration)}.",
                hint="Give --from a time within it.",
            )
    longest = max((video.duration for video in videos), default=0.0)
    return Span(start, min(end, longest) if end else longest)


def confined(
    task: str, arguments: Mapping[str, object], window: Span, shown_from: Callable[[int], float]
) -> dict[str, object]:
    """The arguments of a call, its spans cut to the window.

    Args:
        task: that is called.
        arguments: by name; a `span` of None means all of it, and becomes the window.
        window: the part that may be looked at.
        shown_from: when the picture came that is on display where the window of a video begins.

    Raises:
        ModuleInputError: a span, a time or a frame lies outside.
    """

    def check(time: float, first: float) -> None:
        if not first - _TOLERANCE_S <= time <= window.end + _TOLERANCE_S:
            raise _outside(task, f"{time:g}", window)

    inside: dict[str, object] = {}
    for name, value in arguments.items():
        if isinstance(value, Span):
            if value.start > window.end or value.end < window.start:
                raise _outside(task, f"{value.start:g} to {value.end:g}", window)
            value = Span(max(value.start, window.start), min(value.end, window.end))
        elif value is None and name == "span":
            value = window
        elif name == "time" and isinstance(value, float | int):
            check(float(value), window.start)
        for frame in value if isinstance(value, list) else [value]:
            if isinstance(frame, Frame):
                is_before = frame.time < window.start
                check(frame.time, shown_from(frame.video) if is_before else window.start)
        inside[name] = value
    return inside


def _outside(task: str, what: str, window: Span) -> ModuleInputError:
    return ModuleInputError(
        f"{task}: {what} s lies outside of {window.start:g} to {window.end:g} s, the part that "
        "may be looked at.",
        hint=_HINT,
    )


def silenced_outside(
    window: Span, start: float, samples: NDArray[np.float32], rate: int
) -> NDArray[np.float32]:
    """Sound that begins at a time, with silence where it lies outside the window."""
    first = max(0, round((window.start - start) * rate))
    last = max(0, round((window.end - start) * rate))
    if first == 0 and last >= len(samples):
        return samples
    silenced = samples.copy()
    silenced[:first] = 0.0
    silenced[last:] = 0.0
    return silenced
