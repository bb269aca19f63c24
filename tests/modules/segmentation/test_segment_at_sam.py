"""segment-anything: a checkpoint read by the package's own registry, tiny and of random weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vprog
from tests.drawing import draw_video
from tests.modules.scenes import Opened
from tests.modules.segmentation.tiny_sam2 import save_tiny_sam2
from tests.torchvision_here import needs_torchvision
from vprog.errors import ConfigError, ModuleFailedError
from vprog.models.weights import named_weights
from vprog.registry.call_context import CallContext, using
from vprog.registry.mask_store import MaskStore
from vprog.registry.module import Call, spec_of
from vprog.registry.registry import Registry
from vprog.testing import check_module
from vprog.types import Box, Frame, Mask
from vprog_modules.frames.frame_at_index import FrameAtIndex
from vprog_modules.segmentation import segment_at_sam
from vprog_modules.segmentation.sam2 import pixel_values
from vprog_modules.segmentation.segment_at_sam import KINDS, SegmentAtSam

pytestmark = needs_torchvision("segment_anything")

SPEC = spec_of(SegmentAtSam)
PLACE = Box(20.0, 60.0, 60.0, 90.0)
WIDTH = 16


@contextmanager
def tiny_kind() -> Iterator[None]:
    """An image encoder smaller than ViT-B, in the package's registry beside the real ones."""
    import importlib

    from segment_anything import sam_model_registry

    building = importlib.import_module("segment_anything.build_sam")

    def build(checkpoint: str | None = None) -> Any:
        return building._build_sam(
            encoder_embed_dim=WIDTH, encoder_depth=2, encoder_num_heads=2,
            encoder_global_attn_indexes=[1], checkpoint=checkpoint,
        )  # fmt: skip

    sam_model_registry["vit_t"] = build
    KINDS[WIDTH] = "vit_t"
    yield
    del KINDS[WIDTH], sam_model_registry["vit_t"]


@pytest.fixture(scope="module", autouse=True)
def known() -> Iterator[None]:
    with tiny_kind():
        yield


def save_tiny_sam(folder: Path) -> Path:
    """A checkpoint of the tiny kind."""
    import torch
    from segment_anything import sam_model_registry

    torch.manual_seed(0)
    network = sam_model_registry["vit_t"]()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(1.5)
    torch.save(network.state_dict(), folder / "sam_vit_t.pth")
    return folder / "sam_vit_t.pth"


