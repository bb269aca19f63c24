"""Pictures and words as vectors of one space, near each other where they say the same.

`PictureTextEncoder` is what search needs of a model; here is the one of transformers: CLIP
(A. Radford et al., 2021), SigLIP (X. Zhai et al., 2023), SigLIP 2 (M. Tschannen et al., 2025) and
what else has their two halves. Pictures are prepared by the model's own processor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from vprog.errors import ModuleFailedError
from vprog.models.hf.vision import VisionModel, vision_model
from vprog.models.memory_budget import MODEL_MEMORY, ModelMemory
from vprog.models.weights import Weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Picture = NDArray[np.uint8]


class PictureTextEncoder(Protocol):
    """A loaded model.

    Attributes:
        name: which model in which state; vectors are kept under it.
        n_columns: the length of a vector.
        batch_size: how many pictures go through it at once.
    """

    name: str
    n_columns: int
    batch_size: int

    def pictures(self, pictures: Sequence[Picture]) -> Floats:
        """A vector of length 1 for each RGB picture (H, W, 3): (n, D)."""
        ...

    def words(self, text: str) -> Floats:
        """The vector of length 1 of a text: (D,)."""
        ...

    def close(self) -> None:
        """Let go of the model."""
        ...


class TransformersEncoder:
    """A CLIP-like model of transformers on one device.

    Raises:
        WeightsMissingError: they are not on this machine.
        ModuleFailedError: the model cannot be loaded, or does not take pictures and words.
    """

    batch_size = 16

    def __init__(self, weights: Weights, device: str, memory: ModelMemory = MODEL_MEMORY) -> None:
        folder = weights.folder()
        self.name = f"transformers {weights.id}@{folder.revision}"
        self._memory = memory
        self._loadable = vision_model(folder, device, "AutoModel", reads_text=True)
        try:
            with memory.hold(self._loadable, self) as model:
                _check(model, weights)
            self.n_columns = len(self.words("a"))
        except BaseException:
            memory.release(self)
            raise

    def pictures(self, pictures: Sequence[Picture]) -> Floats:
        import torch

        with self._memory.hold(self._loadable, self) as model, model.lock, torch.inference_mode():
            tensors = model.processor(
                images=list(pictures), input_data_format="channels_last", return_tensors="pt"
            )
            return unit_vectors(model.network.get_image_features(**model.inputs(tensors)))

    def words(self, text: str) -> Floats:
        import torch

        with self._memory.hold(self._loadable, self) as model, model.lock, torch.inference_mode():
            longest = model.network.config.text_config.max_position_embeddings
            if model.kind.startswith("siglip"):
                # Trained on texts in small letters, padded to one length, without a mask.
                tokens = model.tokenizer(
                    text.lower(), padding="max_length", truncation=True, max_length=longest,
                    return_tensors="pt",
                )  # fmt: skip
                tensors = {"input_ids": tokens["input_ids"]}
            else:
                tensors = dict(
                    model.tokenizer(text, truncation=True, max_length=longest, return_tensors="pt")
                )
                tensors.pop("token_type_ids", None)
            unit: Floats = unit_vectors(model.network.get_text_features(**model.inputs(tensors)))[0]
            return unit

    def close(self) -> None:
        """Let go; the last to do so frees the memory."""
        self._memory.release(self)


def _check(model: VisionModel, weights: Weights) -> None:
    if not hasattr(model.network, "get_image_features") or not hasattr(
        model.network, "get_text_features"
    ):
        raise ModuleFailedError(
            f'{weights.id} is of the kind "{model.kind}", which does not put pictures and words '
            "into one space.",
            hint="Name a CLIP or SigLIP model.",
        )


def unit_vectors(features: Any) -> Floats:
    """Features (n, D) of length 1; transformers 5 wraps them, 4 does not."""
    features = getattr(features, "pooler_output", features).float()
    unit: Floats = (features / features.norm(dim=-1, keepdim=True)).cpu().numpy()
    return unit
