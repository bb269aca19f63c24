"""ViTPose through transformers: real loading code on a tiny model, with random weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")
pytest.importorskip("scipy", reason="the extra hf is not installed")

import torch

import vprog
from tests.drawing import draw_video
from tests.modules.people.tiny_vitpose import save_tiny_vitpose
from tests.modules.scenes import Opened
from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.models.memory_budget import MODEL_MEMORY
from vprog.models.weights import named_weights
from vprog.registry.call_context import CallContext, using
from vprog.registry.module import Call, spec_of
from vprog.registry.registry import Registry
from vprog.testing import check_module
from vprog.types import Box, Detection, Frame
from vprog.types.pose import BODY_POINTS
from vprog_modules.frames.picture import PixelArea
from vprog_modules.people.estimate_pose_vitpose import Asked, EstimatePoseVitpose, pose_of

SPEC = spec_of(EstimatePoseVitpose)
LEFT, RIGHT = Box(5.0, 10.0, 55.0, 110.0), Box(100.0, 30.0, 150.0, 115.0)


def person(box: Box, time: float = 0.5) -> Detection:
    return Detection("person", box, 0.9, Frame(0, time))


@pytest.fixture(scope="module", params=[1, 3], ids=["ViTPose", "ViTPose+"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_vitpose(tmp_path_factory.mktemp("vitpose"), n_experts=request.param)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 20)


@pytest.fixture(scope="module")
def opened(clip: Path) -> Iterator[Opened]:
    with Opened(clip) as opened:
        yield opened


@pytest.fixture(scope="module")
def estimator(folder: Path) -> Iterator[EstimatePoseVitpose]:
    module = EstimatePoseVitpose()
    module.load("cpu", named_weights(str(folder)))
    yield module
    module.unload()


def of_vendor(folder: Path, pixels: np.ndarray, box: Box) -> dict[str, torch.Tensor]:
    """What the vendor's own processor and network say of one person."""
    from transformers import AutoImageProcessor, VitPoseForPoseEstimation

    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    model = VitPoseForPoseEstimation.from_pretrained(folder).eval()
    boxes = [[[box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0]]]
    with torch.inference_mode():
        tensors = processor(pixels, boxes=boxes, return_tensors="pt")
        outputs = model(**tensors, dataset_index=torch.tensor([0]))
    ((result,),) = processor.post_process_pose_estimation(outputs, boxes=boxes)
    return result


def test_points_are_the_vendors_own(
    estimator: EstimatePoseVitpose, opened: Opened, folder: Path
) -> None:
    pixels = opened.source.pixels(Frame(0, 0.5))
    for box in (LEFT, RIGHT):
        result = of_vendor(folder, pixels, box)
        with using(opened.context):
            pose = estimator(person(box), min_score=0.0)
        expected = {
            name: (*xy, min(1.0, score))
            for name, xy, score in zip(
                BODY_POINTS, result["keypoints"].tolist(), result["scores"].tolist(), strict=True
            )
            if score >= 0 and 0 <= xy[0] <= 160 and 0 <= xy[1] <= 120
        }
        assert len(expected) > 3
        assert [point.name for point in pose.keypoints] == list(expected)
        for point in pose.keypoints:
            assert point[1:] == pytest.approx(expected[point.name], abs=0.02)
        assert pose.box == box
        assert pose.score == pytest.approx(
            sum(score for *_, score in expected.values()) / len(expected), abs=1e-3
        )


