"""DINOv2 through transformers: real loading code on a tiny model with random weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")

import vprog
from tests.drawing import draw_video, square_box
from tests.modules.scenes import Opened
from vprog.models.weights import named_weights
from vprog.registry.call_context import CallContext, using
from vprog.registry.module import Call, spec_of
from vprog.registry.registry import Registry
from vprog.testing import check_module
from vprog.types import Box, Detection, Frame
from vprog_modules.objects.match_identity_dinov2 import MatchIdentityDinov2

SPEC = spec_of(MatchIdentityDinov2)


def save_tiny_dinov2(path: Path) -> Path:
    """DINOv2 of two thin layers."""
    import torch
    from transformers import Dinov2Config, Dinov2Model
    from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil

    torch.manual_seed(0)
    model = Dinov2Model(
        Dinov2Config(
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            image_size=56,
            patch_size=14,
        )
    )
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2.0)
    model.save_pretrained(path)
    BitImageProcessorPil(
        size={"shortest_edge": 64}, crop_size={"height": 56, "width": 56}
    ).save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_dinov2(tmp_path_factory.mktemp("dinov2"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 20)


@pytest.fixture(scope="module")
def opened(clip: Path) -> Iterator[Opened]:
    with Opened(clip) as opened:
        yield opened


@pytest.fixture(scope="module")
def matcher(folder: Path) -> Iterator[MatchIdentityDinov2]:
    module = MatchIdentityDinov2()
    module.load("cpu", named_weights(str(folder)))
    yield module
    module.unload()


def square(number: int) -> Detection:
    box = Box(*map(float, square_box(number, 160, 120)))
    return Detection("square", box, 0.9, Frame(0, number / 10))


CORNER = Detection("corner", Box(90.0, 0.0, 160.0, 40.0), 0.9, Frame(0, 1.0))


def test_the_same_thing_elsewhere_is_more_alike_than_another(
    matcher: MatchIdentityDinov2, opened: Opened
) -> None:
    with using(CallContext(opened.source)):
        same = matcher(square(3), square(3))
        moved = matcher(square(3), square(12))
        other = matcher(square(3), CORNER)
    assert same == pytest.approx(1.0, abs=1e-4)
    assert moved > other


def test_likeness_is_the_cosine_of_the_vendors_own_embeddings(
    matcher: MatchIdentityDinov2, opened: Opened, folder: Path
) -> None:
    import torch
    from transformers import AutoImageProcessor, Dinov2Model

    pictures = [
        opened.source.pixels(item.frame._replace(region=item.box)) for item in (square(3), CORNER)
    ]
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    with torch.inference_mode():
        looks = Dinov2Model.from_pretrained(folder).eval()(
            **processor(images=pictures, return_tensors="pt")
        )
    one, other = looks.pooler_output.numpy()
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    with using(CallContext(opened.source)):
        alike = matcher(square(3), CORNER)
    assert alike == pytest.approx(min(1.0, max(0.0, float(cosine))), abs=1e-3)


def test_batch_gives_what_single_calls_give(matcher: MatchIdentityDinov2, opened: Opened) -> None:
    pairs = [(square(3), square(12)), (square(3), CORNER), (CORNER, CORNER)]
    calls = [Call.of(SPEC, {"a": a, "b": b}, CallContext(opened.source)) for a, b in pairs]
    batch = matcher.batch(calls)
    with using(CallContext(opened.source)):
        assert batch == pytest.approx([matcher(a, b) for a, b in pairs], abs=1e-3)


def test_module_conforms(folder: Path) -> None:
    assert check_module(replace(SPEC, weights=(named_weights(str(folder)),))) == []


def test_a_program_calls_it(home: Path, clip: Path, folder: Path) -> None:
    result = vprog.run(
        clip,
        'one = Detection("a", Box(0.0, 60.0, 40.0, 90.0), 0.9, Frame(0, 0.5))\n'
        "answer(match_identity(one, one))",
        registry=Registry([SPEC]),
        modules={"match_identity": f"MatchIdentityDinov2:{folder}"},
    )
    vprog.close()
    assert result.answer == pytest.approx(1.0, abs=1e-4)
