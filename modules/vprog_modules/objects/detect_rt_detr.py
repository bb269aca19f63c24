"""`detect` of the labels that a model was trained on: RT-DETR or D-FINE, through transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from vprog.models.hf.vision import VisionModel, vision_model
from vprog.models.memory_budget import MODEL_MEMORY
from vprog.models.weights import Weights
from vprog.registry.call_context import Pixels
from vprog.registry.module import implements
from vprog.types import SCORE, Detection, Frame, Grid
from vprog_modules.frames.network_output_cache import KeptOutputs, picture_key
from vprog_modules.objects.closed_labels import KnownLabels
from vprog_modules.objects.picture_detector import (
    Sought,
    TransformersDetector,
    prepared,
    scored_boxes,
    sizes_hw,
)
from vprog_modules.tracking.box_overlap import ScoredBox

WEIGHTS = Weights("PekingU/rtdetr_v2_r50vd", "main", licence="Apache-2.0", size_mb=172)
KEPT = 64
"""Pictures whose boxes are kept, some 10 KB each."""


@implements(
    "detect",
    summary="Find things of one kind in a picture: the labels that the model was trained on.",
    batch=16,
    needs=("torch", "transformers"),
    extra="hf",
    weights=(WEIGHTS,),
    takes_weights=True,
    memory_mb=400,
    rank=40,
    backend="RT-DETR or D-FINE through transformers",
    pixels=Pixels("frame", max_side=1280),
)
class DetectRtDetr(TransformersDetector):
    """All labels of a picture at once: asking for another label of it costs nothing."""

    def load(self, device: str, weights: Weights) -> None:
        """Load the network, and read its labels."""
        self.hold(vision_model(weights.folder(), device, "AutoModelForObjectDetection"))
        with MODEL_MEMORY.hold(self._loadable, self) as model:
            self._labels = KnownLabels(model.network.config.id2label.items())
        self._kept: KeptOutputs[object] = KeptOutputs(KEPT)

    def __call__(
        self,
        frame: Frame,
        label: str,
        *,
        min_score: Annotated[float, SCORE, Grid((0.25, 0.4, 0.6))] = 0.25,
    ) -> list[Detection]:
        """
        Knows the labels of its weights: with those it comes with, the 80 of COCO (person, car,
        dog, cup, chair, ...) and common words for them.

        Args:
            label: one of the labels, singular or plural, e.g. "person".
            min_score: drop boxes scored lower; in [0, 1]. Over 0.5 most are right.

        Raises:
            ModuleInputError: the model does not know the label; it says which are near.

        Source: W. Lv et al., "RT-DETRv2: improved baseline with bag-of-freebies for real-time
        detection transformer", 2024; Y. Peng et al., "D-FINE: redefine regression task in DETRs
        as fine-grained distribution refinement", 2024; code of transformers (Apache-2.0), weights
        PekingU/rtdetr_v2_* and ustc-community/dfine-* (Apache-2.0).
        """
        return self.found(frame, label, min_score)

    def find_with(self, model: VisionModel, sought: Sequence[Sought]) -> list[list[ScoredBox]]:
        numbers = [self._labels.number("detect(frame, label)", thing.label) for thing in sought]
        keys = [picture_key(thing.picture.pixels) for thing in sought]
        results = self._kept.through(keys, sought, lambda news: self._look(model, news))
        return [
            scored_boxes(result, thing.picture, number)
            for result, thing, number in zip(results, sought, numbers, strict=True)
        ]

    def _look(self, model: VisionModel, sought: Sequence[Sought]) -> list[object]:
        """Boxes of all labels in each picture, as the processor gives them."""
        pictures = prepared(model, sought)
        outputs = model.network(**model.inputs(pictures))
        results: list[object] = model.processor.post_process_object_detection(
            outputs, threshold=0.0, target_sizes=sizes_hw(sought)
        )
        return results
