"""Files that are joined, damaged or cut, with what they hold known: all is read, or it is said.

`python -m tests.reliability joined_files --count 600`
"""

from __future__ import annotations

import functools
import random
import tempfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.drawing import draw_video, number_of
from tests.media.conftest import half_second_beeps
from tests.reliability.outcome import Attack, Field, Verdict
from vprog.errors import VprogError
from vprog.media.run_file import MediaFile, open_media

KINDS: dict[str, dict[str, Any]] = {
    "ts": {"b_frames": 2, "gop": 10},
    "mpg": {
        "codec": "mpeg2video",
        "audio_codec": "mp2",
        "fps": 25,
        "time_base": Fraction(1, 25),
        "b_frames": 2,
    },
    "mkv": {"b_frames": 2, "gop": 10},
    "webm": {"codec": "libvpx", "audio_codec": "libopus"},
    "flv": {"gop": 10},
    "mp4": {"b_frames": 2, "gop": 10},
}
LENGTHS = (20, 35, 50)
"""Frames of the parts."""


def attacks(seed: int, count: int) -> Iterator[Attack]:
    """Joined files and damaged ones, in turn over the containers."""
    choice = random.Random(seed)
    for number in range(count):
        kind = list(KINDS)[number % len(KINDS)]
        lengths = [choice.choice(LENGTHS) for _ in range(choice.randint(1, 4))]
        harm = choice.choice((None, None, _flip, _cut, _drop, _repeat))
        what = f"{kind} of {lengths} frames, {harm.__name__.strip('_') if harm else 'joined'}"
        attempt = functools.partial(_attempt, kind, lengths, harm, choice.randrange(2**32))
        yield Attack(f"{what} ({number})", attempt)


def _attempt(
    kind: str, lengths: list[int], harm: Callable[..., None] | None, seed: int
) -> tuple[Verdict, str]:
    choice = random.Random(seed)
    data = bytearray(b"".join(_part(kind, length) for length in lengths))
    if harm is not None:
        harm(data, choice)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"joined.{kind}"
        path.write_bytes(bytes(data) or b"\0")
        try:
            file = open_media(path)
        except VprogError as error:
            return ("survived", "") if harm is not None else ("wrong", str(error))
        try:
            return _judge(file, lengths, KINDS[kind].get("fps", 10), choice, harm is None)
        finally:
            file.close()


def _judge(
    file: MediaFile, lengths: list[int], fps: int, choice: random.Random, is_whole: bool
) -> tuple[Verdict, str]:
    """Whether all is there and in its place; if not, whether that is said and counted."""
    is_told = file.unread > 0 and bool(file.warnings)
    n_frames = len(file.index.video.times) if file.index.video else 0
    if not is_whole:
        too_long = file.index.duration > 2 * sum(lengths) / fps + 60
        return (
            ("wrong", f"{file.index.duration} s, unsaid")
            if too_long and not is_told
            else (
                "survived",
                "",
            )
        )
    if n_frames != sum(lengths):
        return ("survived", "") if is_told else ("wrong", f"{n_frames} frames, unsaid")
    truth = [number for length in lengths for number in range(length)]
    for at in choice.sample(range(n_frames), 8):
        time = float(file.stream.times[at])
        # MPEG program streams state few times: the last frame of a part is guessed, to 0.1 s.
        if abs(time - at / fps) > 0.1 * len(lengths):
            return "wrong", f"frame {at} is shown at {time:.3f} s"
        shown = number_of(file.picture(time))
        if shown != truth[at]:
            return "wrong", f"frame {at} is {shown}, not {truth[at]}"
    return "survived", ""


@functools.cache
def _part(kind: str, length: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"part.{kind}"
        draw_video(path, length, tone=half_second_beeps, **KINDS[kind])
        return path.read_bytes()


def _flip(data: bytearray, choice: random.Random) -> None:
    for _ in range(choice.randint(1, 60)):
        data[choice.randrange(len(data))] = choice.randrange(256)


def _cut(data: bytearray, choice: random.Random) -> None:
    del data[choice.randrange(1, len(data)) :]


def _drop(data: bytearray, choice: random.Random) -> None:
    start = choice.randrange(len(data))
    del data[start : start + choice.randrange(1, 20_000)]


def _repeat(data: bytearray, choice: random.Random) -> None:
    start, place = choice.randrange(len(data)), choice.randrange(len(data))
    data[place:place] = data[start : start + choice.randrange(1, 20_000)]


FIELD = Field("joined, damaged and cut files with known frames", attacks, 600)
