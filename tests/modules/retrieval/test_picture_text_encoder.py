"""CLIP and SigLIP through transformers: random weights, against the models' own forward pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")

from tests.models.tiny_vision import CLIP, SIGLIP, save_tiny_clip
from tests.modules.scenes import texture
from vprog.errors import ModuleFailedError, WeightsMissingError
from vprog.models.memory_budget import MODEL_MEMORY
from vprog.models.weights import Weights, named_weights
from vprog_modules.retrieval.picture_text_encoder import TransformersEncoder

PICTURES = [texture(seed, 64 + 10 * seed, 48) for seed in range(5)]
QUERY = "a dog on a sofa"


@pytest.fixture(scope="module", params=[CLIP, SIGLIP])
def folder(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_clip(tmp_path_factory.mktemp("models") / request.param, request.param)


@pytest.fixture
def encoder(folder: Path) -> Iterator[TransformersEncoder]:
    made = TransformersEncoder(named_weights(str(folder)), "cpu")
    yield made
    made.close()


def test_likeness_is_the_cosine_of_the_models_own_forward_pass(
    folder: Path, encoder: TransformersEncoder
) -> None:
    import torch
    from PIL import Image
    from transformers import AutoModel, CLIPProcessor, SiglipProcessor
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    # The vendor's own way: its processor on Pillow's pictures, its forward pass.
    model = AutoModel.from_pretrained(folder).eval()
    is_clip = model.config.model_type == CLIP
    kind: Any = CLIPProcessor if is_clip else SiglipProcessor
    own: Any = CLIPImageProcessorPil if is_clip else SiglipImageProcessorPil
    processor = kind(own.from_pretrained(folder), encoder_tokenizer(folder))
    inputs = processor(
        text=[QUERY],
        images=[Image.fromarray(picture) for picture in PICTURES],
        return_tensors="pt",
        **({} if is_clip else {"padding": "max_length", "truncation": True, "max_length": 16}),
    )
    inputs.pop("token_type_ids", None)
    if not is_clip:
        inputs.pop("attention_mask", None)
    with torch.no_grad():
        logits = model(**inputs).logits_per_image[:, 0]
        if not is_clip:
            logits = logits - model.logit_bias
        wanted = (logits / model.logit_scale.exp()).numpy()
    likeness = encoder.pictures(PICTURES) @ encoder.words(QUERY)
    assert likeness == pytest.approx(wanted, abs=1e-5)
    assert np.ptp(likeness) > 1e-3  # the pictures are told apart


def encoder_tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


def test_batch_equals_loop(encoder: TransformersEncoder) -> None:
    together = encoder.pictures(PICTURES)
    alone = np.concatenate([encoder.pictures([picture]) for picture in PICTURES])
    assert together == pytest.approx(alone, abs=1e-5)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(5), abs=1e-5)


def test_long_query_is_cut_to_what_the_model_reads(encoder: TransformersEncoder) -> None:
    assert encoder.words("dog " * 200).shape == (encoder.n_columns,)


def test_narrow_picture_is_encoded_by_its_last_axis(encoder: TransformersEncoder) -> None:
    """Three pixels high: it is not taken for channels."""
    assert encoder.pictures([texture(1, 40, 3)]).shape == (1, encoder.n_columns)


def test_encoders_of_one_folder_share_the_model(folder: Path) -> None:
    one, other = (TransformersEncoder(named_weights(str(folder)), "cpu") for _ in range(2))
    (held,), (same,) = MODEL_MEMORY.held_by(one), MODEL_MEMORY.held_by(other)
    assert held is same
    one.close()
    assert hasattr(held, "network")
    other.close()
    assert not hasattr(held, "network")


def test_name_tells_the_state_of_the_weights(folder: Path, tmp_path: Path) -> None:
    encoder = TransformersEncoder(named_weights(str(folder)), "cpu")
    encoder.close()
    import shutil

    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / "preprocessor_config.json").write_text(
        (copy / "preprocessor_config.json").read_text().replace("32", "16")
    )
    assert named_weights(str(copy)).revision not in encoder.name


def test_weights_that_are_missing_are_named_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(WeightsMissingError) as caught:
        TransformersEncoder(Weights("org/clip", "main", "MIT"), "cpu")
    assert "org/clip" in caught.value.hint


def test_model_without_words_is_refused(tmp_path: Path) -> None:
    from transformers import ViTConfig, ViTModel

    model = ViTModel(ViTConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
                               intermediate_size=64, image_size=32, patch_size=8))  # fmt: skip
    folder = save_tiny_clip(tmp_path / "model")
    (folder / "config.json").unlink()
    model.save_pretrained(folder)
    with pytest.raises(ModuleFailedError, match="does not put pictures and words"):
        TransformersEncoder(named_weights(str(folder)), "cpu")
    assert MODEL_MEMORY.held_by(object()) == []