def test_the_middle_of_what_the_network_sees_is_the_middle_of_the_box(
    estimator: EstimatePoseVitpose, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A peak between the four middle cells of the heat map, (16, 12) of them."""
    rows, columns = np.mgrid[0:16, 0:12]
    peak = np.exp(-((rows - 7.5) ** 2 + (columns - 5.5) ** 2) / 4.0)
    heatmaps = torch.tensor(np.broadcast_to(peak, (1, 17, 16, 12)).copy(), dtype=torch.float32)
    with MODEL_MEMORY.hold(estimator._loadable, estimator) as model:
        monkeypatch.setattr(model, "network", lambda **_: SimpleNamespace(heatmaps=heatmaps))
        with using(opened.context):
            pose = estimator(person(RIGHT))
    assert [point.name for point in pose.keypoints] == list(BODY_POINTS)
    for point in pose.keypoints:
        assert (point.x, point.y) == pytest.approx((125.0, 72.5), abs=0.5)


def test_points_are_pixels_of_the_whole_frame_and_those_outside_or_unsure_are_left_out() -> None:
    half = PixelArea(np.zeros((60, 80, 3), np.uint8), 0.0, 0.0, 2.0, 2.0)
    call = Asked(person(LEFT), half, [0.0, 0.0, 1.0, 1.0], 0.3)
    places, scores = torch.full((17, 2), 10.0), torch.zeros(17)
    places[0], scores[0] = torch.tensor([30.0, 20.0]), 0.5
    places[9], scores[9] = torch.tensor([-4.0, 20.0]), 0.9  # left of the picture
    places[10], scores[10] = torch.tensor([79.0, 59.0]), 1.1
    pose = pose_of(call, {"keypoints": places, "scores": scores})
    assert [tuple(point) for point in pose.keypoints] == [
        ("nose", 60.0, 40.0, 0.5),
        ("right wrist", 158.0, 118.0, 1.0),
    ]
    assert pose.score == 0.75
    nothing = pose_of(call, {"keypoints": places, "scores": torch.zeros(17)})
    assert (nothing.keypoints, nothing.score) == ([], 0.0)


def test_batch_gives_what_single_calls_give(estimator: EstimatePoseVitpose, opened: Opened) -> None:
    people = [person(LEFT), person(RIGHT, 1.0), person(LEFT, 1.5)]
    batch = estimator.batch(
        [
            Call.of(SPEC, {"person": one, "min_score": 0.0}, CallContext(opened.source))
            for one in people
        ]
    )
    for pose, one in zip(batch, people, strict=True):
        with using(opened.context):
            alone = estimator(one, min_score=0.0)
        assert pose.frame == one.frame
        assert [point.name for point in pose.keypoints] == [point.name for point in alone.keypoints]
        for point, other in zip(pose.keypoints, alone.keypoints, strict=True):
            assert point[1:] == pytest.approx(other[1:], abs=0.05)


def test_a_box_outside_the_picture_is_refused(
    estimator: EstimatePoseVitpose, opened: Opened
) -> None:
    with using(opened.context), pytest.raises(ModuleInputError):
        estimator(person(Box(400.0, 10.0, 450.0, 60.0)))


def test_a_model_with_other_points_is_refused(tmp_path: Path) -> None:
    other = save_tiny_vitpose(tmp_path / "whole", n_points=133)
    with pytest.raises(ModuleFailedError, match="gives 133 points, not the 17 of COCO"):
        EstimatePoseVitpose().load("cpu", named_weights(str(other)))


def test_module_conforms(folder: Path) -> None:
    spec = replace(SPEC, weights=(named_weights(str(folder)),))
    assert check_module(spec) == []


def test_a_program_calls_it(home: Path, clip: Path, folder: Path) -> None:
    result = vprog.run(
        clip,
        'person = Detection("person", Box(5.0, 10.0, 55.0, 110.0), 0.9, Frame(0, 0.5))\n'
        "pose = estimate_pose(person, min_score=0.0)\n"
        "names = [point.name for point in pose.keypoints]\n"
        'answer(", ".join(names), evidence=[pose])',
        registry=Registry([SPEC]),
        modules={"estimate_pose": f"EstimatePoseVitpose:{folder}"},
    )
    vprog.close()
    assert result.status == "answered", result.error
    assert set(str(result.answer).split(", ")) <= set(BODY_POINTS)
    assert result.evidence[0].supported
