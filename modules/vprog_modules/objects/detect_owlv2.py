"""`detect` of anything that can be named: OWLv2, through transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from vprog.errors import ModuleInputError
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

WEIGHTS = Weights("google/owlv2-base-patch16-ensemble", "main", licence="Apache-2.0", size_mb=620)


@implements(
    "detect",
    summary="Find every thing in a picture that a phrase names.",
    batch=8,
    needs=("torch", "transformers", "scipy"),
    extra="hf",
    weights=(WEIGHTS,),
    takes_weights=True,
    memory_mb=700,
    rank=45,
    backend="OWLv2 through transformers",
    pixels=Pixels("frame", max_side=960),
)
class DetectOwlv2(TransformersDetector):
    """One query of text for each picture, compared with each of its patches."""

    def load(self, device: str, weights: Weights) -> None:
        """Load the network."""
        self.hold(
            vision_model(weights.folder(), device, "Owlv2ForObjectDetection", reads_text=True)
        )

    def __call__(
        self,
        frame: Frame,
        label: str,
        *,
        min_score: Annotated[float, SCORE, Grid((0.1, 0.15, 0.25))] = 0.25,
    ) -> list[Detection]:
        """
        The phrase may be anything short: "red car", "man with a hat". It finds the likeliest
        places for it, also where there is no such thing: believe a high score, and what is
        seen in several frames.

        Args:
            label: a short English noun phrase, about ten words at most.
            min_score: drop boxes scored lower; in [0, 1]. Scores of this model are low: a
                clear thing may have 0.3.

        Raises:
            ModuleInputError: the phrase is blank, or longer than the model reads.

        Source: M. Minderer, A. Gritsenko, N. Houlsby, "Scaling open-vocabulary object detection",
        2023; code of transformers (Apache-2.0), weights google/owlv2-* (Apache-2.0).
        """
        return self.found(frame, label, min_score)

    def find_with(self, model: VisionModel, sought: Sequence[Sought]) -> list[list[ScoredBox]]:
        most = model.network.config.text_config.max_position_embeddings
        texts = [f"a photo of a {plain_phrase(thing.label)}" for thing in sought]
        for thing, text in zip(sought, texts, strict=True):
            n_tokens = len(model.tokenizer(text)["input_ids"])
            if n_tokens > most:
                raise ModuleInputError(
                    f'detect(frame, label): "{thing.label}" is {n_tokens} tokens; the model reads '
                    f"{most}.",
                    hint="Name the thing in fewer words.",
                )
        tokens = model.tokenizer(texts, padding="max_length", max_length=most, return_tensors="pt")
        pictures = prepared(model, sought)
        outputs = model.network(**model.inputs(tokens), **model.inputs(pictures))
        results = model.processor.post_process_object_detection(
            outputs, threshold=0.0, target_sizes=sizes_hw(sought)
        )
        return [
            scored_boxes(result, thing.picture)
            for result, thing in zip(results, sought, strict=True)
        ]
