"""`estimate_depth` by Depth Anything V2, through transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.models.hf.vision import VisionModel, vision_model
from vprog.models.memory_budget import MODEL_MEMORY
from vprog.models.weights import Weights
from vprog.registry.call_context import CallContext, current
from vprog.registry.module import Call, implements
from vprog.types import Box, Detection
from vprog_modules.frames.network_output_cache import KeptOutputs, picture_key

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Plane = NDArray[np.float32]

WEIGHTS = Weights(
    "depth-anything/Depth-Anything-V2-Small-hf", "main", licence="Apache-2.0", size_mb=99
)
SIDE = 1024
"""Pixels of the longer side of what is decoded; the network sees some 518 of the shorter."""

KEPT = 16
"""Pictures whose depth is kept, some 1.5 MB each: other things of them are asked for next."""


@implements(
    "estimate_depth",
    batch=8,
    needs=("torch", "transformers"),
    extra="hf",
    weights=(WEIGHTS,),
    takes_weights=True,
    memory_mb=300,
    rank=30,
    backend="Depth Anything V2 through transformers",
)
class EstimateDepthAnything:
    """The whole picture is looked at, once for all things in it."""

    def load(self, device: str, weights: Weights) -> None:
        """Load the network."""
        self._loadable = vision_model(weights.folder(), device, "DepthAnythingForDepthEstimation")
        with MODEL_MEMORY.hold(self._loadable, self) as model:
            kind = model.network.config.depth_estimation_type
        if kind != "relative":
            raise ModuleFailedError(
                f'{weights.id} gives "{kind}" depth, in which far is large.',
                hint="Name weights for relative depth.",
            )
        self._kept: KeptOutputs[Plane] = KeptOutputs(KEPT)

    def unload(self) -> None:
        """Let go; the last to do so frees the memory."""
        MODEL_MEMORY.release(self)

    def __call__(self, thing: Detection) -> float:
        """
        Source: L. Yang et al., "Depth Anything V2", 2024; code of transformers (Apache-2.0),
        weights depth-anything/Depth-Anything-V2-Small-hf (Apache-2.0; Base and Large: CC-BY-NC).
        """
        return self._depths([(current(), thing)])[0]

    def batch(self, calls: Sequence[Call]) -> list[float]:
        """The inverse depth of each thing; all pictures go through the network together."""
        return self._depths(
            [(call.context, cast(Detection, call.arguments["thing"])) for call in calls]
        )

    def _depths(self, things: Sequence[tuple[CallContext, Detection]]) -> list[float]:
        frames = [thing.frame._replace(region=None) for _, thing in things]
        # Refuses a box outside the picture before anything is computed.
        boxes = [context.area(thing.frame._replace(region=thing.box)) for context, thing in things]
        wholes = [context.area(frame) for (context, _), frame in zip(things, frames, strict=True)]
        pictures = [
            context.pixels(frame, max_side=SIDE)
            for (context, _), frame in zip(things, frames, strict=True)
        ]
        keys = [picture_key(picture) for picture in pictures]
        planes = {key: self._kept.get(key) for key in keys}
        with MODEL_MEMORY.hold(self._loadable, self) as model:
            for key, picture in zip(keys, pictures, strict=True):
                if planes[key] is None:
                    planes[key] = self._kept.keep(key, _inverse_depth(model, picture))
        return [
            depth_in_box(cast("Plane", planes[key]), box, whole)
            for key, box, whole in zip(keys, boxes, wholes, strict=True)
        ]


def depth_in_box(plane: Plane, box: Box, whole: Box) -> float:
    """The median of a box, where 0 is the least and 1 the most of the plane.

    Args:
        plane: inverse depth of the whole picture, (H, W), at any scale.
        box: in pixels of the displayed picture.
        whole: the displayed picture.

    Raises:
        ModuleInputError: the plane is flat.
    """
    import numpy as np

    least, most = float(plane.min()), float(plane.max())
    if most - least < 1e-6:
        raise ModuleInputError(
            "estimate_depth(thing): expected a picture with depth, got one that is equally far "
            "everywhere.",
            hint="Ask about another frame.",
        )
    height, width = plane.shape
    across, down = width / whole.x1, height / whole.y1
    # At least one pixel, however small the box.
    x0, y0 = min(int(box.x0 * across), width - 1), min(int(box.y0 * down), height - 1)
    x1, y1 = max(x0 + 1, round(box.x1 * across)), max(y0 + 1, round(box.y1 * down))
    middle = float(np.median(plane[y0:y1, x0:x1]))
    return round((middle - least) / (most - least), 4)


def _inverse_depth(model: VisionModel, picture: NDArray[np.uint8]) -> Plane:
    """What the network gives for a picture, by itself: pictures differ in shape, (H, W)."""
    import torch

    with model.lock, torch.inference_mode():
        tensors = model.processor(picture, input_data_format="channels_last", return_tensors="pt")
        plane: Plane = (
            model.network(**model.inputs(tensors)).predicted_depth[0].float().cpu().numpy()
        )
    return plane
