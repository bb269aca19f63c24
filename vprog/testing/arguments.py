"""Arguments for a module's calls, made up from its signature and the video at hand."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping

from vprog.media.source import MediaSource
from vprog.registry.signature import Parameter, Signature
from vprog.types import (
    Box,
    Colour,
    Detection,
    Event,
    Frame,
    Length,
    Level,
    Mask,
    Match,
    Metadata,
    Range,
    Reply,
    Shot,
    Span,
    Speech,
    TextLine,
    TextSpan,
    Track,
    Video,
    Word,
)

WORDS = ("person", "red", "the")
"""Tried for a text where the docstring of the parameter quotes none."""


def made_calls(
    signature: Signature, media: MediaSource, given: Mapping[str, object]
) -> list[dict[str, object]]:
    """Arguments of several calls on the first video: plain, at other times, empty, edges.

    Args:
        signature: of the module.
        media: the video that the calls are about.
        given: arguments that the author gives; they stand in every call.
    """
    calls: list[dict[str, object]] = []
    video = media.videos[0]
    for word in _words(signature, given):
        for share in (0.25, 0.75):
            made = {
                parameter.name: _value(parameter.annotation, parameter, video, share, word)
                for parameter in signature.parameters
                if parameter.is_required
            }
            calls.append({**made, **given})
    calls.extend(_with_empty_lists(signature, calls[0], given))
    calls.extend(_with_spans(signature, calls[0], video, given))
    unique: list[dict[str, object]] = []
    for call in calls:
        if call not in unique:
            unique.append(call)
    return unique


def _words(signature: Signature, given: Mapping[str, object]) -> list[str]:
    texts = [
        parameter
        for parameter in signature.parameters
        if parameter.annotation is str and parameter.is_required and parameter.name not in given
    ]
    if not texts:
        return [WORDS[0]]
    quoted = [word for text in texts for word in re.findall(r'"([^"]{1,40})"', text.doc)]
    listed = [word for text in texts for word in re.findall(r"(\w+)(?=,| or )", text.doc)]
    return list(dict.fromkeys([*quoted[:2], *listed[:1], *WORDS]))


def _with_empty_lists(
    signature: Signature, call: dict[str, object], given: Mapping[str, object]
) -> list[dict[str, object]]:
    lists = [
        parameter.name
        for parameter in signature.parameters
        if typing.get_origin(parameter.annotation) is list and parameter.name not in given
    ]
    return [{**call, name: []} for name in lists if name in call]


def _with_spans(
    signature: Signature, call: dict[str, object], video: Video, given: Mapping[str, object]
) -> list[dict[str, object]]:
    """A part of the video, and a part without length, where a span may be given."""
    names = [
        parameter.name
        for parameter in signature.parameters
        if Span in _options(parameter.annotation) and parameter.name not in given
    ]
    middle = video.duration / 2
    spans = [Span(video.duration / 4, middle), Span(middle, middle)]
    return [{**call, name: span} for name in names for span in spans]


def _options(annotation: object) -> tuple[object, ...]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)


def _value(
    annotation: object, parameter: Parameter, video: Video, share: float, word: str
) -> object:
    """A value of a type that is within the video and within the parameter's bounds."""
    options = [option for option in _options(annotation) if option is not type(None)]
    kind = options[0] if options else type(None)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return inner[0]
    if origin is list:
        return [_value(inner[0], parameter, video, each, word) for each in (share, 0.9 * share)]
    if origin is dict:
        return {word: _value(inner[1], parameter, video, share, word)}
    if origin is tuple:
        return tuple(
            _value(each, parameter, video, share, word) for each in inner if each is not Ellipsis
        )
    if kind in (int, float):
        return _number(kind, parameter, video, share)
    if kind is str:
        low = parameter.bounds.low if isinstance(parameter.bounds, Length) else 1
        return word.ljust(low, "e")
    return samples_of(video, share, word).get(typing.cast(type, kind))


def _number(kind: object, parameter: Parameter, video: Video, share: float) -> int | float:
    bounds = parameter.bounds
    if "time" in parameter.name:
        number = share * video.duration
    elif isinstance(bounds, Range):
        number = min(max(1.0, bounds.low), bounds.high)
    else:
        number = 1.0
    return int(number) if kind is int else float(number)


def samples_of(video: Video, share: float, word: str) -> dict[type, object]:
    """One value of each class, at a share of the video's length."""
    start = share * video.duration
    end = min(video.duration, start + 0.2 * video.duration)
    width, height = max(video.width, 1), max(video.height, 1)
    box = Box(0.1 * width, 0.2 * height, 0.5 * width, 0.7 * height)
    frame = Frame(video.index, start)
    detection = Detection(word, box, 0.9, frame)
    span = Span(start, end)
    words = [Word(word, start, end, 0.8)]
    values = (
        box,
        span,
        video,
        frame,
        detection,
        Shot(start, end, "cut", 0.9),
        Event("event", start, end, 0.9),
        Level(start, 0.5),
        Metadata("mp4", video.duration, 1000, width, height, 10.0, 20, 0, "mpeg4", "", 0, 0, 0, ""),
        Track(1, word, span, [detection], 0.9),
        Mask(frame, box, 12.0, 0.9, "0" * 64),
        Colour("red", 0.5, 220, 20, 20),
        words[0],
        Speech(f"a {word} here", start, end, 0.8, "subtitles", words),
        TextLine(f"a {word} here", box, 0.8, frame),
        TextSpan(f"a {word} here", start, end, box, 0.8),
        Match(f"a {word} here", start, end, 0.8, "speech"),
        Reply(word, 0.8),
        True,
    )
    return {type(value): value for value in values}
