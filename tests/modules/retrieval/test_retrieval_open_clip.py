"""Retrieval by open_clip: a tiny model in its own format. Needs a torchvision that works."""

from __future__ import annotations

import builtins
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vprog
from tests.drawing import draw_video
from tests.models.tiny_vision import in_hub_cache
from tests.modules.scenes import texture
from tests.torchvision_here import needs_torchvision
from vprog.errors import ModuleFailedError, PackageMissingError, WeightsMissingError
from vprog.models.weights import named_weights
from vprog.testing import check_module
from vprog_modules.retrieval.retrieval_open_clip import (
    OPEN_CLIP,
    GroundEventOpenClip,
    OpenClipEncoder,
    SearchClipsOpenClip,
    SearchFramesOpenClip,
)

MODEL = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "patch_size": 8, "head_width": 8},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 4, "layers": 2},
}
PREPARE = {
    "mean": [0.48145466, 0.4578275, 0.40821073],
    "std": [0.26862954, 0.26130258, 0.27577711],
    "interpolation": "bicubic",
    "resize_mode": "shortest",
}
PICTURES = [texture(seed, 64, 48) for seed in range(4)]


needs_open_clip = needs_torchvision("open_clip")


def save_tiny_open_clip(folder: Path) -> Path:
    import open_clip
    import torch

    torch.manual_seed(0)
    model = open_clip.CLIP(**MODEL)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2.0)
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), folder / "open_clip_pytorch_model.bin")
    config = {"model_cfg": MODEL, "preprocess_cfg": PREPARE}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    return folder


@needs_open_clip
def test_likeness_is_that_of_the_models_own_forward_pass(tmp_path: Path) -> None:
    import open_clip
    import torch
    from PIL import Image

    folder = save_tiny_open_clip(tmp_path / "model")
    encoder = OpenClipEncoder(named_weights(str(folder)), "cpu")
    model, prepare = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
    with torch.no_grad():
        pictures, words = model.eval()(
            torch.stack([prepare(Image.fromarray(picture)) for picture in PICTURES]),
            open_clip.get_tokenizer(f"local-dir:{folder}")(["a dog"]),
        )[:2]
    wanted = (pictures @ words.T)[:, 0].numpy()
    assert encoder.pictures(PICTURES) @ encoder.words("a dog") == pytest.approx(wanted, abs=1e-5)
    assert np.ptp(wanted) > 1e-3
    alone = np.concatenate([encoder.pictures([picture]) for picture in PICTURES])
    assert encoder.pictures(PICTURES) == pytest.approx(alone, abs=1e-5)
    encoder.close()


@needs_open_clip
@pytest.mark.parametrize("module", [SearchFramesOpenClip, SearchClipsOpenClip, GroundEventOpenClip])
def test_module_conforms(module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    save_tiny_open_clip(in_hub_cache(tmp_path, OPEN_CLIP.id))
    assert check_module(module, arguments={"query": "a red square"}) == []


@needs_open_clip
def test_program_searches_by_open_clip(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))
    save_tiny_open_clip(in_hub_cache(tmp_path / "hub", OPEN_CLIP.id))
    clip = draw_video(tmp_path / "clip.mp4", 20)
    program = (
        'found = search_frames(video, "red", count=1)[0]\nanswer(found.start, evidence=[found])'
    )
    result = vprog.run(clip, program)
    vprog.close()
    assert result.status == "answered", result.error
    assert result.evidence[0].supported


@needs_open_clip
@pytest.mark.parametrize(
    ("damage", "error", "says"),
    [
        ({}, WeightsMissingError, "holds no weights"),
        ({"open_clip_pytorch_model.bin": b"x"}, ModuleFailedError, "cannot be loaded"),
        ({"open_clip_config.json": b"{}"}, WeightsMissingError, "holds no open_clip_config"),
    ],
)
def test_damaged_folder_is_refused_and_not_filled_up_by_chance(
    tmp_path: Path, damage: dict[str, bytes], error: type[Exception], says: str
) -> None:
    folder = save_tiny_open_clip(tmp_path / "model")
    if not damage:
        (folder / "open_clip_pytorch_model.bin").unlink()
    for name, data in damage.items():
        (folder / name).write_bytes(data)
    with pytest.raises(error, match=says):
        OpenClipEncoder(named_weights(str(folder)), "cpu")


def test_torchvision_that_breaks_at_import_is_said_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="the package torch is not installed")
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": MODEL}))
    (folder / "open_clip_pytorch_model.bin").write_bytes(b"weights")
    real = builtins.__import__

    def broken(name: str, *more: Any, **named: Any) -> Any:
        if name in ("open_clip", "torchvision"):
            raise RuntimeError("operator torchvision::nms does not exist")
        return real(name, *more, **named)

    for name in ("open_clip", "torchvision"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(builtins, "__import__", broken)
    with pytest.raises(PackageMissingError, match="operator torchvision::nms does not exist"):
        OpenClipEncoder(named_weights(str(folder)), "cpu")
