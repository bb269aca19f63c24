"""Short clips with known truth: cuts, dissolves, slides, words, sounds, movers; all by seed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.drawing import Picture, draw_video
from tests.modules import sounds
from tests.real_media import find_media
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.types import Frame

SIZE = (240, 180)
FPS = 10
COLOURS = {
    "red": (200, 30, 30), "green": (30, 150, 50), "blue": (40, 60, 190), "yellow": (235, 215, 40),
    "orange": (240, 130, 20), "purple": (130, 40, 160), "cyan": (40, 190, 200),
    "brown": (110, 65, 30),
}  # fmt: skip
_REAL = (("clips/tree.avi", 2.0), ("shots/testvideo.mp4", 3.0), ("shots/testvideo.mp4", 9.0),
         ("clips/dog.mp4", 1.0), ("clips/flipping_a_pancake.mkv", 3.0),
         ("pets/vtest_0-30s.avi", 1.0), ("formats/vp8_vorbis_1s.webm", 0.5))  # fmt: skip
WORDS = ("Platform", "Enter Password", "GATE 17", "Lesson two", "Copyright", "Total 418",
         "harbour", "Next stop", "Chapter 3", "exit")  # fmt: skip


class Clip(NamedTuple):
    """A file, and how many of the looked-for things are in it."""

    path: Path
    n_true: int
    what: str = ""


def real_pictures(size: tuple[int, int] = SIZE) -> list[Picture]:
    """Frames of real clips, a little larger than `size`, to pan over."""
    pictures = []
    for name, time in _REAL:
        path = find_media(name)
        if path is None:
            raise SystemExit(f"{name} is needed, and lies neither here nor beside the checkout")
        source = MediaSource([open_media(path)])
        pixels = source.pixels(Frame(0, time))
        source.close()
        larger = (size[0] + 24, size[1] + 18)
        pictures.append(np.asarray(Image.fromarray(pixels).resize(larger)))
    return pictures


def slide(number: int, size: tuple[int, int] = SIZE) -> Picture:
    """A slide of white ground with other lines on each."""
    image = Image.new("RGB", size, (245, 245, 245))
    pen = ImageDraw.Draw(image)
    pen.text((12, 10), WORDS[number % len(WORDS)], fill=(20, 20, 60), font=_font(size[1] // 8))
    for line in range(2 + number % 3):
        text = f"point {number * 7 + line} of {WORDS[(number + line + 3) % len(WORDS)]}"
        pen.text((20, 50 + 26 * line), text, fill=(40, 40, 40), font=_font(size[1] // 13))
    return np.asarray(image)


def _font(height: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(height)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def _flat(name: str) -> Picture:
    return np.full((SIZE[1], SIZE[0], 3), COLOURS[name], np.uint8)


def _shot(picture: Picture, n_frames: int) -> list[Picture]:
    """A slow pan over a larger picture; a flat one or a slide stands still."""
    width, height = SIZE
    room = picture.shape[1] - width
    starts = [min(room, at // 2) for at in range(n_frames)]
    return [picture[:height, x : x + width] for x in starts]


def _mix(one: Picture, other: Picture, share: float) -> Picture:
    return np.asarray((1 - share) * one + share * other).round().astype(np.uint8)


def _join(shots: list[list[Picture]], kind: str, length: int = 10) -> list[Picture]:
    """Shots one after the other, with a boundary of a kind between each two."""
    joined = shots[0]
    black = np.zeros_like(shots[0][0])
    for shot in shots[1:]:
        last, first = joined[-1], shot[0]
        steps = [(at + 1) / (length + 1) for at in range(length)]
        if kind == "dissolve":
            joined = [*joined, *(_mix(last, first, share) for share in steps)]
        if kind == "fade":
            joined = [*joined, *(_mix(last, black, share) for share in steps), black, black]
            joined = [*joined, *(_mix(black, first, share) for share in steps)]
        joined = [*joined, *shot]
    return joined


def _save(path: Path, pictures: list[Picture], size: tuple[int, int] = SIZE) -> Path:
    return draw_video(
        path, len(pictures), fps=FPS, size=size, paint=lambda at, _w, _h: pictures[at]
    )


def shot_clips(folder: Path, kind: str) -> Iterator[Clip]:
    """One boundary of a kind each: between real pictures, flat colours, slides of one ground."""
    real, names = real_pictures(), list(COLOURS)
    pairs = [(real[at], real[(at + 3) % len(real)], "real") for at in range(6)]
    pairs += [(_flat(names[at]), real[at], "from flat colour") for at in range(4)]
    pairs += [(real[at], _flat(names[at + 2]), "to flat colour") for at in range(2)]
    pairs += [(_flat(names[at]), _flat(names[at + 1]), "flat colours") for at in range(3)]
    if kind != "fade":  # nobody fades through black between two slides
        pairs += [(slide(at), slide(at + 1), "slides") for at in range(5)]
    for at, (one, other, what) in enumerate(pairs):
        pictures = _join([_shot(one, 25), _shot(other, 25)], kind, length=6 + at % 3 * 4)
        yield Clip(_save(folder / f"{kind}{at}.mp4", pictures), 1, what)


def counted_shots(folder: Path) -> Iterator[Clip]:
    """No to four boundaries."""
    chance, real = np.random.default_rng(8), real_pictures()
    for at in range(18):
        n_changes, kind = at % 5, ("cut", "cut", "dissolve", "fade")[at % 4]
        slides = at % 6 == 5
        shots = []
        for part in range(n_changes + 1):
            picture = slide(at + part) if slides else real[(at + 2 * part) % len(real)]
            shots.append(_shot(picture, int(chance.integers(14, 30))))
        yield Clip(_save(folder / f"count{at}.mp4", _join(shots, kind)), n_changes, kind)


def black_clips(folder: Path) -> Iterator[Clip]:
    """Black spans of 0.2 to 2 s in real pictures, some not quite black."""
    real = real_pictures()
    for at in range(10):
        level = (0, 0, 6, 12, 16)[at % 5]
        black = np.full((SIZE[1], SIZE[0], 3), level, np.uint8)
        n_black = (2, 4, 8, 20)[at % 4]
        spans = 1 + at % 2
        pictures = _shot(real[at % len(real)], 15)
        for span in range(spans):
            pictures = [
                *pictures,
                *[black] * n_black,
                *_shot(real[(at + span + 1) % len(real)], 15),
            ]
        yield Clip(_save(folder / f"black{at}.mp4", pictures), spans, f"level {level}")


def moving_clips(folder: Path) -> Iterator[Clip]:
    """A square of 4 to 40 pixels that moves over a still picture."""
    real = real_pictures()
    for at in range(12):
        side, speed = (4, 8, 16, 40)[at % 4], (1, 3, 6)[at % 3]
        ground = np.array(real[at % len(real)][: SIZE[1], : SIZE[0]])
        pictures = []
        for number in range(30):
            picture = ground.copy()
            x = 20 + speed * number
            picture[60 : 60 + side, x : x + side] = list(COLOURS.values())[at % 8]
            pictures.append(picture)
        yield Clip(_save(folder / f"move{at}.mp4", pictures), 1, f"{side} px, {speed} px a frame")


def colour_clips(folder: Path) -> Iterator[Clip]:
    """A patch of a colour, 0.5 to 10 % of the picture, on a real picture and on grey."""
    real, grey = real_pictures(), np.full((SIZE[1], SIZE[0], 3), 120, np.uint8)
    for at, (name, colour) in enumerate([*COLOURS.items()] * 2):
        ground = np.array(grey if at % 2 else real[at % len(real)][: SIZE[1], : SIZE[0]])
        side = int((SIZE[0] * SIZE[1] * (0.005, 0.02, 0.1)[at % 3]) ** 0.5)
        shade = np.clip(np.array(colour) + (0, 20, -20)[at % 3], 0, 255)
        ground[50 : 50 + side, 100 : 100 + side] = shade
        yield Clip(_save(folder / f"colour{at}.mp4", [ground] * 12), 1, name)


def text_clips(folder: Path) -> Iterator[Clip]:
    """A line of 12 to 40 pixels on flat and real ground, faint and strong, some of it turned."""
    size = (480, 360)
    real = real_pictures(size)
    for at in range(24):
        turn = (0, 0, 0, 0, 90, 180)[at % 6]
        height = (12, 16, 24, 40)[at % 4]
        ground = Image.fromarray(real[at % len(real)][: size[1], : size[0]])
        if at % 3 == 0:
            ground = Image.new("RGB", size, list(COLOURS.values())[at % 8])
        line = Image.new("L", (300, height + 12))
        strength = (255, 255, 150)[at % 3]
        ImageDraw.Draw(line).text((4, 2), WORDS[at % len(WORDS)], fill=strength, font=_font(height))
        ground.paste((255, 255, 255), (60, 40), line.rotate(turn, expand=True))
        pictures = [np.asarray(ground)] * 12
        yield Clip(_save(folder / f"text{at}.mp4", pictures, size), 1, WORDS[at % len(WORDS)])


def sound_clips(folder: Path) -> Iterator[Clip]:
    """A tone or noise of 0.1 to 1 s at -54 to -10 dBFS in digital silence."""
    for at in range(14):
        amplitude = 10 ** (-(10, 20, 30, 40, 48, 51, 54)[at % 7] / 20)
        length = (0.1, 0.3, 1.0)[at % 3]
        burst = sounds.tone(length, 500, amplitude) if at % 2 else sounds.noise(length, amplitude)
        samples = np.concatenate([sounds.nothing(1.5), burst, sounds.nothing(1.5)])
        yield Clip(sounds.save(folder / f"sound{at}.wav", samples), 1)


def silence_clips(folder: Path) -> Iterator[Clip]:
    """Pauses of 0.4 to 2 s between tones or noise, with hiss of up to -54 dBFS in them."""
    for at in range(14):
        pause = (0.4, 0.7, 2.0)[at % 3]
        hiss = (0.0, 0.0005, 0.002)[at % 3 if at > 6 else 0]
        loud = sounds.tone(1.0, 440, 0.3) if at % 2 else sounds.noise(1.0, 0.1)
        n_pauses = 1 + at % 3
        samples = loud
        for _ in range(n_pauses):
            samples = np.concatenate([samples, sounds.noise(pause, hiss), loud])
        yield Clip(sounds.save(folder / f"silence{at}.wav", samples), n_pauses)


def damaged_clips(folder: Path) -> Iterator[Clip]:
    """Files cut off at some share of their bytes, or overwritten for some bytes in the middle.

    Of each container three are cut and three overwritten, by 40, 400 and 4,000 bytes of noise.
    What no longer opens at all is left out: that is an error, and no answer.
    """
    rng = np.random.default_rng(17)
    wholes = [
        draw_video(
            folder / f"whole.{ending}",
            80,
            size=SIZE,
            codec=codec,
            pix_fmt="yuvj420p" if codec == "mjpeg" else "yuv420p",
            tone=lambda times: 0.3 * np.sin(2 * np.pi * 440 * times),
            audio_codec=sound,
            container_options={"movflags": "faststart"} if ending == "mp4" else None,
        )
        for ending, codec, sound in (
            ("mp4", "libx264", "aac"),
            ("mkv", "libx264", "aac"),
            ("avi", "mjpeg", "mp2"),
            ("ts", "libx264", "mp2"),
        )
    ]
    wholes.append(sounds.save(folder / "whole.wav", sounds.noise(5.0, 0.1)))
    for whole in wholes:
        data = whole.read_bytes()
        for at, share in enumerate((0.45, 0.7, 0.9)):
            path = folder / f"cut{at}{whole.suffix}"
            path.write_bytes(data[: int(share * len(data))])
            yield Clip(path, 1, "cut")
            harmed, length = bytearray(data), (40, 400, 4000)[at]
            place = int(rng.uniform(0.3, 0.8) * len(data))
            harmed[place : place + length] = rng.bytes(min(length, len(data) - place))
            path = folder / f"harmed{at}{whole.suffix}"
            path.write_bytes(bytes(harmed))
            yield Clip(path, 1, "noise")
