"""`detect` of anything that can be named: Grounding DINO, through transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from vprog.models.hf.vision import VisionModel, vision_model
from vprog.models.weights import Weights
from vprog.registry.call_context import Pixels
from vprog.registry.module import implements
from vprog.types import SCORE, Detection, Frame, Grid
from vprog_modules.objects.label_phrase import plain_phrase
from vprog_modules.objects.picture_detector import (
    Sought,
    TransformersDetector,
    prepared,
    scored_boxes,
    sizes_hw,
)
from vprog_modules.tracking.box_overlap import ScoredBox

WEIGHTS = Weights("IDEA-Research/grounding-dino-tiny", "main", licence="Apache-2.0", size_mb=690)


@implements(
    "detect",
    summary="Find every thing in a picture that a phrase names.",
    batch=4,
    needs=("torch", "transformers"),
    extra="hf",
    weights=(WEIGHTS,),
    takes_weights=True,
    memory_mb=1500,
    rank=50,
    backend="Grounding DINO through transformers",
    pixels=Pixels("frame", max_side=1333),
)
class DetectGroundingDino(TransformersDetector):
    """A detector whose queries are chosen by the words of a phrase."""

    def load(self, device: str, weights: Weights) -> None:
        """Load the network."""
        self.hold(
            vision_model(
                weights.folder(), device, "GroundingDinoForObjectDetection", reads_text=True
            )
        )

    def __call__(
        self,
        frame: Frame,
        label: str,
        *,
        min_score: Annotated[float, SCORE, Grid((0.25, 0.35, 0.45))] = 0.25,
    ) -> list[Detection]:
        """
        The phrase may be anything: "red car", "man with a hat". It finds the likeliest places
        for some word of it, also where there is no such thing: believe a high score, and what
        is seen in several frames.

        Args:
            label: an English noun phrase.
            min_score: drop boxes scored lower; in [0, 1]. Over 0.4 most are right.

        Raises:
            ModuleInputError: the phrase is blank.

        Source: S. Liu et al., "Grounding DINO: marrying DINO with grounded pre-training for
        open-set object detection", 2023; code of transformers (Apache-2.0), weights
        IDEA-Research/grounding-dino-* (Apache-2.0).
        """
        return self.found(frame, label, min_score)

    def find_with(self, model: VisionModel, sought: Sequence[Sought]) -> list[list[ScoredBox]]:
        # Pictures of other sizes, or phrases of other lengths, would be padded to each other.
        groups: dict[object, list[int]] = {}
        for index, (size, thing) in enumerate(zip(sizes_hw(sought), sought, strict=True)):
            n_tokens = len(model.tokenizer(_caption(thing))["input_ids"])
            groups.setdefault((size, n_tokens), []).append(index)
        found: dict[int, list[ScoredBox]] = {}
        for group in groups.values():
            alike = [sought[index] for index in group]
            found.update(zip(group, self._find_alike(model, alike), strict=True))
        return [found[index] for index in range(len(sought))]

    def _find_alike(self, model: VisionModel, sought: Sequence[Sought]) -> list[list[ScoredBox]]:
        import torch

        tokens = model.tokenizer(
            [_caption(thing) for thing in sought], return_token_type_ids=True, return_tensors="pt"
        )
        pictures = prepared(model, sought)
        outputs = model.network(**model.inputs(tokens), **model.inputs(pictures))
        # A query is worth what its best word is: logits (N, Q, 256), -inf beyond the phrase.
        best = outputs.logits.sigmoid().amax(dim=-1)  # (N, Q)
        middle, size = outputs.pred_boxes.split(2, dim=-1)  # (N, Q, 2), shares of the picture
        corners = torch.cat([middle - size / 2, middle + size / 2], dim=-1)
        results = []
        for thing, scores, boxes in zip(sought, best, corners, strict=True):
            height, width = thing.picture.pixels.shape[:2]
            scale = torch.tensor([width, height, width, height], device=boxes.device)
            result = {"scores": scores, "boxes": boxes * scale}
            results.append(scored_boxes(result, thing.picture))
        return results


def _caption(thing: Sought) -> str:
    """A phrase ends with a full stop, as in training."""
    return f"{plain_phrase(thing.label)}."
