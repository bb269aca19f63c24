"""The detectors of transformers: real loading code on tiny models with random weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")
pytest.importorskip("scipy", reason="the extra hf is not installed")

import vprog
from tests.drawing import draw_video
from tests.models.tiny_vision import in_hub_cache
from tests.modules.objects.tiny_detectors import (
    D_FINE,
    GROUNDING_DINO,
    KINDS,
    OWLV2,
    RT_DETR_V2,
    save_tiny_detector,
)
from tests.modules.scenes import Opened
from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.models.weights import named_weights
from vprog.registry.call_context import CallContext, using
from vprog.registry.module import Call, spec_of
from vprog.registry.registry import Registry
from vprog.testing import check_module
from vprog.types import Box, Detection, Frame
from vprog_modules.frames.sample_frames_even import SampleFramesEven
from vprog_modules.objects.detect_grounding_dino import DetectGroundingDino
from vprog_modules.objects.detect_owlv2 import DetectOwlv2
from vprog_modules.objects.detect_rt_detr import DetectRtDetr

MODULES: dict[str, type] = {
    OWLV2: DetectOwlv2,
    GROUNDING_DINO: DetectGroundingDino,
    RT_DETR_V2: DetectRtDetr,
    D_FINE: DetectRtDetr,
}
LEAST = 0.05
WHOLE, LATER = Frame(0, 0.5), Frame(0, 1.0)
PART = Frame(0, 0.5, Box(20.0, 20.0, 101.0, 95.0))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {kind: save_tiny_detector(folder / kind, kind) for kind in KINDS}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 20)


@pytest.fixture(scope="module")
def opened(clip: Path) -> Iterator[Opened]:
    with Opened(clip) as opened:
        yield opened


@pytest.fixture(params=KINDS)
def detector(request: Any, folders: dict[str, Path]) -> Iterator[Any]:
    module = MODULES[request.param]()
    module.load("cpu", named_weights(str(folders[request.param])))
    yield module
    module.unload()


def call_of(module: Any, opened: Opened, frame: Frame, label: str = "person") -> Call:
    arguments = {"frame": frame, "label": label, "min_score": LEAST}
    return Call.of(spec_of(type(module)), arguments, CallContext(opened.source))


def detected(module: Any, opened: Opened, frame: Frame, label: str = "person") -> list[Detection]:
    call = call_of(module, opened, frame, label)
    with using(call.context):
        found: list[Detection] = module(**call.arguments)
    return found


def test_batch_gives_what_single_calls_give(detector: Any, opened: Opened) -> None:
    asked = [(WHOLE, "person"), (LATER, "person"), (PART, "people"), (WHOLE, "persons")]
    single = [detected(detector, opened, frame, label) for frame, label in asked]
    fresh = type(detector)()
    fresh.load("cpu", named_weights(detector._loadable.key[1]))
    batch = fresh.batch([call_of(fresh, opened, frame, label) for frame, label in asked])
    fresh.unload()
    assert any(single)
    for one, other in zip(single, batch, strict=True):
        assert [item.label for item in one] == [item.label for item in other]
        for a, b in zip(one, other, strict=True):
            assert a.box == pytest.approx(b.box, abs=0.05)
            assert a.score == pytest.approx(b.score, abs=1e-3)


def test_detections_are_sorted_distinct_and_inside(detector: Any, opened: Opened) -> None:
    for frame in (WHOLE, PART):
        detections = detected(detector, opened, frame)
        scores = [detection.score for detection in detections]
        left, top, right, bottom = frame.region or Box(0.0, 0.0, 160.0, 120.0)
        assert scores == sorted(scores, reverse=True)
        assert all(LEAST <= score <= 1.0 for score in scores)
        for detection in detections:
            assert detection.frame == frame
            assert left <= detection.box.x0 < detection.box.x1 <= right
            assert top <= detection.box.y0 < detection.box.y1 <= bottom


def test_boxes_of_a_region_are_those_of_the_cut_picture_moved_back(
    detector: Any, opened: Opened, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.mkv"
    whole = opened.source.pixels(WHOLE)
    write_lossless(cut, whole[20:95, 20:101])
    with Opened(cut) as smaller:
        moved = [
            (tuple(side + 20.0 for side in detection.box), detection.score)
            for detection in detected(detector, smaller, Frame(0, 0.0))
        ]
    of_region = [
        (tuple(detection.box), detection.score) for detection in detected(detector, opened, PART)
    ]
    assert len(moved) == len(of_region)
    for (box, score), (expected, expected_score) in zip(of_region, moved, strict=True):
        assert box == pytest.approx(expected, abs=0.05)
        assert score == pytest.approx(expected_score, abs=1e-3)


def test_a_region_as_low_as_a_picture_has_colours_is_a_picture(
    detector: Any, opened: Opened
) -> None:
    low = Frame(0, 0.5, Box(20.0, 60.0, 60.0, 63.0))
    for detection in detected(detector, opened, low):
        assert 60.0 <= detection.box.y0 < detection.box.y1 <= 63.0


def write_lossless(path: Path, picture: Any) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = picture.shape[1], picture.shape[0], "bgr0"
        for _ in range(2):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.parametrize("kind", [OWLV2, GROUNDING_DINO])
def test_phrases_score_as_the_vendors_processor_says(
    kind: str, folders: dict[str, Path], opened: Opened
) -> None:
    import torch
    import transformers

    picture = opened.source.pixels(WHOLE)
    processor_class, network_class = {
        OWLV2: (transformers.Owlv2Processor, transformers.Owlv2ForObjectDetection),
        GROUNDING_DINO: (
            transformers.GroundingDinoProcessor,
            transformers.GroundingDinoForObjectDetection,
        ),
    }[kind]
    processor = processor_class(
        transformers.AutoImageProcessor.from_pretrained(folders[kind], backend="pil"),
        transformers.AutoTokenizer.from_pretrained(folders[kind]),
    )
    text: Any = "red car." if kind == GROUNDING_DINO else [["a photo of a red car"]]
    lengths = {} if kind == GROUNDING_DINO else {"padding": "max_length", "max_length": 16}
    inputs = processor(images=[picture], text=text, return_tensors="pt", **lengths)
    with torch.inference_mode():
        outputs = network_class.from_pretrained(folders[kind]).eval()(**inputs)
    grounded = {"input_ids": inputs["input_ids"]} if kind == GROUNDING_DINO else {}
    (result,) = processor.post_process_grounded_object_detection(
        outputs, threshold=LEAST, target_sizes=[picture.shape[:2]], **grounded
    )
    module = MODULES[kind]()
    module.load("cpu", named_weights(str(folders[kind])))
    detections = detected(module, opened, WHOLE, "the red car")
    module.unload()
    boxes = result["boxes"].clamp(min=0.0)
    boxes = torch.minimum(boxes, torch.tensor([160.0, 120.0, 160.0, 120.0])).tolist()
    assert detections
    for detection in detections:  # no other score, and no other place
        distances = [
            max(abs(a - b) for a, b in zip(box, detection.box, strict=True))
            + abs(score - detection.score)
            for box, score in zip(boxes, result["scores"].tolist(), strict=True)
        ]
        assert min(distances) < 0.02
    assert max(result["scores"].tolist()) == pytest.approx(detections[0].score, abs=1e-3)


def test_labels_of_a_closed_model_are_those_of_its_config(
    folders: dict[str, Path], opened: Opened
) -> None:
    module = DetectRtDetr()
    module.load("cpu", named_weights(str(folders[RT_DETR_V2])))
    by_name = detected(module, opened, WHOLE, "motorbike")
    by_word = detected(module, opened, WHOLE, "motorcycles")
    assert [(item.box, item.score) for item in by_name] == [
        (item.box, item.score) for item in by_word
    ]
    with pytest.raises(ModuleInputError, match=r'not know "trafic lights".*are: traffic light'):
        detected(module, opened, WHOLE, "trafic lights")
    with pytest.raises(ModuleInputError, match=r'not know "zebra".*5 labels some are: person'):
        detected(module, opened, WHOLE, "zebra")
    module.unload()


def test_phrases_that_cannot_be_read_are_refused(folders: dict[str, Path], opened: Opened) -> None:
    module = DetectOwlv2()
    module.load("cpu", named_weights(str(folders[OWLV2])))
    with pytest.raises(ModuleInputError, match="is 22 tokens; the model reads 16"):
        detected(module, opened, WHOLE, "dog " * 16)
    with pytest.raises(ModuleInputError, match='"the \\." names nothing'):
        detected(module, opened, WHOLE, "the .")
    module.unload()


def test_a_folder_of_another_kind_or_without_its_head_is_refused(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    import transformers

    with pytest.raises(ModuleFailedError, match="not those of a Owlv2ForObjectDetection"):
        DetectOwlv2().load("cpu", named_weights(str(folders[D_FINE])))
    headless = transformers.AutoModel.from_pretrained(folders[RT_DETR_V2])
    headless.save_pretrained(tmp_path / "headless")
    with pytest.raises(ModuleFailedError, match="of its tensors are missing"):
        DetectRtDetr().load("cpu", named_weights(str(tmp_path / "headless")))


@pytest.mark.parametrize("kind", KINDS)
def test_module_conforms(kind: str, folders: dict[str, Path]) -> None:
    spec = spec_of(MODULES[kind])
    bound = replace(spec, weights=(named_weights(str(folders[kind])),))
    assert check_module(bound, arguments={"label": "person"}) == []


def detectors() -> Registry:
    registry = Registry()
    for module in (SampleFramesEven, DetectOwlv2, DetectGroundingDino, DetectRtDetr):
        registry.add(module)
    return registry


PROGRAM = """
found = [detect(frame, "red car", min_score=0.05) for frame in sample_frames(video, fps=2.0)]
best = max([detection for some in found for detection in some], key=lambda one: one.score)
answer(len(found), evidence=[best])
"""


def test_a_program_calls_the_detector_that_is_named_with_its_weights(
    home: Path, clip: Path, folders: dict[str, Path], tmp_path: Path
) -> None:
    results = [
        vprog.run(
            clip,
            PROGRAM,
            registry=detectors(),
            modules={"detect": f"{module.__name__}:{folders[kind]}"},
            cache_dir=tmp_path / "cache",
        )
        for kind, module in ((OWLV2, DetectOwlv2), (GROUNDING_DINO, DetectGroundingDino)) * 2
    ]
    vprog.close()
    assert [result.answer for result in results] == [4, 4, 4, 4]
    assert all(result.evidence[0].supported for result in results)
    # One folder's results are never another's, and are there for the next question.
    assert [result.cost.module_calls["executed"] for result in results] == [5, 4, 0, 0]
    assert results[0].score != results[1].score
    assert results[0].evidence == results[2].evidence


def test_a_preset_takes_the_best_whose_weights_were_fetched(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert "detect" not in detectors().choose()
    save_tiny_detector(in_hub_cache(tmp_path, "PekingU/rtdetr_v2_r50vd"), RT_DETR_V2)
    assert detectors().choose()["detect"].implementation == "DetectRtDetr"
    save_tiny_detector(in_hub_cache(tmp_path, "google/owlv2-base-patch16-ensemble"), OWLV2)
    chosen = detectors().choose()["detect"]
    assert chosen.implementation == "DetectOwlv2"
    assert chosen.identity()[3].endswith(f"@{'0' * 40}")
    assert check_module(chosen, arguments={"label": "person"}) == []
