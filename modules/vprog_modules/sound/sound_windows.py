"""Sound in steps: the span to listen to, the power of its windows, decibels, runs.

Streams: what is held does not grow with the samples. Which sounds are voices is for
speech/voice.py.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from vprog.errors import ModuleInputError, NoAudioStreamError
from vprog.media.track_words import track_words
from vprog.registry.call_context import CallContext
from vprog.types import Span, Stream, Video

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 16_000
"""Samples per second of what the media give."""

FLOOR_DB = -100.0
"""The level of digital silence: nothing is called quieter than this."""

AUDIBLE_DB = -60.0
"""What stays under this level is not heard: a track without more is passed over."""

_TINY = 1e-6


def listening_span(task: str, media: CallContext, video: Video, span: Span | None) -> Span:
    """The part of a video to listen to: `span`, cut to the video, or all of it.

    Raises:
        NoAudioStreamError: the file has no sound.
        ModuleInputError: the span runs backwards or lies outside the video.
    """
    video = media.video(video.index)
    if not video.has_audio:
        raise NoAudioStreamError(
            f"{task}(video): expected a file with sound, got video {video.index} with none.",
            hint="Ask about its picture.",
        )
    if span is None:
        return Span(0.0, video.duration)
    inside = span.start <= video.duration + _TINY and span.end >= -_TINY
    if not (span.start <= span.end and inside):
        raise ModuleInputError(
            f"{task}(video): expected a span within 0 to {video.duration:.3f} s, "
            f"got {span.start:g} to {span.end:g}.",
            hint="Use Span(start, end) with start <= end, in seconds of the video.",
        )
    return Span(max(0.0, span.start), min(span.end, video.duration))


def tracks_to_hear(task: str, media: CallContext, video: Video, audio_track: int) -> list[Stream]:
    """The sound track that is named, or all of them, the one that players begin with first.

    Raises:
        ModuleInputError: there is no such track, or it does not decode.
    """
    tracks = media.sound_tracks(video.index)
    named = [track for track in tracks if audio_track in (0, track.number)]
    if named:
        return named
    there = ", ".join(track_words(track) for track in tracks)
    raise ModuleInputError(
        f"{task}(video): expected an audio_track that is there and decodes ({there}), "
        f"got {audio_track}.",
        hint="Tracks are counted from 1; probe(video).streams lists them.",
    )


def name_track(media: CallContext, video: Video, tracks: Sequence[Stream], heard: str) -> None:
    """Say, where there are several tracks, what was heard in which; `heard` is a sentence."""
    if len(tracks) > 1:
        which = f"video {video.index}: " if len(media.videos) > 1 else ""
        media.warn(f"{which}of {len(tracks)} sound tracks {heard}")


def audible_track(
    task: str, media: CallContext, video: Video, listening: Span, audio_track: int
) -> int:
    """The number of the track that is named, else of the first in which anything is heard.

    Raises:
        ModuleInputError: there is no such track, or it does not decode.
    """
    tracks = tracks_to_hear(task, media, video, audio_track)
    if len(tracks) == 1:
        return tracks[0].number
    for track in tracks:
        powers = window_powers(media, video, listening, 1.0, track.number)
        if len(powers) and float(decibels(powers).max()) > AUDIBLE_DB:
            name_track(media, video, tracks, f"{track_words(track)} was listened to")
            return track.number
    name_track(media, video, tracks, "none is heard")
    return tracks[0].number


def overlapping_windows(
    media: CallContext, video: Video, listening: Span, window: float, track: int
) -> Iterator[tuple[Span, NDArray[np.float32]]]:
    """Windows of the sound that overlap by half, with their times; the last ends with it.

    A sound shorter than a window is one window. Holds some 30 s of samples, however long.
    """
    import numpy as np

    size, hop = round(window * RATE), max(1, round(window * RATE / 2))
    held, start = np.zeros(0, dtype=np.float32), 0
    blocks = media.sound_blocks(video.index, listening, track=track)

    def timed(first: int, n: int) -> Span:
        at = listening.start + first / RATE
        return Span(round(at, 3), round(min(at + n / RATE, listening.end), 3))

    for _, block in blocks:
        held = np.concatenate((held, block))
        while len(held) >= size + hop:  # what follows fills another one
            yield timed(start, size), held[:size]
            held, start = held[hop:], start + hop
    if len(held):
        yield timed(start, min(size, len(held))), held[:size]
        if (left := len(held) - size) > 0:
            yield timed(start + left, size), held[left:]


def sound_key(samples: NDArray[np.float32]) -> bytes:
    """Equal for equal samples."""
    return hashlib.blake2b(samples.tobytes(), digest_size=16).digest()


def window_count(listening: Span, step: float) -> int:
    """How many windows of `step` seconds cover a span; the last may be shorter."""
    return math.ceil((listening.end - listening.start) / step - _TINY)


def window_powers(
    media: CallContext, video: Video, listening: Span, step: float, audio_track: int
) -> NDArray[np.float32]:
    """The mean square of a track's samples in each window of `step` seconds: (N,)."""
    import numpy as np

    n = window_count(listening, step)
    sums = np.zeros(n, dtype=np.float64)
    sizes = np.zeros(n, dtype=np.int64)
    at = 0
    for _, block in media.sound_blocks(video.index, listening, track=audio_track):
        numbers = ((np.arange(at, at + len(block)) + 0.5) / (step * RATE)).astype(np.int64)
        numbers = np.minimum(numbers, n - 1)
        first, last = int(numbers[0]), int(numbers[-1]) + 1
        squares = block.astype(np.float64) ** 2
        sums[first:last] += np.bincount(numbers - first, weights=squares, minlength=last - first)
        sizes[first:last] += np.bincount(numbers - first, minlength=last - first)
        at += len(block)
    return (sums / np.maximum(sizes, 1)).astype(np.float32)


