"""Whether a module is as it declares: its docstring and defaults, and what its calls return.

Annotations, `@module` has seen to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vprog.boundary import convert
from vprog.errors import ModuleInputError
from vprog.registry.signature import Signature, annotation_text
from vprog.types import Box, Frame, Video


def declaration_faults(signature: Signature) -> list[tuple[str, str]]:
    """What is wrong with the docstring and the defaults, each with what to do."""
    faults: list[tuple[str, str]] = []
    if "Returns:" not in signature.doc:
        faults.append(
            (
                "the docstring of __call__ has no Returns section.",
                "Say what comes back, in which order and unit, and when it is empty.",
            )
        )
    for parameter in signature.parameters:
        if not parameter.doc:
            faults.append(
                (
                    f'the docstring does not describe the parameter "{parameter.name}".',
                    "Add it to the Args section: meaning, unit, range.",
                )
            )
        if parameter.is_required:
            continue
        try:
            convert.to_host(parameter.default, parameter.annotation, (), where="it")
        except ModuleInputError as error:
            faults.append(
                (
                    f'the default of "{parameter.name}" is not of its type '
                    f"{annotation_text(parameter.annotation)}: {error.message}",
                    "Correct the default or the annotation.",
                )
            )
    return faults


TOLERANCE_S = 0.2
"""Containers state lengths a frame or an audio block longer than what is in them."""

TOLERANCE_PIXELS = 2.0


def outside(value: object, videos: Sequence[Video]) -> str:
    """The first time or box of a value that lies outside; "" if all lie inside."""
    longest = max((video.duration for video in videos), default=0.0)
    for field, part, video in _parts(value, 0):
        if field in ("start", "end", "time") and isinstance(part, int | float):
            if not -TOLERANCE_S <= part <= longest + TOLERANCE_S:
                return f"{field}={part:g} lies outside the video, 0 to {longest:g} s"
        elif isinstance(part, Box) and video < len(videos):
            width, height = videos[video].width, videos[video].height
            low, high = min(part.x0, part.y0), max(part.x1 - width, part.y1 - height)
            if low < -TOLERANCE_PIXELS or high > TOLERANCE_PIXELS:
                return f"{part} lies outside the picture of {width} x {height} pixels"
            if part.x0 > part.x1 or part.y0 > part.y1:
                return f"{part} has its corners in the wrong order"
    return ""


def _parts(value: object, video: int) -> Iterator[tuple[str, object, int]]:
    """Every value inside with the name of its field and the video it belongs to."""
    waiting: list[tuple[str, object, int]] = [("", value, video)]
    while waiting:
        field, part, owner = waiting.pop()
        yield field, part, owner
        frame = part if isinstance(part, Frame) else getattr(part, "frame", None)
        if isinstance(frame, Frame):
            owner = frame.video
        if isinstance(part, tuple) and hasattr(part, "_fields"):
            waiting += [
                (name, inner, owner) for name, inner in zip(part._fields, part, strict=True)
            ]
        elif isinstance(part, list | tuple):
            waiting += [("", inner, owner) for inner in part]
        elif isinstance(part, dict):
            waiting += [("", inner, owner) for inner in part.values()]
