"""`match_identity` by the image embeddings of DINOv2, through transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from vprog.models.hf.vision import vision_model
from vprog.models.memory_budget import MODEL_MEMORY
from vprog.models.weights import Weights
from vprog.registry.call_context import CallContext, current
from vprog.registry.module import Call, implements
from vprog.types import Detection

WEIGHTS = Weights("facebook/dinov2-small", "main", licence="Apache-2.0", size_mb=88)
SIDE = 256
"""Pixels of the longer side of what is compared; the network sees 224."""


@implements(
    "match_identity",
    batch=16,
    needs=("torch", "transformers"),
    extra="hf",
    weights=(WEIGHTS,),
    takes_weights=True,
    memory_mb=200,
    rank=30,
    backend="DINOv2 through transformers",
)
class MatchIdentityDinov2:
    """Each thing is cut out by its box, and looked at alone."""

    def load(self, device: str, weights: Weights) -> None:
        """Load the network."""
        self._loadable = vision_model(weights.folder(), device, "Dinov2Model")
        with MODEL_MEMORY.hold(self._loadable, self):
            pass

    def unload(self) -> None:
        """Let go; the last to do so frees the memory."""
        MODEL_MEMORY.release(self)

    def __call__(self, a: Detection, b: Detection) -> float:
        """
        Source: M. Oquab et al., "DINOv2: learning robust visual features without supervision",
        2023; code of transformers (Apache-2.0), weights facebook/dinov2-* (Apache-2.0).
        """
        return self._alike([(current(), a, b)])[0]

    def batch(self, calls: Sequence[Call]) -> list[float]:
        """The likeness of each pair; all pictures go through the network together."""
        return self._alike(
            [
                (
                    call.context,
                    cast(Detection, call.arguments["a"]),
                    cast(Detection, call.arguments["b"]),
                )
                for call in calls
            ]
        )

    def _alike(self, pairs: Sequence[tuple[CallContext, Detection, Detection]]) -> list[float]:
        import torch
        from torch.nn.functional import normalize

        pictures = [
            context.pixels(thing.frame._replace(region=thing.box), max_side=SIDE)
            for context, *things in pairs
            for thing in things
        ]
        with MODEL_MEMORY.hold(self._loadable, self) as model, model.lock, torch.inference_mode():
            tensors = model.processor(
                pictures, input_data_format="channels_last", return_tensors="pt"
            )
            looks = model.network(**model.inputs(tensors)).pooler_output.float()  # (2 N, D)
            unit = normalize(looks, dim=-1)
            cosines = (unit[0::2] * unit[1::2]).sum(dim=-1).cpu().tolist()
        return [round(min(1.0, max(0.0, cosine)), 4) for cosine in cosines]