def heard_powers(
    task: str, media: CallContext, video: Video, listening: Span, step: float, audio_track: int
) -> NDArray[np.float32]:
    """The powers, see `window_powers`, of the track that is named, or of the first one in which
    anything is heard: of the one that players begin with if there is nothing in any.

    Raises:
        ModuleInputError: there is no such track, or it does not decode.
    """
    tracks = tracks_to_hear(task, media, video, audio_track)
    silent: NDArray[np.float32] | None = None
    for track in tracks:
        powers = window_powers(media, video, listening, step, track.number)
        if len(powers) and float(decibels(powers).max()) > AUDIBLE_DB:
            name_track(media, video, tracks, f"{track_words(track)} was listened to")
            return powers
        silent = powers if silent is None else silent
    name_track(media, video, tracks, "none is heard")
    assert silent is not None  # a file with sound has a track
    return silent


def decibels(powers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Levels relative to full scale (a square wave of amplitude 1 is 0), at least FLOOR_DB."""
    import numpy as np

    levels: NDArray[np.float32] = 10.0 * np.log10(np.maximum(powers, 10.0 ** (FLOOR_DB / 10.0)))
    return levels


def runs_of(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where a mask is true: (first, one past the last) of each run."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def overlapped(
    blocks: Iterator[tuple[float, NDArray[np.float32]]], n_before: int, n_after: int
) -> Iterator[tuple[NDArray[np.float32], int, int]]:
    """Each block with some samples of its neighbours around it, and where it lies in that.

    Yields:
        The samples, and the numbers of the first and one past the last of the block itself.
    """
    import numpy as np

    before = np.zeros(0, dtype=np.float32)
    waiting: NDArray[np.float32] | None = None
    for _, block in blocks:
        if waiting is not None:
            yield _around(before, waiting, block[:n_after])
            before = np.concatenate((before, waiting))[-n_before:]
        waiting = block
    if waiting is not None:
        yield _around(before, waiting, np.zeros(0, dtype=np.float32))


def _around(
    before: NDArray[np.float32], block: NDArray[np.float32], after: NDArray[np.float32]
) -> tuple[NDArray[np.float32], int, int]:
    import numpy as np

    whole = np.concatenate((before, block, after))
    return whole, len(before), len(before) + len(block)
