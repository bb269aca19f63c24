"""What segmenters have in common: places of calls in, masks of the whole frame out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from vprog.registry.call_context import CallContext, current
from vprog.registry.module import Call
from vprog.types import Box, Frame, Mask
from vprog_modules.frames.network_output_cache import picture_key
from vprog_modules.frames.picture import PixelArea, placed_picture
from vprog_modules.segmentation.prompts import Points, Prompt, prompt_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIDE = 1024
"""Pixels of the longer side of a picture: segmenters of the SAM family see no more."""


class Outline(NamedTuple):
    """The bitmap of a thing, as large as the part of the frame that was shown, and its score."""

    bitmap: NDArray[np.bool_]
    score: float


class Shown(NamedTuple):
    """A picture, and how large the part of the frame is that it shows."""

    picture: PixelArea
    size_hw: tuple[int, int]


class PlaceSegmenter(ABC):
    """Outlines things in the picture that the call declares it wants.

    A class of it has a `__call__` that gives `outlined(...)`.
    """

    @abstractmethod
    def outline(
        self, shown: Mapping[bytes, Shown], prompts: Sequence[tuple[bytes, Prompt]]
    ) -> list[Outline]:
        """An outline for each prompt.

        Args:
            shown: the pictures, each once, by key.
            prompts: each with the key of its picture.
        """

    def outlined(self, frame: Frame, place: Box | Points, without: Points | None) -> Mask:
        """The mask of the call that is running."""
        arguments = {"frame": frame, "place": place, "without": without}
        return self._masks([(current(), arguments)])[0]

    def batch(self, calls: Sequence[Call]) -> list[Mask]:
        """The mask of each call; each picture is encoded once for all calls about it."""
        return self._masks([(call.context, call.arguments) for call in calls])

    def _masks(self, calls: Sequence[tuple[CallContext, Mapping[str, Any]]]) -> list[Mask]:
        shown: dict[bytes, Shown] = {}
        prompts = []
        for context, arguments in calls:
            frame = cast(Frame, arguments["frame"])
            picture = placed_picture(context, frame, context.pictures[0])
            area = context.area(frame)
            size_hw = round(area.y1 - area.y0), round(area.x1 - area.x0)
            key = picture_key(picture.pixels) + repr(size_hw).encode()
            shown[key] = Shown(picture, size_hw)
            prompts.append((key, prompt_of(arguments["place"], arguments["without"], picture)))
        outlines = self.outline(shown, prompts)
        return [
            context.mask(arguments["frame"], _whole(context, arguments, outline), outline.score)
            for (context, arguments), outline in zip(calls, outlines, strict=True)
        ]


def _whole(
    context: CallContext, arguments: Mapping[str, Any], outline: Outline
) -> NDArray[np.bool_]:
    """The bitmap in its place in the whole frame."""
    import numpy as np

    frame = cast(Frame, arguments["frame"])
    video, area = context.video(frame.video), context.area(frame)
    whole = np.zeros((video.height, video.width), bool)
    top, left = round(area.y0), round(area.x0)
    height, width = outline.bitmap.shape
    whole[top : top + height, left : left + width] = outline.bitmap
    return whole
