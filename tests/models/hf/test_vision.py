"""Vision models from their folders: random weights, the real file format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")

from tests.models.tiny_vision import CLIP, SIGLIP, save_tiny_clip
from vprog.errors import ModuleFailedError, WeightsMissingError
from vprog.models.hf.vision import VisionModel, load_vision_model, vision_model
from vprog.models.memory_budget import ModelMemory
from vprog.models.weights import named_weights


@pytest.mark.parametrize("kind", [CLIP, SIGLIP])
def test_vision_model_reads_network_processor_and_tokenizer(tmp_path: Path, kind: str) -> None:
    model = load_vision_model(
        str(save_tiny_clip(tmp_path / kind, kind)), "cpu", "AutoModel", reads_text=True
    )
    assert model.kind == kind
    assert type(model.processor).__name__.endswith("Pil")
    picture = np.full((48, 64, 3), 200, np.uint8)
    tensors = model.inputs(model.processor(images=[picture], return_tensors="pt"))
    assert tuple(tensors["pixel_values"].shape) == (1, 3, 32, 32)
    assert model.tokenizer("dog").input_ids


def test_vision_model_is_loaded_once_and_let_go_by_the_last(tmp_path: Path) -> None:
    weights = named_weights(str(save_tiny_clip(tmp_path / "clip")))
    memory, owners = ModelMemory(), [object(), object()]
    held: list[VisionModel] = []
    for owner in owners:
        with memory.hold(vision_model(weights.folder(), "cpu", "AutoModel"), owner) as model:
            held.append(model)
    assert held[0] is held[1]
    memory.release(owners[0])
    assert hasattr(held[0], "network")
    memory.release(owners[1])
    assert not hasattr(held[0], "network")


def test_weights_of_another_model_are_refused_and_not_filled_up_by_chance(tmp_path: Path) -> None:
    from transformers import CLIPVisionModel

    folder = save_tiny_clip(tmp_path / "clip")
    CLIPVisionModel.from_pretrained(folder).save_pretrained(tmp_path / "half")
    config = (folder / "config.json").read_text()
    (tmp_path / "half" / "config.json").write_text(config)
    with pytest.raises(ModuleFailedError, match="of its tensors are missing"):
        load_vision_model(str(tmp_path / "half"), "cpu", "AutoModel")


def test_damaged_folder_is_an_error_with_what_to_do(tmp_path: Path) -> None:
    folder = save_tiny_clip(tmp_path / "clip")
    (folder / "model.safetensors").write_bytes(b"no weights")
    loadable = vision_model(named_weights(str(folder)).folder(), "cpu", "AutoModel")
    with pytest.raises(ModuleFailedError, match="cannot be loaded"):
        loadable.load()
    (folder / "model.safetensors").unlink()
    with pytest.raises(WeightsMissingError, match=r"holds no config\.json"):
        named_weights(str(folder)).folder()
