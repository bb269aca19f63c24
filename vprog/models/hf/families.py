"""How a model takes pictures: their tensors, and what stands for them in the text.

Qwen-VL and SmolVLM get pictures through the image processor alone. Their own processors also
build a video processor, which needs torchvision, and SmolVLM's another package for numbers;
what they do to the text of a prompt with pictures is one line each, and stands here. Other
models go through their own processor.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from vprog.errors import LlmRefusedError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

QWEN = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe")
SMOL = ("smolvlm", "idefics3")


class Family(Protocol):
    """Makes the inputs of conversations with pictures; tensors are torch's."""

    def inputs(
        self, tokenizer: Any, texts: Sequence[str], pictures: Sequence[Sequence[Picture]]
    ) -> dict[str, Any]:
        """What the network takes, padded on the left.

        Args:
            tokenizer: of the model.
            texts: one conversation each, with a placeholder for each picture.
            pictures: of each conversation, in their order.

        Raises:
            LlmRefusedError: a text holds the placeholder itself.
        """
        ...


def load_family(transformers: Any, config: Any, folder: str, local: dict[str, Any]) -> Family:
    """The family of the model in a folder; whatever loading raises is the caller's to read."""
    kind = config.model_type
    if kind not in (*QWEN, *SMOL):
        return _WithProcessor(transformers.AutoProcessor.from_pretrained(folder, **local))
    processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil", **local)
    return _Qwen(config, processor) if kind in QWEN else _Smol(config, processor)


class _WithProcessor:
    """Models whose own processor makes everything, LLaVA for one."""

    def __init__(self, processor: Any) -> None:
        self._processor = processor

    def inputs(
        self, tokenizer: Any, texts: Sequence[str], pictures: Sequence[Sequence[Picture]]
    ) -> dict[str, Any]:
        flat = [picture for row in pictures for picture in row]
        self._processor.tokenizer.padding_side = "left"
        tensors = dict(
            self._processor(text=list(texts), images=flat, return_tensors="pt", padding=True)
        )
        tensors.pop("token_type_ids", None)
        return tensors


class _Expanding(ABC):
    """Families that write each picture's placeholder as often as it has tokens."""

    placeholder: str
    """What the chat template writes for a picture."""

    def inputs(
        self, tokenizer: Any, texts: Sequence[str], pictures: Sequence[Sequence[Picture]]
    ) -> dict[str, Any]:
        tensors, expansions = self._tensors(pictures)
        remaining = iter(expansions)
        expanded = []
        for text, row in zip(texts, pictures, strict=True):
            pieces = text.split(self.placeholder)
            if len(pieces) != len(row) + 1:
                raise LlmRefusedError(
                    f'the conversation holds "{self.placeholder}", which stands for a picture.',
                    hint="Ask without it.",
                )
            expanded.append(pieces[0] + "".join(next(remaining) + piece for piece in pieces[1:]))
        tokens = tokenizer(
            expanded,
            padding=True,
            padding_side="left",
            add_special_tokens=False,
            return_tensors="pt",
        )
        return {
            "input_ids": tokens["input_ids"],
            "attention_mask": tokens["attention_mask"],
            **self._marks(tokens["input_ids"]),
            **tensors,
        }

    @abstractmethod
    def _tensors(self, pictures: Sequence[Sequence[Picture]]) -> tuple[dict[str, Any], list[str]]:
        """What the network takes for the pictures of a batch, and the text of each picture."""

    def _marks(self, token_ids: Any) -> dict[str, Any]:
        """What else the network takes, from the tokens of the batch."""
        return {}


class _Qwen(_Expanding):
    """Qwen2-VL, Qwen2.5-VL and Qwen3-VL: as many tokens as the picture has merged patches."""

    placeholder = "<|image_pad|>"

    def __init__(self, config: Any, image_processor: Any) -> None:
        self._processor = image_processor
        self._image_token_id = config.image_token_id

    def _tensors(self, pictures: Sequence[Sequence[Picture]]) -> tuple[dict[str, Any], list[str]]:
        flat = [picture for row in pictures for picture in row]
        tensors = self._processor(images=flat, return_tensors="pt")
        merged = self._processor.merge_size**2
        texts = [
            self.placeholder * int(grid.prod() // merged) for grid in tensors["image_grid_thw"]
        ]  # grid: (T, H, W) in patches
        return {name: tensors[name] for name in ("pixel_values", "image_grid_thw")}, texts

    def _marks(self, token_ids: Any) -> dict[str, Any]:
        return {"mm_token_type_ids": (token_ids == self._image_token_id).int()}


class _Smol(_Expanding):
    """SmolVLM and Idefics3: each frame whole, not split into tiles; always as many tokens."""

    placeholder = "<image>"

    def __init__(self, config: Any, image_processor: Any) -> None:
        self._processor = image_processor
        vision = config.vision_config
        side = vision.image_size // vision.patch_size
        n_tokens = side**2 // config.scale_factor**2
        edge = "<fake_token_around_image>"
        self._text = f"{edge}<global-img>{self.placeholder * n_tokens}{edge}"

    def _tensors(self, pictures: Sequence[Sequence[Picture]]) -> tuple[dict[str, Any], list[str]]:
        tensors = self._processor(
            images=[list(row) for row in pictures], do_image_splitting=False, return_tensors="pt"
        )
        texts = [self._text for row in pictures for _ in row]
        return {name: tensors[name] for name in ("pixel_values", "pixel_attention_mask")}, texts
