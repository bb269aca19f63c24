"""The video of an episode: its pictures, what disturbs them, and the file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from vprog.evaluation.worlds.drawn_world import (
    FPS,
    HEIGHT,
    SOUND_RATE,
    WIDTH,
    DrawnWorld,
    Episode,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_IN_A_ROW = 3
"""So many frames may be dropped in a row: of every operation some are left."""
_GREY = (150, 150, 150)
_REPEATABLE = "threads=1:sync-lookahead=0:bframes=0:b-adapt=0:weightp=0"
"""Without these, x264 gives other files for the same pictures now and then."""


class Difficulty(msgspec.Struct, frozen=True):
    """What makes an episode hard, all of it known."""

    operations: int = 8
    """How many, 5 to 14."""
    distractors: int = 0
    """Grey discs that roll along the lower edge and mean nothing."""
    noise: float = 0.0
    """Standard deviation of what is added to every sample, of 255."""
    dropped: float = 0.0
    """The share of frames that are left out, at most; the others keep their times."""
    crf: int = 18
    """Constant rate factor of H.264: 0 is without loss, 51 the worst."""


class Distractor(msgspec.Struct, frozen=True):
    """A disc: its centre at the start, in pixels, and its pixels a second to the right."""

    x: float
    y: float
    speed: float


class Disturbance(msgspec.Struct, frozen=True):
    """What is in the pictures, or not, besides the world: part of the hidden state."""

    distractors: tuple[Distractor, ...]
    dropped: tuple[int, ...]
    """Numbers of frames."""
    noise_seed: int


def disturb(rng: Random, difficulty: Difficulty, n_frames: int) -> Disturbance:
    """What a difficulty asks for, by chance. The first and the last frame stay."""
    distractors = tuple(
        Distractor(rng.randrange(WIDTH), 225.0, rng.choice((-1, 1)) * rng.randint(20, 60))
        for _ in range(difficulty.distractors)
    )
    dropped: list[int] = []
    for number in range(1, n_frames - 1):
        is_long = dropped[-_IN_A_ROW:] == list(range(number - _IN_A_ROW, number))
        if rng.random() < difficulty.dropped and not is_long:
            dropped.append(number)
    return Disturbance(distractors, tuple(dropped), rng.randrange(2**32))


def n_frames_of(episode: Episode[Any, Any]) -> int:
    """Those that are drawn, dropped ones included."""
    return round(episode.duration * FPS)


def draw_picture(
    world: DrawnWorld[Any, Any],
    episode: Episode[Any, Any],
    time: float,
    disturbance: Disturbance,
) -> NDArray[np.uint8]:
    """The picture of a time without noise: RGB, (HEIGHT, WIDTH, 3)."""
    import numpy as np
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH, HEIGHT), (225, 225, 220))
    draw = ImageDraw.Draw(image)
    for disc in disturbance.distractors:
        x = (disc.x + disc.speed * time) % WIDTH
        draw.ellipse((x - 8, disc.y - 8, x + 8, disc.y + 8), fill=_GREY)
    world.paint(draw, episode, time)
    return np.asarray(image)


def write_video(
    path: Path,
    world: DrawnWorld[Any, Any],
    episode: Episode[Any, Any],
    difficulty: Difficulty,
    disturbance: Disturbance,
) -> None:
    """Write an episode as H.264, with its sound as AAC; what is dropped leaves a gap in time."""
    import av
    import numpy as np

    noise = np.random.default_rng(disturbance.noise_seed)
    dropped = set(disturbance.dropped)
    heard = world.sound(episode)
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, FPS)
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {
            "crf": str(difficulty.crf),
            "preset": "veryfast",
            "x264-params": _REPEATABLE,
        }
        sound: Any = None
        if heard is not None:
            sound = out.add_stream("aac", rate=SOUND_RATE, layout="mono")
        for number in range(n_frames_of(episode)):
            if number in dropped:
                continue
            picture = draw_picture(world, episode, number / FPS, disturbance)
            if difficulty.noise:
                added = noise.standard_normal(picture.shape, dtype=np.float32)
                noisy = picture + added * difficulty.noise
                picture = np.clip(noisy, 0, 255).round().astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode(None))
        if heard is not None:
            samples = av.AudioFrame.from_ndarray(heard[None], format="fltp", layout="mono")
            samples.sample_rate, samples.pts = SOUND_RATE, 0
            samples.time_base = Fraction(1, SOUND_RATE)
            out.mux(sound.encode(samples))
            out.mux(sound.encode(None))
