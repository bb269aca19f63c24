"""Videos drawn for the vision modules, and calls of modules on files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.drawing import Picture, draw_video
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.registry.call_context import CallContext, using
from vprog.registry.module import spec_of
from vprog.types import Video

COLOURS = {
    "red": (210, 30, 30),
    "green": (30, 160, 50),
    "blue": (30, 60, 200),
    "yellow": (240, 220, 40),
    "white": (250, 250, 250),
    "grey": (128, 128, 128),
    "black": (0, 0, 0),
}


class Opened:
    """Files that modules can be called on: `opened(Module, *args)`."""

    def __init__(self, *paths: Path) -> None:
        self.source = MediaSource([open_media(path) for path in paths])
        self.warnings: list[str] = []
        self.context = CallContext(self.source, warn=self.warnings.append)

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self.source.close()

    @property
    def video(self) -> Video:
        return self.source.videos[0]

    def __call__(self, module: Callable[[], Any], *arguments: Any, **named: Any) -> Any:
        instance = module()
        if hasattr(instance, "load"):
            instance.load("cpu")
        spec = spec_of(module)
        names = [parameter.name for parameter in spec.signature.parameters]
        self.context.want(spec.pixels, {**dict(zip(names, arguments, strict=False)), **named})
        with using(self.context):
            return instance(*arguments, **named)


def call(path: Path, module: Callable[[], Any], *arguments: Any, **named: Any) -> Any:
    """Call a module on the only video of a file."""
    with Opened(path) as opened:
        return opened(module, opened.video, *arguments, **named)


def plain(colour: tuple[int, int, int], width: int, height: int) -> Picture:
    """A picture of one colour."""
    return np.full((height, width, 3), colour, np.uint8)


def texture(seed: int, width: int, height: int) -> Picture:
    """A picture with soft random structure, another for each seed."""
    coarse = np.random.default_rng(seed).integers(20, 236, (6, 8, 3)).astype(np.float64)
    rows = np.linspace(0, 5, height)
    columns = np.linspace(0, 7, width)
    top, left = rows.astype(int).clip(0, 4), columns.astype(int).clip(0, 6)
    down, right = (rows - top)[:, None, None], (columns - left)[None, :, None]
    return (
        coarse[top][:, left] * (1 - down) * (1 - right)
        + coarse[top][:, left + 1] * (1 - down) * right
        + coarse[top + 1][:, left] * down * (1 - right)
        + coarse[top + 1][:, left + 1] * down * right
    ).astype(np.uint8)


def disc(picture: Picture, x: float, y: float, radius: float, colour: tuple[int, int, int]) -> None:
    """Draw a filled disc."""
    ys, xs = np.ogrid[: picture.shape[0], : picture.shape[1]]
    picture[(xs - x) ** 2 + (ys - y) ** 2 <= radius**2] = colour


def rectangle(
    picture: Picture, box: tuple[float, float, float, float], colour: tuple[int, int, int]
) -> None:
    """Draw a filled rectangle (x0, y0, x1, y1)."""
    x0, y0, x1, y1 = (max(0, round(side)) for side in box)
    picture[y0:y1, x0:x1] = colour


def painted(
    path: Path,
    n_frames: int,
    paint: Callable[[int, Picture], Any],
    *,
    size: tuple[int, int] = (320, 240),
    background: tuple[int, int, int] = COLOURS["grey"],
    fps: int = 10,
) -> Path:
    """A video of plain pictures that `paint(number, picture)` draws into, or replaces."""

    def draw(number: int, width: int, height: int) -> Picture:
        picture = plain(background, width, height)
        replaced = paint(number, picture)
        return picture if replaced is None else replaced

    return draw_video(path, n_frames, fps=fps, size=size, paint=draw)
