"""Calls on frames that have not changed: given the result of the last one that was looked at.

Off unless the setting `reuse_still` is on. A call is one of these if its module looks at a single
frame, and every other argument is the same as then; its picture is compared with that of the frame
that the module was last asked about, so that slow changes add up and are seen. The result is that
one's, about this frame; where it speaks of any other time, the module is asked. It stands in the
trace as reused, with the time of the frame that it is of, and never goes into the cache: it is no
result of this frame.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vprog.errors import VprogError
from vprog.execute.budget import Budget
from vprog.execute.prepared_call import CallResult, PreparedCall
from vprog.execute.provenance import freeze
from vprog.media.run_videos import MediaSource
from vprog.registry.module import ModuleSpec
from vprog.registry.origin import classes_of
from vprog.registry.signature import Parameter
from vprog.registry.still_pictures import is_still, small_look
from vprog.types import VALUE_TYPES, Frame, wire
from vprog.types.coverage import SeenDraft

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST = (96, 320)
"""Rows and columns of a picture that are compared, about."""

_VALUES = frozenset(VALUE_TYPES)
_TIMED = frozenset({"time", "start", "end", "frames", "frame", "video"})
"""Fields by which a value says when, and of which video."""


@dataclass
class _Look:
    """A frame that a module was asked about, and what it said."""

    frame: Frame
    result: CallResult
    picture: NDArray[np.int16] | None
    """Made when it is first compared."""


class StillFrames:
    """The last looks of one run. May be used from several threads.

    Args:
        media: the videos of the run.
        budget: of the run, whose time comparing takes.
    """

    def __init__(self, media: MediaSource, budget: Budget) -> None:
        self._media = media
        self._budget = budget
        self._last: dict[Hashable, _Look] = {}

    def find(self, call: PreparedCall) -> CallResult | None:
        """The result for a call whose frame has not changed since the last look."""
        parameter = frame_of(call.spec)
        last = None if parameter is None else self._last.get(_question(call, parameter))
        if parameter is None or last is None:
            return None
        frame = call.arguments[parameter.name]
        assert isinstance(frame, Frame)
        decoded: list[None] = []
        if last.picture is None:
            last.picture = self._picture(call.spec, last.frame, decoded)
        call.picture = self._picture(call.spec, frame, decoded)
        if last.picture is None or call.picture is None:
            return None
        if not is_still(last.picture, call.picture):
            return None
        value = _moved(last.result.value, last.frame, frame)
        if value is _NOT_MOVED:
            return None
        draft = SeenDraft()
        draft.picture(frame.time, self._media.shown_span(frame.video, frame.time))
        return CallResult(
            value, wire.encode(value), "reused", [draft.seen(frame.video)], len(decoded),
            last.result.masks, reused=last.frame.time,
        )  # fmt: skip

    def keep(self, call: PreparedCall, result: CallResult) -> None:
        """A call was answered by a look at its frame, now or before."""
        parameter = frame_of(call.spec)
        if parameter is None or result.is_degraded or result.reused is not None:
            return
        frame = call.arguments[parameter.name]
        assert isinstance(frame, Frame)
        self._last[_question(call, parameter)] = _Look(frame, result, call.picture)

    def _picture(
        self, spec: ModuleSpec, frame: Frame, decoded: list[None]
    ) -> NDArray[np.int16] | None:
        """What is compared of a frame; None where it is damaged or cannot be read."""
        # As the module will ask for it: then it is decoded once.
        side = None if spec.pixels is None else spec.pixels.max_side
        lost: list[None] = []

        def look() -> NDArray[np.int16]:
            pixels = self._media.pixels(
                frame,
                max_side=side,
                on_decoded=lambda: decoded.append(None),
                on_degraded=lambda: lost.append(None),
                is_lent=True,
            )
            return small_look(_thinned(pixels))

        try:
            picture = self._budget.bounded(look, "comparing frames")
        except VprogError:  # the module meets it too, and says so
            return None
        return None if lost else picture


def _thinned(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Enough of a picture for the means of its parts: all of one takes five times as long."""
    rows, columns = (max(1, size // most) for size, most in zip(pixels.shape, _MOST, strict=False))
    return pixels[::rows, ::columns].copy()


def frame_of(spec: ModuleSpec) -> Parameter | None:
    """The parameter of a module that looks at one frame and nothing else; None for any other."""
    if not spec.origin.looks or spec.origin.passes_on:
        return None
    values = [one for one in spec.signature.parameters if classes_of(one.annotation) & _VALUES]
    return values[0] if len(values) == 1 and values[0].annotation is Frame else None


def _question(call: PreparedCall, parameter: Parameter) -> Hashable:
    """What calls have in common that differ in the time of their frame alone."""
    frame = call.arguments[parameter.name]
    assert isinstance(frame, Frame)
    others = {name: value for name, value in call.arguments.items() if value is not frame}
    return (call.spec.name, frame.video, freeze(frame.region), freeze(others))


_NOT_MOVED = object()
"""In place of a value that speaks of another time."""


def _moved(value: object, old: Frame, new: Frame) -> object:
    """A value about one frame as it is about another; `_NOT_MOVED` where it cannot be."""
    if isinstance(value, Frame):
        if (value.video, value.time) != (old.video, old.time):
            return _NOT_MOVED
        return value._replace(time=new.time)
    if isinstance(value, list | tuple):
        fields = getattr(value, "_fields", ())
        parts = [_moved(part, old, new) for part in value]
        is_of_time = any(
            name in _TIMED and not isinstance(part, Frame | list | tuple)
            for name, part in zip(fields, value, strict=False)
        )
        if is_of_time or any(part is _NOT_MOVED for part in parts):
            return _NOT_MOVED
        make: Any = type(value)
        return make(*parts) if fields else make(parts)
    if isinstance(value, dict):
        moved = {name: _moved(part, old, new) for name, part in value.items()}
        return _NOT_MOVED if any(part is _NOT_MOVED for part in moved.values()) else moved
    return value
