"""`search_frames`, `search_clips` and `ground_event` by CLIP and SigLIP through transformers."""

from __future__ import annotations

from vprog.models.weights import Weights
from vprog.registry.module import implements
from vprog_modules.retrieval.clip_search import ClipSearch
from vprog_modules.retrieval.event_search import EventSearch
from vprog_modules.retrieval.frame_index import RetrievalModule
from vprog_modules.retrieval.frame_search import FrameSearch
from vprog_modules.retrieval.picture_text_encoder import TransformersEncoder

SIGLIP = Weights("google/siglip2-base-patch16-224", "main", "Apache-2.0", size_mb=1500)
CLIP = Weights("openai/clip-vit-base-patch32", "main", "MIT", size_mb=605)


class SiglipModule(RetrievalModule):
    """Its weights are SigLIP 2's."""

    def load(self, device: str, weights: Weights = SIGLIP) -> None:
        """Load the model, or share the one that another module loaded."""
        self._encoder = TransformersEncoder(weights, device)


class ClipModule(RetrievalModule):
    """Its weights are CLIP's."""

    def load(self, device: str, weights: Weights = CLIP) -> None:
        """Load the model, or share the one that another module loaded."""
        self._encoder = TransformersEncoder(weights, device)


@implements(
    "search_frames", version="2", needs=("torch", "transformers"), extra="hf", weights=(SIGLIP,),
    takes_weights=True, rank=30, backend="SigLIP 2 through transformers",
)  # fmt: skip
class SearchFramesSiglip(SiglipModule, FrameSearch):
    """Code and weights: Apache-2.0."""


@implements(
    "search_clips", version="2", needs=("torch", "transformers"), extra="hf", weights=(SIGLIP,),
    takes_weights=True, rank=30, backend="SigLIP 2 through transformers",
)  # fmt: skip
class SearchClipsSiglip(SiglipModule, ClipSearch):
    """Code and weights: Apache-2.0."""


@implements(
    "ground_event", version="2", needs=("torch", "transformers"), extra="hf", weights=(SIGLIP,),
    takes_weights=True, rank=30, backend="SigLIP 2 through transformers",
)  # fmt: skip
class GroundEventSiglip(SiglipModule, EventSearch):
    """Code and weights: Apache-2.0."""


@implements(
    "search_frames", version="2", needs=("torch", "transformers"), extra="hf", weights=(CLIP,),
    takes_weights=True, rank=20, backend="CLIP through transformers",
)  # fmt: skip
class SearchFramesClip(ClipModule, FrameSearch):
    """Code: Apache-2.0; weights: MIT."""


@implements(
    "search_clips", version="2", needs=("torch", "transformers"), extra="hf", weights=(CLIP,),
    takes_weights=True, rank=20, backend="CLIP through transformers",
)  # fmt: skip
class SearchClipsClip(ClipModule, ClipSearch):
    """Code: Apache-2.0; weights: MIT."""


@implements(
    "ground_event", version="2", needs=("torch", "transformers"), extra="hf", weights=(CLIP,),
    takes_weights=True, rank=20, backend="CLIP through transformers",
)  # fmt: skip
class GroundEventClip(ClipModule, EventSearch):
    """Code: Apache-2.0; weights: MIT."""
