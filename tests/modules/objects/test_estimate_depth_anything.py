"""Depth Anything through transformers: real loading code on a tiny model with random weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")

import vprog
from tests.drawing import draw_video
from tests.modules.scenes import Opened
from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.models.weights import named_weights
from vprog.registry.call_context import CallContext, using
from vprog.registry.module import Call, spec_of
from vprog.registry.registry import Registry
from vprog.testing import check_module
from vprog.types import Box, Detection, Frame
from vprog_modules.objects.estimate_depth_anything import EstimateDepthAnything, depth_in_box

SPEC = spec_of(EstimateDepthAnything)


def save_depth_anything(path: Path, kind: str = "relative") -> Path:
    import torch
    from transformers import (
        DepthAnythingConfig,
        DepthAnythingForDepthEstimation,
        Dinov2Config,
    )
    from transformers.models.dpt.image_processing_pil_dpt import DPTImageProcessorPil

    torch.manual_seed(0)
    backbone = Dinov2Config(
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        image_size=56,
        patch_size=14,
        out_indices=[1, 2, 3, 4],
        reshape_hidden_states=False,
        apply_layernorm=True,
    )
    model = DepthAnythingForDepthEstimation(
        DepthAnythingConfig(
            backbone_config=backbone,
            reassemble_hidden_size=16,
            neck_hidden_sizes=[8, 8, 16, 16],
            fusion_hidden_size=8,
            head_hidden_size=8,
            depth_estimation_type=kind,
        )
    )
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(8.0)
        model.head.conv3.bias.fill_(5.0)  # above zero, where its last step would cut it
    model.save_pretrained(path)
    DPTImageProcessorPil(
        size={"height": 56, "width": 56}, keep_aspect_ratio=True, ensure_multiple_of=14
    ).save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_depth_anything(tmp_path_factory.mktemp("models") / "depth")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 20)


@pytest.fixture(scope="module")
def opened(clip: Path) -> Iterator[Opened]:
    with Opened(clip) as opened:
        yield opened


@pytest.fixture(scope="module")
def estimator(folder: Path) -> Iterator[EstimateDepthAnything]:
    module = EstimateDepthAnything()
    module.load("cpu", named_weights(str(folder)))
    yield module
    module.unload()


def thing(box: Box, time: float = 0.5) -> Detection:
    return Detection("thing", box, 0.9, Frame(0, time))


LEFT, RIGHT = Box(0.0, 20.0, 50.0, 100.0), Box(110.0, 20.0, 160.0, 100.0)


def test_inverse_depth_is_the_median_of_the_box_between_least_and_most() -> None:
    plane = np.zeros((4, 8), np.float32)
    plane[:, 4:] = 3.0
    plane[0, 7] = 6.0
    whole = Box(0.0, 0.0, 80.0, 40.0)
    assert depth_in_box(plane, Box(0.0, 0.0, 40.0, 40.0), whole) == 0.0
    assert depth_in_box(plane, Box(40.0, 0.0, 80.0, 40.0), whole) == 0.5
    assert depth_in_box(plane, Box(71.0, 1.0, 79.0, 9.0), whole) == 1.0
    assert depth_in_box(plane, Box(79.9, 39.8, 80.0, 40.0), whole) == 0.5
    with pytest.raises(ModuleInputError, match="equally far"):
        depth_in_box(np.ones((4, 8), np.float32), whole, whole)


def test_inverse_depth_is_that_of_the_vendors_own_depth(
    estimator: EstimateDepthAnything, opened: Opened, folder: Path
) -> None:
    import torch
    from transformers import AutoImageProcessor, DepthAnythingForDepthEstimation

    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    model = DepthAnythingForDepthEstimation.from_pretrained(folder).eval()
    picture = opened.source.pixels(Frame(0, 0.5))
    with torch.inference_mode():
        outputs = model(**processor(images=picture, return_tensors="pt"))
    plane = outputs.predicted_depth[0].numpy()
    least, most = plane.min(), plane.max()
    assert most - least > 1e-3
    height, width = plane.shape
    with using(opened.context):
        for box in (LEFT, RIGHT):
            rows = slice(int(box.y0 * height / 120), round(box.y1 * height / 120))
            columns = slice(int(box.x0 * width / 160), round(box.x1 * width / 160))
            expected = (np.median(plane[rows, columns]) - least) / (most - least)
            assert estimator(thing(box)) == pytest.approx(float(expected), abs=2e-3)


def test_another_thing_of_the_picture_costs_nothing(
    estimator: EstimateDepthAnything, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vprog_modules.objects import estimate_depth_anything

    with using(opened.context):
        estimator(thing(LEFT, 0.8))
        monkeypatch.setattr(estimate_depth_anything, "_inverse_depth", None)
        estimator(thing(RIGHT, 0.8))


def test_batch_gives_what_single_calls_give(
    estimator: EstimateDepthAnything, opened: Opened
) -> None:
    things = [thing(LEFT), thing(RIGHT, 1.2), thing(RIGHT)]
    calls = [Call.of(SPEC, {"thing": item}, CallContext(opened.source)) for item in things]
    with using(CallContext(opened.source)):
        assert estimator.batch(calls) == pytest.approx([estimator(item) for item in things])


def test_what_has_no_relative_depth_is_refused(
    estimator: EstimateDepthAnything, opened: Opened, tmp_path: Path
) -> None:
    with using(opened.context), pytest.raises(ModuleInputError):
        estimator(thing(Box(500.0, 500.0, 510.0, 510.0)))
    metric = save_depth_anything(tmp_path / "metric", "metric")
    with pytest.raises(ModuleFailedError, match='gives "metric" depth'):
        EstimateDepthAnything().load("cpu", named_weights(str(metric)))


def test_module_conforms(folder: Path) -> None:
    assert check_module(replace(SPEC, weights=(named_weights(str(folder)),))) == []


def test_a_program_calls_it(home: Path, clip: Path, folder: Path) -> None:
    result = vprog.run(
        clip,
        'one = Detection("a", Box(0.0, 20.0, 50.0, 100.0), 0.9, Frame(0, 0.5))\n'
        "answer(0.0 <= estimate_depth(one) <= 1.0)",
        registry=Registry([SPEC]),
        modules={"estimate_depth": f"EstimateDepthAnything:{folder}"},
    )
    vprog.close()
    assert result.answer == "yes"
