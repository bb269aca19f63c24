"""SAM 2 on one device, through transformers: pictures as it takes them, their embeddings kept.

The image processor of transformers for SAM 2 needs torchvision; what it does to a picture is a
resize to a square and the mean and spread of ImageNet, and stands here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vprog.models.hf.vision import VisionModel
from vprog.models.weights import Weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

WEIGHTS = Weights("facebook/sam2.1-hiera-small", "main", licence="Apache-2.0", size_mb=185)

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_SPREAD = (0.229, 0.224, 0.225)


def side_of(model: VisionModel) -> int:
    """Pixels of the square that the network sees."""
    return int(model.network.prompt_encoder.input_image_size)


def pixel_values(model: VisionModel, pictures: Sequence[Pixels]) -> Any:
    """Pictures (H, W, 3) as the network takes them: (N, 3, S, S)."""
    import torch

    side = side_of(model)
    squares = torch.stack([_square(picture, side) for picture in pictures])
    mean, spread = (
        torch.tensor(three).reshape(3, 1, 1) for three in (IMAGENET_MEAN, IMAGENET_SPREAD)
    )
    return ((squares / 255 - mean) / spread).to(model.device, model.dtype)


def upscaled(logits: Any, size_hw: tuple[int, int]) -> Any:
    """Mask logits (N, h, w) in the size of what was shown: (N, H, W), float."""
    from torch.nn.functional import interpolate

    return interpolate(logits[:, None].float(), size_hw, mode="bilinear", align_corners=False)[:, 0]


def _square(picture: Pixels, side: int) -> Any:
    """(3, S, S), float in [0, 255]."""
    import numpy as np
    import torch
    from torch.nn.functional import interpolate

    tensor = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].float()
    resized = interpolate(
        tensor, (side, side), mode="bilinear", align_corners=False, antialias=True
    )
    return resized[0].round().clamp(0, 255)  # as of whole numbers
