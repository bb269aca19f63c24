"""Where the values that a task gives come from: what its evidence is worth rests on that.

A task that *looks* reads pictures, sound or the words of a file: what it reports was seen
there. A task that *passes on* gives back what it was given, whole or in parts, and its values
are worth what those were. A task may do both, then both must hold, or neither: `sample_frames`
only names frames, and whoever looks at them makes them evidence.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.errors import RegistrationError
from vprog.registry.docstring import sections_of
from vprog.registry.signature import Signature
from vprog.types import (
    VALUE_TYPES,
    Box,
    Colour,
    Detection,
    Frame,
    Mask,
    Metadata,
    Pose,
    Span,
    TextLine,
    TextSpan,
    Track,
    Video,
)

_MEDIA = frozenset({Video, Frame})
_NAMES_ALONE = frozenset({Video, Frame, Metadata, type(None)})
_REPORTED = frozenset(VALUE_TYPES) - {Video, Frame, Span, Box, Metadata}
"""Values that say something was seen or heard, and no place or time to look at."""

_IN_PICTURES = frozenset({Frame, Box, Detection, Track, Mask, Colour, Pose, TextLine, TextSpan})


@dataclass(frozen=True)
class Origin:
    """What a task declares of its values.

    Attributes:
        looks: whether it reads the media itself.
        passes_on: the parameters whose values come back in its result.
    """

    looks: bool
    passes_on: tuple[str, ...] = ()


NOWHERE = Origin(looks=False)
"""Of a task that only names things."""


def origin_of(
    signature: Signature, looks: bool | None = None, passes_on: Sequence[str] | None = None
) -> Origin:
    """A task's origin as it is declared; what is not declared is taken at its least.

    Without a word of its author a task looks if it takes a video or a frame and gives more
    than names of frames, and passes on every parameter that may hold what others reported.

    Raises:
        RegistrationError: a name that is passed on is no parameter.
    """
    names = {parameter.name for parameter in signature.parameters}
    unknown = sorted(set(passes_on or ()) - names)
    if unknown:
        raise RegistrationError(
            f'task "{signature.name}": passes_on names "{unknown[0]}", which it does not take.',
            hint=f"It takes {', '.join(sorted(names))}.",
        )
    if looks is None:
        taken = {kind for item in signature.parameters for kind in classes_of(item.annotation)}
        looks = bool(taken & _MEDIA) and not classes_of(signature.returns) <= _NAMES_ALONE
    if passes_on is None:
        passes_on = [
            parameter.name
            for parameter in signature.parameters
            if _may_hold_reports(parameter.annotation)
        ]
    return Origin(looks, tuple(passes_on))


def needs_pictures(signature: Signature) -> bool:
    """Whether a task is of no use for a file of sound alone.

    It says so among its errors, or takes what is only found in pictures.
    """
    if "NoVideoStreamError" in sections_of(signature.doc).get("Raises", ""):
        return True
    taken = [classes_of(item.annotation) for item in signature.parameters if item.is_required]
    return any(classes and classes <= _IN_PICTURES for classes in taken)


def _may_hold_reports(annotation: object) -> bool:
    """Whether values of an annotation may be of others' making: reports, or tables of numbers.

    A number or a word by itself says what to look for; so does a list of words.
    """
    if classes_of(annotation) & _REPORTED:
        return True
    origin = typing.get_origin(annotation)
    inner = typing.get_args(annotation)
    if origin in (list, tuple, dict):
        return bool(classes_of(annotation) & {int, float})
    return any(_may_hold_reports(argument) for argument in inner)


def classes_of(annotation: object) -> set[object]:
    """Every class that an annotation names, at any depth of it."""
    inner = typing.get_args(annotation)
    if typing.get_origin(annotation) is typing.Literal:
        return {type(argument) for argument in inner}
    if not inner:
        return {type(None) if annotation is None else annotation}
    return {kind for argument in inner for kind in classes_of(argument)}
