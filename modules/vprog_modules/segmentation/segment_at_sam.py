"""`segment_at` by the first SAM, through the package segment-anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vprog.errors import ConfigError, ModuleFailedError, PackageMissingError
from vprog.models.weights import Weights
from vprog.registry.call_context import Pixels
from vprog.registry.module import implements
from vprog.types import Box, Frame, Mask
from vprog_modules.frames.network_output_cache import KeptOutputs
from vprog_modules.segmentation.place_segmenter import SIDE, Outline, PlaceSegmenter, Shown
from vprog_modules.segmentation.prompts import Prompt

_FILE = "~/.cache/torch/hub/checkpoints/sam_vit_b_01ec64.pth"
WEIGHTS = Weights(
    _FILE,
    "01ec64",
    licence="Apache-2.0",
    size_mb=375,
    command=f"curl -L --create-dirs -o {_FILE} "
    "https://dl.fbaipublicfiles.com/segment_anything/sam_vit_b_01ec64.pth",
)
KINDS = {768: "vit_b", 1024: "vit_l", 1280: "vit_h"}
"""In the registry of the package, by the width of the image encoder: a checkpoint does not say."""

KEPT = 8
"""Pictures whose embeddings are kept, 4 MB each."""


@implements(
    "segment_at",
    batch=8,
    needs=("segment_anything", "torch", "torchvision"),
    extra="sam",
    weights=(WEIGHTS,),
    takes_weights=True,
    memory_mb=1500,
    rank=30,
    backend="SAM (segment-anything)",
    pixels=Pixels("frame", max_side=SIDE),
)
class SegmentAtSam(PlaceSegmenter):
    """The embedding of a picture is computed once, for any number of places in it."""

    def load(self, device: str, weights: Weights) -> None:
        """Read a checkpoint of ViT-B, ViT-L or ViT-H."""
        package = _import_package()
        import torch

        path = weights.verified()
        try:
            state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
            width = state["image_encoder.pos_embed"].shape[-1]
        except Exception as error:  # what torch raises of a file that is none differs by version
            raise ModuleFailedError(
                f"segment_at/SegmentAtSam: {path} is no checkpoint of SAM: {str(error)[:100]}.",
                hint="Name a file such as sam_vit_b_01ec64.pth.",
            ) from error
        if width not in KINDS:
            raise ConfigError(
                f"segment_at/SegmentAtSam: the image encoder of {path} is {width} wide; those of "
                f"SAM are {', '.join(map(str, KINDS))}.",
                hint="Name a checkpoint of ViT-B, ViT-L or ViT-H.",
            )
        network = package.sam_model_registry[KINDS[width]](checkpoint=str(path))
        self._network: Any = network.to(device).eval()
        self._new_predictor = package.SamPredictor
        self._kept: KeptOutputs[Any] = KeptOutputs(KEPT)

    def unload(self) -> None:
        """Let the network go."""
        self._kept.clear()
        del self._network

    def __call__(
        self,
        frame: Frame,
        place: Box | list[tuple[float, float]],
        *,
        without: list[tuple[float, float]] | None = None,
    ) -> Mask:
        """
        Source: A. Kirillov et al., "Segment anything", 2023; code and weights Apache-2.0.
        """
        return self.outlined(frame, place, without)

    def outline(
        self, shown: Mapping[bytes, Shown], prompts: Sequence[tuple[bytes, Prompt]]
    ) -> list[Outline]:
        predictors = {key: self._predictor(key, part) for key, part in shown.items()}
        return [_outlined(predictors[key], shown[key].size_hw, prompt) for key, prompt in prompts]

    def _predictor(self, key: bytes, shown: Shown) -> Any:
        """What holds the embedding of a picture."""
        predictor = self._kept.get(key)
        if predictor is None:
            predictor = self._new_predictor(self._network)
            predictor.set_image(shown.picture.pixels)
            self._kept.keep(key, predictor)
        return predictor


def _outlined(predictor: Any, size_hw: tuple[int, int], prompt: Prompt) -> Outline:
    import numpy as np
    import torch

    labels = np.arange(len(prompt.points)) < prompt.n_inside
    _, scores, logits = predictor.predict(
        point_coords=np.array(prompt.points) if prompt.points else None,
        point_labels=labels.astype(int) if prompt.points else None,
        box=np.array(prompt.box) if prompt.box is not None else None,
        # A box leaves no doubt which thing is meant; a point may mean a part of it.
        multimask_output=prompt.box is None and len(prompt.points) == 1,
    )
    best = int(scores.argmax())
    with torch.inference_mode():  # in the size of what was shown, which may be larger
        whole = predictor.model.postprocess_masks(
            torch.from_numpy(logits[best][None, None]), predictor.input_size, size_hw
        )
    bitmap = whole[0, 0] > predictor.model.mask_threshold
    return Outline(bitmap.numpy(), float(scores[best]))


def _import_package() -> Any:
    """The package.

    Raises:
        PackageMissingError: it does not import, whatever the reason.
    """
    try:
        import segment_anything
    except Exception as error:  # a torchvision that does not fit its torch raises anything
        raise PackageMissingError(
            "segment_at/SegmentAtSam is not available, because segment_anything does not import: "
            f"{error}.",
            hint='Run: pip install "vprog[sam]" (torchvision must fit torch)',
        ) from error
    return segment_anything
