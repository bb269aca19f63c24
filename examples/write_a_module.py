"""Adds two modules of one's own and uses them in a program, all in one file.

    python examples/write_a_module.py [VIDEO]

A module is a class that does a task. One is a new task: what programs and language models are
told of it is the docstring and the annotations of `__call__`. The other does a task that is
there already, so it says only what is its own. For a package that others can install, run
`vprog modules new measure_contrast`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import vprog
from vprog.registry.call_context import current
from vprog.registry.discover import discover
from vprog.registry.module import implements, module
from vprog.testing import check_module
from vprog.types import Frame, Range, Reply


@module("measure_contrast", backend="numpy")
class MeasureContrastSpread:
    """The spread of the pixels' brightness."""

    def load(self, device: str) -> None:
        """Heavy packages are imported here; this module needs none."""

    def __call__(self, frame: Frame, *, max_side: Annotated[int, Range(16, 4096)] = 320) -> float:
        """Measure how much light and dark differ in a picture.

        Args:
            frame: the picture; a region limits it to a part.
            max_side: the picture is made this small first, in pixels.

        Returns:
            The standard deviation of the brightness, in [0, 0.5]: 0 for a plain picture,
            0.5 for one half black and half white.

        Raises:
            NoVideoStreamError: the file has no picture.

        Example:
            >>> measure_contrast(frame_at(video, 1.0))
            0.21
        """
        pixels = current().pixels(frame, max_side=max_side)  # (H, W, 3), uint8, RGB
        return round(float(pixels.mean(axis=2).std()) / 255.0, 6)


@implements("caption", backend="brightness", summary="Say in three words how light a frame is.")
class CaptionBrightness:
    """The mean of the pixels, in words."""

    def __call__(self, frame: Frame, *, focus: str = "") -> Reply:
        light = float(current().pixels(frame, max_side=320).mean()) / 255.0
        word = "dark" if light < 0.3 else "light" if light > 0.7 else "grey"
        return Reply(f"A {word} picture.", 1.0, None, [frame])


PROGRAM = """\
best = None
highest_contrast = 0.0
for frame in sample_frames(video, fps=2.0):
    contrast = measure_contrast(frame)
    if contrast > highest_contrast:
        highest_contrast, best = contrast, frame
if best is None:
    abstain("every picture is plain")
answer(f"{best.time} s: {caption(best).text}", evidence=[best])
"""


def main() -> None:
    """Check the modules, then find the picture with the most contrast."""
    video = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("demo.mp4")
    registry = discover()
    for module_class in (MeasureContrastSpread, CaptionBrightness):
        for finding in check_module(module_class):
            print(finding)
        registry.add(module_class)
    result = vprog.run(video, PROGRAM, registry=registry)
    print("most contrast at", result.answer)


if __name__ == "__main__":
    main()
