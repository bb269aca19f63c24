"""How each family of models takes pictures: their tensors, and what stands for them in the text.

Frames go in as pictures through the image processor alone. The families' own processors also
build a video processor, which needs torchvision, and SmolVLM's another package for numbers;
what they do to the text of a prompt with pictures is one line each, and stands here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from vprog.errors import ConfigError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

QWEN = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe")
SMOL = ("smolvlm", "idefics3")


class Family(Protocol):
    """One family; tensors are torch's."""

    placeholder: str
    """What the chat template writes for a picture."""

    def tensors(self, pictures: Sequence[Sequence[Picture]]) -> tuple[dict[str, Any], list[str]]:
        """What the model takes for the pictures of a batch, and the text of each picture."""
        ...

    def marks(self, token_ids: Any) -> dict[str, Any]:
        """What else the model takes, from the tokens of the batch."""
        ...


def family_of(config: Any, image_processor: Any, tokenizer: Any, *, name: str) -> Family:
    """The family of a model.

    Raises:
        ConfigError: it is none of those known here.
    """
    if config.model_type in QWEN:
        return _Qwen(config, image_processor)
    if config.model_type in SMOL:
        return _Smol(config, image_processor)
    raise ConfigError(
        f'hf:{name} is of the kind "{config.model_type}", which vprog cannot show frames to.',
        hint=f"Name a model of one of: {', '.join((*QWEN, *SMOL))}; or serve it: openai:MODEL.",
    )


class _Qwen:
    """Qwen2-VL, Qwen2.5-VL and Qwen3-VL: as many tokens as the picture has merged patches."""

    placeholder = "<|image_pad|>"

    def __init__(self, config: Any, image_processor: Any) -> None:
        self._processor = image_processor
        self._image_token_id = config.image_token_id

    def tensors(self, pictures: Sequence[Sequence[Picture]]) -> tuple[dict[str, Any], list[str]]:
        flat = [each for row in pictures for each in row]
        made = self._processor(images=flat, return_tensors="pt")
        merged = self._processor.merge_size**2
        texts = [
            self.placeholder * int(grid.prod() // merged) for grid in made["image_grid_thw"]
        ]  # grid: (T, H, W) in patches
        return {name: made[name] for name in ("pixel_values", "image_grid_thw")}, texts

    def marks(self, token_ids: Any) -> dict[str, Any]:
        return {"mm_token_type_ids": (token_ids == self._image_token_id).int()}


class _Smol:
    """SmolVLM and Idefics3: each frame whole, not split into tiles; always as many tokens."""

    placeholder = "<image>"

    def __init__(self, config: Any, image_processor: Any) -> None:
        self._processor = image_processor
        vision = config.vision_config
        side = vision.image_size // vision.patch_size
        n_tokens = side**2 // config.scale_factor**2
        edge = "<fake_token_around_image>"
        self._text = f"{edge}<global-img>{self.placeholder * n_tokens}{edge}"

    def tensors(self, pictures: Sequence[Sequence[Picture]]) -> tuple[dict[str, Any], list[str]]:
        made = self._processor(
            images=[list(row) for row in pictures], do_image_splitting=False, return_tensors="pt"
        )
        texts = [self._text for row in pictures for _ in row]
        return {name: made[name] for name in ("pixel_values", "pixel_attention_mask")}, texts

    def marks(self, token_ids: Any) -> dict[str, Any]:
        return {}
