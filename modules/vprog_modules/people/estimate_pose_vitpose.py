"""`estimate_pose` by ViTPose, through transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from vprog.errors import ModuleFailedError
from vprog.models.hf.vision import VisionModel, vision_model
from vprog.models.memory_budget import MODEL_MEMORY
from vprog.models.weights import Weights
from vprog.registry.call_context import CallContext, current
from vprog.registry.module import Call, implements
from vprog.types import Box, Detection, Keypoint, Pose
from vprog.types.pose import BODY_POINTS
from vprog_modules.frames.picture import PixelArea, placed_picture

WEIGHTS = Weights("usyd-community/vitpose-base-simple", "main", licence="Apache-2.0", size_mb=344)
SIDE = 1920
"""Pixels of the longer side of what is decoded; the network sees 192 x 256 of a person."""

COCO = 0
"""Which of the data sets that ViTPose+ was trained on: its points are `BODY_POINTS`."""


class Asked(NamedTuple):
    """One call, checked: the person's box in pixels of the picture (x, y, width, height)."""

    person: Detection
    picture: PixelArea
    box_xywh: list[float]
    min_score: float


@implements(
    "estimate_pose",
    batch=8,
    needs=("torch", "transformers", "scipy"),
    extra="hf",
    weights=(WEIGHTS,),
    takes_weights=True,
    memory_mb=400,
    rank=30,
    backend="ViTPose through transformers",
)
class EstimatePoseVitpose:
    """Looks at each person alone, in a cut that is 1.25 times the box."""

    def load(self, device: str, weights: Weights) -> None:
        """Load the network."""
        self._loadable = vision_model(weights.folder(), device, "VitPoseForPoseEstimation")
        with MODEL_MEMORY.hold(self._loadable, self) as model:
            n_points = model.network.config.num_labels
            if n_points != len(BODY_POINTS):
                raise ModuleFailedError(
                    f"{weights.id} gives {n_points} points, not the {len(BODY_POINTS)} of COCO.",
                    hint="Name weights such as usyd-community/vitpose-plus-base.",
                )
            self._is_mixed = model.network.config.backbone_config.num_experts > 1

    def unload(self) -> None:
        """Let go; the last to do so frees the memory."""
        MODEL_MEMORY.release(self)

    def __call__(self, person: Detection, *, min_score: float = 0.3) -> Pose:
        """
        Source: Y. Xu et al., "ViTPose: simple vision transformer baselines for human pose
        estimation", NeurIPS 2022; code of transformers (Apache-2.0), weights
        usyd-community/vitpose-* (Apache-2.0).
        """
        return self._poses([asked(current(), person, min_score)])[0]

    def batch(self, calls: Sequence[Call]) -> list[Pose]:
        """The pose of each person; all go through the network together."""
        return self._poses(
            [
                asked(
                    call.context,
                    cast(Detection, call.arguments["person"]),
                    cast(float, call.arguments["min_score"]),
                )
                for call in calls
            ]
        )

    def _poses(self, calls: Sequence[Asked]) -> list[Pose]:
        with MODEL_MEMORY.hold(self._loadable, self) as model, model.lock:
            results = _looked(model, calls, is_mixed=self._is_mixed)
        return [pose_of(call, result) for call, result in zip(calls, results, strict=True)]


def asked(media: CallContext, person: Detection, min_score: float) -> Asked:
    """A call with its picture.

    Raises:
        ModuleInputError: the box lies outside the picture.
    """
    media.area(person.frame._replace(region=person.box))
    whole = person.frame._replace(region=None)
    picture = placed_picture(media, whole, media.pixels(whole, max_side=SIDE))
    x0, y0, x1, y1 = person.box
    box_xywh = [
        x0 / picture.scale_x,
        y0 / picture.scale_y,
        (x1 - x0) / picture.scale_x,
        (y1 - y0) / picture.scale_y,
    ]
    return Asked(person, picture, box_xywh, min_score)


def pose_of(call: Asked, result: Any) -> Pose:
    """What the network says of one person, in pixels of the whole frame.

    Args:
        call: whose person it is.
        result: tensors "keypoints" (17, 2) and "scores" (17,), as the processor gives them.
    """
    picture = call.picture
    height, width = picture.pixels.shape[:2]
    points = zip(BODY_POINTS, result["keypoints"].tolist(), result["scores"].tolist(), strict=True)
    keypoints = [
        Keypoint(
            name, round(x * picture.scale_x, 2), round(y * picture.scale_y, 2), round(score, 4)
        )
        # A peak of a heat map: a little over 1 here and there.
        for name, (x, y), score in ((name, xy, min(1.0, score)) for name, xy, score in points)
        if score >= call.min_score and 0 <= x <= width and 0 <= y <= height
    ]
    scores = [point.score for point in keypoints]
    return Pose(
        Box(*call.person.box),
        keypoints,
        round(sum(scores) / len(scores), 4) if scores else 0.0,
        call.person.frame,
    )


def _looked(model: VisionModel, calls: Sequence[Asked], *, is_mixed: bool) -> list[Any]:
    """Points and scores of each person."""
    import torch

    pictures = [call.picture.pixels for call in calls]
    boxes = [[call.box_xywh] for call in calls]
    tensors = model.processor(
        pictures, boxes=boxes, input_data_format="channels_last", return_tensors="pt"
    )
    more = {"dataset_index": torch.full((len(calls),), COCO, device=model.device)}
    with torch.inference_mode():
        outputs = model.network(**model.inputs(tensors), **(more if is_mixed else {}))
    outputs.heatmaps = outputs.heatmaps.float()  # (N, 17, 64, 48); half precision has no numpy
    results = model.processor.post_process_pose_estimation(outputs, boxes=boxes)
    return [result for (result,) in results]
