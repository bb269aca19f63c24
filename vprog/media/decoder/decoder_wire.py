"""What host and decoder process tell each other, and an index as bytes.

Messages are msgspec structs: what comes from the decoder process is data of known types, never
code. An index is taken apart along the type hints of its dataclasses.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from vprog.media.index import MediaIndex
from vprog.media.opening import FileIdentity

Kind = TypeVar("Kind")


class ForkRequest(msgspec.Struct, tag=True):
    """To the template: serve a file. With the control socket, the file and an error stream."""

    path: str
    identity: bytes
    index: bytes
    """Where it is known; else empty."""
    memory_mb: int
    preload: str
    """A module to prepare before the jail closes; or none."""
    lifeline: str
    filter: bytes
    """The seccomp filter; empty where there is none."""
    holes: list[tuple[int, str]]


class StatusRequest(msgspec.Struct, tag=True):
    """To the template: how has this copy ended?"""

    pid: int


class ReapRequest(msgspec.Struct, tag=True):
    """To the template: this copy was killed, forget it."""

    pid: int


class Forked(msgspec.Struct, tag=True):
    """From the template: a copy serves the file."""

    pid: int


class Ended(msgspec.Struct, tag=True):
    """From the template: a wait status, as `os.waitpid` gives it; -1 if it is not known."""

    status: int


class Ready(msgspec.Struct, tag=True):
    """From the decoder process: the layers that do not hold, each with the reason."""

    missing: dict[str, str]


class ChannelRequest(msgspec.Struct, tag=True):
    """To the decoder process, with a socket: serve requests on it."""


class AttemptsRequest(msgspec.Struct, tag=True):
    """To the decoder process: try to break out, and say what came of it."""

    code: bytes
    numbers: dict[str, int]
    host: int
    some_file: bytes
    some_folder: bytes
    program: bytes


class DecoderAttempts(msgspec.Struct, tag=True):
    """From the decoder process: the error number that each attempt met."""

    errors: dict[str, int]


class IndexRequest(msgspec.Struct, tag=True):
    """On a channel: the index."""


class SubtitlesRequest(msgspec.Struct, tag=True):
    """On a channel: the embedded subtitles of a track."""

    track: int


class SubtitleFileRequest(msgspec.Struct, tag=True):
    """On a channel: the subtitles of a file that is nothing else."""


class ReaderRequest(msgspec.Struct, tag=True):
    """On a channel: open the frame reader of a name."""

    reader: str


class FramesRequest(msgspec.Struct, tag=True):
    """On a channel: frames at times; with the memory that they go into, if it is another."""

    reader: str
    times: list[float]
    max_side: int | None
    run: int
    in_company: bool
    slot_bytes: int
    n_slots: int
    has_memory: bool


class SoundRequest(msgspec.Struct, tag=True):
    """On a channel: sound of a track in blocks."""

    track: int
    start: float
    end: float
    seconds: float
    slot_bytes: int
    n_slots: int
    has_memory: bool


class More(msgspec.Struct, tag=True):
    """On a channel: the last piece was taken, give the next."""


class Enough(msgspec.Struct, tag=True):
    """On a channel: no more pieces are wanted; ends with `DecoderDone`."""


class Piece(msgspec.Struct, tag=True):
    """From a channel: a frame or a block of sound lies in a slot."""

    slot: int
    time: float
    shape: list[int]
    events: list[tuple[int, int, int]] = []
    lost: list[int] = []
    reasons: list[str] = []
    is_last: bool = False


class Busy(msgspec.Struct, tag=True):
    """From a channel: packets are still being read; what was decoded so far."""

    events: list[tuple[int, int, int]] = []


class DecoderDone(msgspec.Struct, tag=True):
    """From a channel: the request is answered; an index or subtitles come with it."""

    data: bytes = b""
    events: list[tuple[int, int, int]] = []
    lost: list[int] = []
    reasons: list[str] = []


class Failure(msgspec.Struct, tag=True):
    """From a channel: an error ended the request."""

    kind: str
    message: str
    hint: str = ""
    events: list[tuple[int, int, int]] = []


ToTemplate = ForkRequest | StatusRequest | ReapRequest
FromTemplate = Forked | Ended
ToChild = ChannelRequest | AttemptsRequest
FromChild = Ready | DecoderAttempts
ToChannel = (
    IndexRequest
    | SubtitlesRequest
    | SubtitleFileRequest
    | ReaderRequest
    | FramesRequest
    | SoundRequest
    | More
    | Enough
)
FromChannel = Piece | Busy | DecoderDone | Failure


def pack(value: object) -> bytes:
    """A dataclass of numbers, texts, arrays, paths and fractions, as bytes."""
    return msgspec.msgpack.encode(value, enc_hook=_simpler)


def unpack(data: bytes, kind: type[Kind]) -> Kind:
    """The value of that class again.

    Raises:
        msgspec.DecodeError: the bytes hold something else.
        ValueError: an array does not come out even.
    """
    value: Kind = _built(kind, msgspec.msgpack.decode(data, type=_plain(cast("Any", kind))))
    return value


def pack_index(index: MediaIndex | None) -> bytes:
    """An index as bytes; none as no bytes."""
    return b"" if index is None else pack(index)


def unpack_index(data: bytes) -> MediaIndex | None:
    """The index again."""
    return unpack(data, MediaIndex) if data else None


def pack_identity(identity: FileIdentity) -> bytes:
    """A file's identity as bytes."""
    return pack(identity)


def _simpler(value: Any) -> Any:
    import numpy as np

    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, Fraction):
        return (value.numerator, value.denominator)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} does not go to the decoder process")


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's fields; numpy's names are there for type checkers only."""
    import numpy as np
    from numpy.typing import NDArray

    return typing.get_type_hints(kind, localns={"np": np, "NDArray": NDArray})


@functools.cache
def _plain(kind: Any) -> Any:
    """The type that msgspec reads in place of one: structs for dataclasses, bytes for arrays."""
    import numpy as np

    if dataclasses.is_dataclass(kind):
        fields = [(name, _plain(hint)) for name, hint in _hints(cast("Any", kind)).items()]
        return msgspec.defstruct(f"Plain{kind.__name__}", fields)  # type: ignore[union-attr]
    if kind is Fraction:
        return tuple[int, int]
    if kind is Path:
        return str
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is np.ndarray:
        return bytes
    if not arguments:
        return kind
    inner = tuple(part if part is Ellipsis else _plain(part) for part in arguments)
    return typing.Union[inner] if origin in (types.UnionType, typing.Union) else origin[inner]  # noqa: UP007


def _built(kind: Any, value: Any) -> Any:
    import numpy as np

    if dataclasses.is_dataclass(kind):
        hints = _hints(cast("Any", kind))
        return kind(**{name: _built(hint, getattr(value, name)) for name, hint in hints.items()})  # type: ignore[operator]
    if kind is Fraction:
        return Fraction(*value)
    if kind is Path:
        return Path(value)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is np.ndarray:
        return np.frombuffer(value, dtype=typing.get_args(arguments[1])[0])  # not to be written to
    if origin in (types.UnionType, typing.Union):
        inner = [part for part in arguments if part is not type(None)]
        return None if value is None else _built(inner[0], value) if len(inner) == 1 else value
    if origin is list or (origin is tuple and Ellipsis in arguments):
        return origin(_built(arguments[0], item) for item in value)
    if origin is dict:
        return {key: _built(arguments[1], item) for key, item in value.items()}
    return value
