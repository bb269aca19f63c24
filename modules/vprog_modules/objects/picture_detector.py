"""What learned detectors have in common: calls in, detections in pixels of the whole frame out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from vprog.models.hf.vision import VisionModel
from vprog.models.memory_budget import MODEL_MEMORY, Loadable
from vprog.registry.call_context import CallContext, current
from vprog.registry.module import Call
from vprog.types import Box, Detection, Frame
from vprog_modules.frames.picture import PixelArea, placed_picture
from vprog_modules.tracking.box_overlap import ScoredBox, suppress

OVERLAP = 0.6
"""Two boxes of one label that overlap by more (IoU) are one thing: as NanoDet's."""

LEAST_SIDE = 0.5
"""Pixels: what is thinner is no thing."""


class Sought(NamedTuple):
    """A thing to find in a picture."""

    picture: PixelArea
    label: str


class PictureDetector(ABC):
    """Finds things in the pictures that the call declares it wants.

    A class of it has a `__call__` with a docstring of its own that gives `found(...)`.
    """

    @abstractmethod
    def find(self, sought: Sequence[Sought]) -> list[list[ScoredBox]]:
        """What is seen of each thing in its picture, in pixels of the picture, in any order.

        Raises:
            ModuleInputError: the model does not know the label.
        """

    def found(self, frame: Frame, label: str, min_score: float) -> list[Detection]:
        """The detections of the call that is running."""
        return self._answers([(current(), frame, label, min_score)])[0]

    def batch(self, calls: Sequence[Call]) -> list[list[Detection]]:
        """The detections of each call; their pictures go through the network together."""
        return self._answers(
            [
                (
                    call.context,
                    call.arguments["frame"],
                    call.arguments["label"],
                    call.arguments["min_score"],
                )
                for call in calls
            ]
        )

    def _answers(self, calls: Sequence[tuple[CallContext, Any, Any, Any]]) -> list[list[Detection]]:
        sought = [
            Sought(placed_picture(context, frame, context.pictures[0]), label)
            for context, frame, label, _ in calls
        ]
        return [
            [
                Detection(label, thing.picture.box(*box), score, frame)
                for box, score in distinct(boxes, min_score)
            ]
            for (_, frame, label, min_score), thing, boxes in zip(
                calls, sought, self.find(sought), strict=True
            )
        ]


class TransformersDetector(PictureDetector):
    """A detector whose network is held in the memory that all models share."""

    _loadable: Loadable

    def hold(self, loadable: Loadable) -> None:
        """Load the model, or share the one that is loaded."""
        self._loadable = loadable
        with MODEL_MEMORY.hold(loadable, self):
            pass

    def unload(self) -> None:
        """Let go; the last to do so frees the memory."""
        MODEL_MEMORY.release(self)

    def find(self, sought: Sequence[Sought]) -> list[list[ScoredBox]]:
        import torch

        with MODEL_MEMORY.hold(self._loadable, self) as model, model.lock, torch.inference_mode():
            return self.find_with(model, sought)

    @abstractmethod
    def find_with(self, model: VisionModel, sought: Sequence[Sought]) -> list[list[ScoredBox]]:
        """As `find`, with the loaded model, which nobody else uses meanwhile."""


def distinct(boxes: Sequence[ScoredBox], min_score: float) -> list[ScoredBox]:
    """Boxes best first, each thing once, without those of no extent or of a lower score."""
    good = [
        (box, round(score, 4))
        for box, score in boxes
        if score >= min_score and min(box.x1 - box.x0, box.y1 - box.y0) >= LEAST_SIDE
    ]
    kept = suppress(
        [box for box, _ in good], [score for _, score in good], overlap=OVERLAP, inside=1.0
    )
    return [ScoredBox(*good[index]) for index in kept]


def scored_boxes(result: Any, picture: PixelArea, label: int | None = None) -> list[ScoredBox]:
    """What an image processor of transformers says of one picture, cut to the picture.

    Args:
        result: tensors "boxes" (N, 4), "scores" (N,) and "labels" (N,).
        picture: that they are about.
        label: only boxes of this one; None for all.
    """
    height, width = picture.pixels.shape[:2]
    boxes = result["boxes"].float().cpu().tolist()
    scores = result["scores"].float().cpu().tolist()
    labels = [label] * len(boxes) if label is None else result["labels"].cpu().tolist()
    return [
        ScoredBox(
            Box(
                min(max(x0, 0.0), width),
                min(max(y0, 0.0), height),
                min(max(x1, 0.0), width),
                min(max(y1, 0.0), height),
            ),
            score,
        )
        for (x0, y0, x1, y1), score, kind in zip(boxes, scores, labels, strict=True)
        if kind == label
    ]


def prepared(model: VisionModel, sought: Sequence[Sought]) -> Any:
    """The pictures as the network takes them; a region may be as low as it has colours."""
    return model.processor(
        [thing.picture.pixels for thing in sought],
        input_data_format="channels_last",
        return_tensors="pt",
    )


def sizes_hw(sought: Sequence[Sought]) -> list[tuple[int, int]]:
    """Height and width of each picture."""
    return [(thing.picture.pixels.shape[0], thing.picture.pixels.shape[1]) for thing in sought]