@pytest.fixture(scope="module")
def checkpoint(known: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_sam(tmp_path_factory.mktemp("sam"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 20)


@pytest.fixture(scope="module")
def opened(clip: Path) -> Iterator[Opened]:
    with Opened(clip) as opened:
        yield opened


@pytest.fixture(scope="module")
def segmenter(checkpoint: Path) -> Iterator[SegmentAtSam]:
    module = SegmentAtSam()
    module.load("cpu", named_weights(str(checkpoint)))
    yield module
    module.unload()


def call_of(opened: Opened, store: MaskStore, frame: Frame, place: Any, without: Any) -> Call:
    arguments = {"frame": frame, "place": place, "without": without}
    return Call.of(SPEC, arguments, CallContext(opened.source, masks=store))


def test_kinds_are_those_of_the_published_checkpoints() -> None:
    assert {width: kind for width, kind in KINDS.items() if width != WIDTH} == {
        768: "vit_b", 1024: "vit_l", 1280: "vit_h",
    }  # fmt: skip


def test_mask_is_that_of_the_vendors_own_predictor(
    segmenter: SegmentAtSam, opened: Opened, checkpoint: Path
) -> None:
    from segment_anything import SamPredictor, sam_model_registry

    predictor = SamPredictor(sam_model_registry["vit_t"](checkpoint=str(checkpoint)))
    predictor.set_image(opened.source.pixels(Frame(0, 0.5)))
    bitmaps, scores, _ = predictor.predict(box=np.array(PLACE), multimask_output=False)
    call = call_of(opened, store := MaskStore(), Frame(0, 0.5), PLACE, None)
    with using(call.context):
        mask = segmenter(**call.arguments)
    assert np.array_equal(store.bitmap(mask), bitmaps[0])
    assert mask.score == pytest.approx(min(1.0, max(0.0, float(scores[0]))), abs=1e-4)


def test_batch_gives_what_single_calls_give_and_looks_at_each_picture_once(
    checkpoint: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    from segment_anything import SamPredictor

    looked: list[int] = []
    look = SamPredictor.set_torch_image

    def counted(self: Any, *args: Any) -> None:
        looked.append(1)
        look(self, *args)

    monkeypatch.setattr(SamPredictor, "set_torch_image", counted)
    module = SegmentAtSam()
    module.load("cpu", named_weights(str(checkpoint)))
    asked: list[tuple[Frame, Any, Any]] = [
        (Frame(0, 0.5), PLACE, None),
        (Frame(0, 0.5), [(30.0, 70.0)], None),
        (Frame(0, 1.0), [(30.0, 70.0), (40.0, 75.0)], [(150.0, 10.0)]),
        (Frame(0, 0.5, Box(20.0, 20.0, 101.0, 95.0)), Box(30.0, 30.0, 60.0, 60.0), None),
    ]
    store = MaskStore()
    batch = module.batch([call_of(opened, store, *call) for call in asked])
    single: list[Mask] = []
    for frame, place, without in asked:
        call = call_of(opened, store, frame, place, without)
        with using(call.context):
            single.append(module(**call.arguments))
    module.unload()
    assert batch == single
    assert len(looked) == 3


def test_files_that_are_no_checkpoint_are_refused(tmp_path: Path) -> None:
    import torch

    (tmp_path / "text.pth").write_text("weights")
    with pytest.raises(ModuleFailedError, match="is no checkpoint of SAM"):
        SegmentAtSam().load("cpu", named_weights(str(tmp_path / "text.pth")))
    torch.save({"image_encoder.pos_embed": torch.zeros(1, 2, 2, 5)}, tmp_path / "narrow.pth")
    with pytest.raises(ConfigError, match="is 5 wide"):
        SegmentAtSam().load("cpu", named_weights(str(tmp_path / "narrow.pth")))


def test_module_conforms(checkpoint: Path) -> None:
    bound = replace(SPEC, weights=(named_weights(str(checkpoint)),))
    assert check_module(bound, arguments={"place": Box(20.0, 30.0, 90.0, 80.0)}) == []


def test_a_program_calls_it(home: Path, clip: Path, checkpoint: Path) -> None:
    result = vprog.run(
        clip,
        "mask = segment_at(frame_at(video, 0.5), Box(20.0, 60.0, 60.0, 90.0))\n"
        "answer(mask.area > 0, evidence=[mask])",
        registry=Registry(map(spec_of, (FrameAtIndex, SegmentAtSam))),
        modules={"segment_at": f"SegmentAtSam:{checkpoint}"},
    )
    vprog.close()
    assert result.answer == "yes"
    assert result.evidence[0].supported


def test_our_pictures_for_sam2_are_those_of_the_vendors_processor(
    opened: Opened, tmp_path: Path
) -> None:
    """The image processor of SAM 2 works with torchvision alone; ours stands in for it."""
    from transformers import Sam2ImageProcessor

    from tests.modules.segmentation.tiny_sam2 import SIDE
    from vprog.models.hf.vision import load_vision_model

    folder = save_tiny_sam2(tmp_path)
    model = load_vision_model(str(folder), "cpu", "Sam2Model", has_processor=False)
    picture = opened.source.pixels(Frame(0, 0.5))
    ours = pixel_values(model, [picture])
    processor = Sam2ImageProcessor(size={"height": SIDE, "width": SIDE})
    theirs = processor(images=[picture], return_tensors="pt")["pixel_values"]
    step = 1 / 255 / 0.224  # one of 256 shades
    assert (ours - theirs).abs().max() <= step * 1.01
    assert (ours - theirs).abs().mean() < step / 20


def test_the_module_names_what_fetches_its_weights() -> None:
    assert segment_at_sam.WEIGHTS.command.startswith("curl -L --create-dirs -o ~/.cache/torch/hub")
