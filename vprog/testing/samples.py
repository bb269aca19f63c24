"""What modules are checked with: arguments made up from the signature, and small odd videos.

The videos are drawn and sounded here.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.registry.signature import Parameter, Signature
from vprog.types import VALUE_TYPES, Box, Length, Range, Span, Video
from vprog.types.mask_rle import encode_mask, key_of

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
        return [_value(inner[0], parameter, video, item, word) for item in (share, 0.9 * share)]
    if origin is dict:
        return {word: _value(inner[1], parameter, video, share, word)}
    if origin is tuple:
        return tuple(
            _value(element, parameter, video, share, word)
            for element in inner
            if element is not Ellipsis
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
    width, height = max(video.width, 1), max(video.height, 1)
    named: dict[str, object] = {
        "end": min(video.duration, start + 0.2 * video.duration),
        "height": height,
        "key": key_of(sample_bitmap(video)),
        "score": 0.9,
        "start": start,
        "time": start,
        "video": video.index,
        "width": width,
    }
    samples: dict[type, object] = {
        bool: True,
        float: 0.5,
        int: 1,
        str: word,
        Box: Box(0.1 * width, 0.2 * height, 0.5 * width, 0.7 * height),
        Video: video,
    }
    for value_type in VALUE_TYPES:
        if value_type not in samples:
            samples[value_type] = _sample(value_type, named, samples)
    return samples


def sample_bitmap(video: Video) -> str:
    """The bitmap of the masks that calls are given, as COCO's run lengths."""
    import numpy as np

    width, height = max(video.width, 1), max(video.height, 1)
    bitmap = np.zeros((height, width), bool)
    bitmap[height // 5 : -(-7 * height // 10), width // 10 : -(-width // 2)] = True
    return encode_mask(bitmap).text()


def _sample(value_type: Any, named: Mapping[str, object], samples: Mapping[type, object]) -> object:
    """A value of a class: each field by its name, or by its type, of classes before it."""
    return value_type(
        **{
            name: named[name] if name in named else _of_type(annotation, samples)
            for name, annotation in typing.get_type_hints(value_type).items()
            if name not in value_type._field_defaults
        }
    )


def _of_type(annotation: Any, samples: Mapping[type, object]) -> object:
    kind = _options(annotation)[0]
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is list:
        return [_of_type(inner[0], samples)]
    if origin is dict:
        return {"": _of_type(inner[1], samples)}
    if origin is tuple:
        return tuple(_of_type(item, samples) for item in inner if item is not Ellipsis)
    return inner[0] if origin is typing.Literal else samples[typing.cast(type, kind)]


WIDTH, HEIGHT, FPS, SECONDS, RATE = 160, 120, 10, 2, 16_000
ORDINARY = "an ordinary video"

SUBTITLES = """\
1
00:00:00,200 --> 00:00:00,900
A person walks by.

2
00:00:01,000 --> 00:00:01,800
The word is red.
"""


@contextmanager
def drawn_clips() -> Iterator[dict[str, MediaSource]]:
    """Each clip by what it is; files and all are gone after the `with` block.

    The ordinary one has a red square that moves over a grey picture, a tone in its second
    half, and subtitles.
    """
    with TemporaryDirectory(prefix="vprog-clips-") as name:
        folder = Path(name)
        ordinary = folder / "ordinary.mp4"
        _write(ordinary, n_frames=FPS * SECONDS, has_sound=True)
        ordinary.with_suffix(".srt").write_text(SUBTITLES, encoding="utf-8")
        _write(folder / "silent.mp4", n_frames=FPS * SECONDS, has_sound=False)
        _write(folder / "frame.mp4", n_frames=1, has_sound=False)
        _write(folder / "sound.wav", n_frames=0, has_sound=True)
        files = {
            ORDINARY: ordinary,
            "a video without sound": folder / "silent.mp4",
            "a video of one frame": folder / "frame.mp4",
            "a file with sound only": folder / "sound.wav",
        }
        sources: dict[str, MediaSource] = {}
        try:
            for what, path in files.items():
                sources[what] = MediaSource([open_media(path)])
            yield sources
        finally:
            for source in sources.values():
                source.close()


def _write(path: Path, *, n_frames: int, has_sound: bool) -> None:
    import av

    with av.open(str(path), "w") as container:
        picture = _add_picture(container) if n_frames else None
        sound: Any = None
        if has_sound:
            codec = "pcm_s16le" if path.suffix == ".wav" else "aac"
            sound = container.add_stream(codec, rate=RATE)
            sound.layout = "mono"
        if picture is not None:
            for at in range(n_frames):
                frame = av.VideoFrame.from_ndarray(_picture(at), format="rgb24")
                frame.pts = at
                container.mux(picture.encode(frame))
            container.mux(picture.encode(None))
        if sound is not None:
            for frame in _tone(sound.format.name):
                container.mux(sound.encode(frame))
            container.mux(sound.encode(None))


def _add_picture(container: Any) -> Any:
    from fractions import Fraction

    stream = container.add_stream("mpeg4", rate=FPS)
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    stream.bit_rate = 1_000_000
    stream.codec_context.time_base = Fraction(1, FPS)
    return stream


def _picture(at: int) -> Any:
    import numpy as np

    pixels = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    left = 5 * at
    pixels[40:80, left : left + 40] = (220, 20, 20)
    return pixels


def _tone(sample_format: str) -> Iterator[Any]:
    """Silence for a second, then a tone, in frames of 1,024 samples."""
    import av
    import numpy as np

    time = np.arange(RATE * SECONDS) / RATE
    samples = np.where(time < 1.0, 0.0, 0.3 * np.sin(2 * np.pi * 440.0 * time))
    for start in range(0, len(samples), 1024):
        part = samples[start : start + 1024]
        is_whole = sample_format == "s16"
        data: Any = (part * 32767).astype(np.int16) if is_whole else part.astype(np.float32)
        frame = av.AudioFrame.from_ndarray(data[None, :], format=sample_format, layout="mono")
        frame.sample_rate, frame.pts = RATE, start
        yield frame
