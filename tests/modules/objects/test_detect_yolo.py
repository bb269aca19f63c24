"""Ultralytics YOLO: real loading code on a tiny model with random weights."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import vprog
from tests.drawing import draw_video
from tests.modules.scenes import Opened
from tests.torchvision_here import needs_torchvision
from vprog.errors import ConfigError, ModuleInputError
from vprog.models.weights import named_weights
from vprog.registry.call_context import CallContext, using
from vprog.registry.module import Call, spec_of
from vprog.registry.registry import Registry
from vprog.testing import check_module
from vprog.types import Box, Frame
from vprog_modules.objects.detect_yolo import SWITCHES, DetectYolo, _import_yolo

pytestmark = needs_torchvision("ultralytics")

SPEC = spec_of(DetectYolo)


def save_tiny_yolo(folder: Path) -> Path:
    """A file of weights of the smallest model, which are random."""
    import torch

    network = _import_yolo()("yolo11n.yaml", task="detect", verbose=False)
    torch.manual_seed(0)
    with torch.no_grad():
        for scores in network.model.model[-1].cv3:  # a new network is told that all is rare
            scores[-1].weight.normal_(std=20.0)
            scores[-1].bias.zero_()
    things = {number: f"thing {number}" for number in range(2, 80)}
    network.model.names = {0: "person", 1: "traffic light", **things}
    network.save(folder / "tiny.pt")
    return folder / "tiny.pt"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_yolo(tmp_path_factory.mktemp("yolo"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 20)


@pytest.fixture(scope="module")
def opened(clip: Path) -> Iterator[Opened]:
    with Opened(clip) as opened:
        yield opened


@pytest.fixture(scope="module")
def detector(weights: Path) -> Iterator[DetectYolo]:
    module = DetectYolo()
    module.load("cpu", named_weights(str(weights)))
    yield module
    module.unload()


def call_of(opened: Opened, frame: Frame, label: str) -> Call:
    arguments = {"frame": frame, "label": label, "min_score": 0.01}
    return Call.of(SPEC, arguments, CallContext(opened.source))


def test_nothing_is_asked_of_the_network_and_no_code_of_the_file_runs(
    detector: DetectYolo,
) -> None:
    from ultralytics import utils

    assert not utils.ONLINE
    assert not utils.AUTOINSTALL
    assert {name: os.environ[name] for name in SWITCHES} == SWITCHES


def test_batch_gives_what_single_calls_give(detector: DetectYolo, opened: Opened) -> None:
    asked = [
        (Frame(0, 0.5), "person"),
        (Frame(0, 1.0), "people"),
        (Frame(0, 0.5, Box(20.0, 20.0, 101.0, 95.0)), "persons"),
    ]
    single = []
    for frame, label in asked:
        call = call_of(opened, frame, label)
        with using(call.context):
            single.append(detector(**call.arguments))
    batch = detector.batch([call_of(opened, frame, label) for frame, label in asked])
    assert all(single)
    for one, other in zip(single, batch, strict=True):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert a.box == pytest.approx(b.box, abs=0.05)
            assert a.score == pytest.approx(b.score, abs=1e-3)


def test_boxes_are_those_of_the_vendors_own_prediction(
    detector: DetectYolo, opened: Opened, weights: Path
) -> None:
    from PIL import Image

    picture = Image.fromarray(opened.source.pixels(Frame(0, 0.5)))  # it takes Pillow's for RGB
    (result,) = _import_yolo()(str(weights)).predict(picture, conf=0.01, classes=[0], verbose=False)
    call = call_of(opened, Frame(0, 0.5), "person")
    with using(call.context):
        found = detector(**call.arguments)
    best = int(result.boxes.conf.argmax())
    assert found[0].score == pytest.approx(float(result.boxes.conf[best]), abs=1e-3)
    assert tuple(found[0].box) == pytest.approx(result.boxes.xyxy[best].tolist(), abs=0.05)


def test_labels_that_the_model_does_not_know_are_refused(
    detector: DetectYolo, opened: Opened
) -> None:
    call = call_of(opened, Frame(0, 0.5), "trafic light")
    with using(call.context), pytest.raises(ModuleInputError, match="are: traffic light"):
        detector(**call.arguments)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"x")
    with pytest.raises(ConfigError, match="no file of Ultralytics weights"):
        DetectYolo().load("cpu", named_weights(str(tmp_path / "net.onnx")))


def test_module_conforms(weights: Path) -> None:
    bound = replace(SPEC, weights=(named_weights(str(weights)),))
    assert check_module(bound, arguments={"label": "person"}) == []


def test_a_program_calls_it(home: Path, clip: Path, weights: Path) -> None:
    registry = Registry([SPEC])
    result = vprog.run(
        clip,
        'answer(len(detect(Frame(0, 0.5), "person", min_score=0.01)) > 0)',
        registry=registry,
        modules={"detect": f"DetectYolo:{weights}"},
    )
    vprog.close()
    assert result.answer in (True, "yes")
    assert result.cost.module_calls["executed"] == 1
