"""`segment_at` by SAM 2, through transformers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vprog.models.hf.vision import VisionModel, vision_model
from vprog.models.memory_budget import MODEL_MEMORY
from vprog.models.weights import Weights
from vprog.registry.call_context import Pixels
from vprog.registry.module import implements
from vprog.types import Box, Frame, Mask
from vprog_modules.frames.network_output_cache import KeptOutputs
from vprog_modules.segmentation.place_segmenter import SIDE, Outline, PlaceSegmenter, Shown
from vprog_modules.segmentation.prompts import Prompt
from vprog_modules.segmentation.sam2 import WEIGHTS, pixel_values, side_of, upscaled

KEPT = 8
"""Pictures whose embeddings are kept, 17 MB each."""


@implements(
    "segment_at",
    batch=8,
    needs=("torch", "transformers"),
    extra="hf",
    weights=(WEIGHTS,),
    takes_weights=True,
    memory_mb=400,
    rank=40,
    backend="SAM 2 through transformers",
    pixels=Pixels("frame", max_side=SIDE),
)
class SegmentAtSam2(PlaceSegmenter):
    """The embedding of a picture is computed once, for any number of places in it."""

    def load(self, device: str, weights: Weights) -> None:
        """Load the network."""
        self._loadable = vision_model(weights.folder(), device, "Sam2Model", has_processor=False)
        self._kept: KeptOutputs[list[Any]] = KeptOutputs(KEPT)
        with MODEL_MEMORY.hold(self._loadable, self):
            pass

    def unload(self) -> None:
        """Let go; the last to do so frees the memory."""
        self._kept.clear()
        MODEL_MEMORY.release(self)

    def __call__(
        self,
        frame: Frame,
        place: Box | list[tuple[float, float]],
        *,
        without: list[tuple[float, float]] | None = None,
    ) -> Mask:
        """
        Source: N. Ravi et al., "SAM 2: segment anything in images and videos", 2024; code of
        transformers (Apache-2.0), weights facebook/sam2.1-hiera-* (Apache-2.0).
        """
        return self.outlined(frame, place, without)

    def outline(
        self, shown: Mapping[bytes, Shown], prompts: Sequence[tuple[bytes, Prompt]]
    ) -> list[Outline]:
        import torch

        with MODEL_MEMORY.hold(self._loadable, self) as model, model.lock, torch.inference_mode():
            embeddings = self._embeddings(model, shown)
            return [_decoded(model, embeddings[key], shown[key], prompt) for key, prompt in prompts]

    def _embeddings(self, model: VisionModel, shown: Mapping[bytes, Shown]) -> dict[bytes, Any]:
        """The feature maps of each picture; those of new pictures in one pass."""
        found = {key: self._kept.get(key) for key in shown}
        news = [key for key, maps in found.items() if maps is None]
        if news:
            pictures = [shown[key].picture.pixels for key in news]
            levels = model.network.get_image_embeddings(pixel_values(model, pictures))
            for index, key in enumerate(news):
                maps = [level[index : index + 1] for level in levels]
                found[key] = self._kept.keep(key, maps)
        return found


def _decoded(model: VisionModel, maps: list[Any], shown: Shown, prompt: Prompt) -> Outline:
    """The best of the masks that the network offers for a place."""
    inputs = prompt_tensors(model, shown, prompt)
    outputs = model.network(
        image_embeddings=maps,
        # A box leaves no doubt which thing is meant; a point may mean a part of it.
        multimask_output=prompt.box is None and len(prompt.points) == 1,
        **inputs,
    )
    scores = outputs.iou_scores[0, 0].float()  # (M,)
    best = int(scores.argmax())
    logits = upscaled(outputs.pred_masks[0, 0, best][None], shown.size_hw)[0]
    return Outline((logits > 0).cpu().numpy(), float(scores[best]))


def prompt_tensors(model: VisionModel, shown: Shown, prompt: Prompt) -> dict[str, Any]:
    """A place in pixels of the square that the network sees."""
    import torch

    height, width = shown.picture.pixels.shape[:2]
    side = side_of(model)
    scale = torch.tensor([side / width, side / height], dtype=torch.float32)
    tensors = {}
    if prompt.box is not None:
        corners = torch.tensor(prompt.box, dtype=torch.float32).reshape(2, 2) * scale
        tensors["input_boxes"] = corners.reshape(1, 1, 4).to(model.device, model.dtype)
    if prompt.points:
        points = torch.tensor(prompt.points, dtype=torch.float32) * scale
        labels = torch.zeros(len(points), dtype=torch.int64)
        labels[: prompt.n_inside] = 1
        tensors["input_points"] = points.reshape(1, 1, -1, 2).to(model.device, model.dtype)
        tensors["input_labels"] = labels.reshape(1, 1, -1).to(model.device)
    return tensors
