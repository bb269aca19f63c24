"""RAFT of torchvision: checkpoints of random weights, read by the ordinary path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vprog
from tests.drawing import draw_video
from tests.modules.scenes import Opened
from tests.torchvision_here import needs_torchvision
from vprog.errors import ModuleFailedError
from vprog.models.weights import named_weights
from vprog.registry.call_context import using
from vprog.registry.module import spec_of
from vprog.registry.registry import Registry
from vprog.testing import check_module
from vprog.types import Box, Span
from vprog_modules.motion import measure_flow_raft
from vprog_modules.motion.measure_flow_raft import MeasureFlowRaft

pytestmark = needs_torchvision("cv2")

SPEC = spec_of(MeasureFlowRaft)


def save(path: Path, kind: str) -> Path:
    """A checkpoint of random weights, in the file that torchvision itself would load."""
    import torch
    from torchvision.models import optical_flow

    torch.manual_seed(0)
    network = getattr(optical_flow, kind)(weights=None)
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("raft") / "raft_small.pth", "raft_small")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 8)


@pytest.fixture(scope="module")
def opened(clip: Path) -> Iterator[Opened]:
    with Opened(clip) as opened:
        yield opened


@pytest.fixture(scope="module")
def raft(checkpoint: Path) -> Iterator[MeasureFlowRaft]:
    module = MeasureFlowRaft()
    module.load("cpu", named_weights(str(checkpoint)))
    yield module
    module.unload()


def pictures_of(opened: Opened, n: int) -> list[Any]:
    return [opened.source.pixels(vprog.types.Frame(0, 0.1 * at)) for at in range(n)]


def test_flow_is_that_of_the_vendors_own_network_and_preparation(
    raft: MeasureFlowRaft, opened: Opened, checkpoint: Path
) -> None:
    import torch
    from torchvision.models.optical_flow import raft_small
    from torchvision.transforms._presets import OpticalFlow

    network = raft_small(weights=None).eval()
    network.load_state_dict(torch.load(checkpoint, weights_only=True))
    pictures = [picture[:, :, :] for picture in pictures_of(opened, 2)]  # 120 x 160 pixels
    before, after = OpticalFlow()(*(torch.from_numpy(one).permute(2, 0, 1) for one in pictures))
    more = torch.nn.ReplicationPad2d((0, 0, 0, 8))  # to 128 rows, the least that it takes
    with torch.inference_mode():
        theirs = network(more(before[None]), more(after[None]))[-1][0, :, :120]
    (ours,) = raft.flows(pictures)
    assert ours.shape == (120, 160, 2)
    assert np.abs(ours - theirs.permute(1, 2, 0).numpy()).max() < 1e-3


def test_pairs_together_give_what_they_give_one_by_one(
    raft: MeasureFlowRaft, opened: Opened
) -> None:
    pictures = pictures_of(opened, 5)
    together = raft.flows(pictures)
    alone = [raft.flows(pictures[at : at + 2])[0] for at in range(4)]
    assert len(together) == 4
    for one, other in zip(together, alone, strict=True):
        assert np.abs(one - other).max() < 1e-3
    assert np.abs(together[0] - together[1]).max() > 0.01


@pytest.mark.parametrize("along", ["right", "down", "speed"])
def test_velocity_is_in_pixels_of_the_displayed_picture_and_seconds(
    along: str, tmp_path: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that sees everything go 3 pixels right and 4 up, of a picture shown at half."""
    import torch

    module = MeasureFlowRaft()
    module.load("cpu", named_weights(str(checkpoint)))
    flow = torch.tensor([3.0, -4.0])[None, :, None, None]
    shapes: list[tuple[int, ...]] = []

    def network(before: Any, after: Any) -> list[Any]:
        shapes.append(tuple(before.shape))
        return [flow.expand(len(before), 2, *before.shape[2:])]

    module._network = network
    path = draw_video(tmp_path / "wide.mp4", 6, size=(960, 200))
    with Opened(path) as opened, using(opened.context):
        levels = module(opened.video, along, fps=10.0)  # type: ignore[arg-type]
        part = module(opened.video, along, region=Box(900.0, 0.0, 960.0, 9.0), span=Span(0.0, 0.2))
    expected = {"right": 60.0, "down": -80.0, "speed": 100.0}[along]
    assert [level.value for level in levels] == pytest.approx([expected] * 5)
    assert [level.time for level in levels] == pytest.approx([0.05, 0.15, 0.25, 0.35, 0.45])
    assert [level.value for level in part] == pytest.approx([expected] * 2)
    assert shapes == [(4, 3, 128, 480), (1, 3, 128, 480), (2, 3, 128, 480)]


@pytest.mark.parametrize("kind", ["raft_large", "raft_small"])
def test_a_checkpoint_is_of_the_large_network_or_of_the_small_one(
    kind: str, tmp_path: Path
) -> None:
    module = MeasureFlowRaft()
    module.load("cpu", named_weights(str(save(tmp_path / "flow.pth", kind))))
    has_mask = module._network.mask_predictor is not None
    assert has_mask == (kind == "raft_large")
    module.unload()


def test_files_that_are_no_checkpoint_are_refused(tmp_path: Path) -> None:
    import torch

    (tmp_path / "text.pth").write_text("weights")
    torch.save({"image_encoder.pos_embed": torch.zeros(1)}, tmp_path / "other.pth")
    for name in ("text.pth", "other.pth"):
        with pytest.raises(ModuleFailedError, match="is no checkpoint of RAFT"):
            MeasureFlowRaft().load("cpu", named_weights(str(tmp_path / name)))


def test_module_conforms(checkpoint: Path) -> None:
    assert check_module(replace(SPEC, weights=(named_weights(str(checkpoint)),))) == []


def test_a_program_calls_it(home: Path, clip: Path, checkpoint: Path) -> None:
    result = vprog.run(
        clip,
        "levels = measure_flow(video)\nanswer(len(levels), evidence=levels)",
        registry=Registry([SPEC]),
        modules={"measure_flow": f"MeasureFlowRaft:{checkpoint}"},
    )
    vprog.close()
    assert result.answer == 7
    assert result.evidence[0].supported


def test_the_published_checkpoint_is_that_of_torchvision_and_the_module_names_what_fetches_it() -> (
    None
):
    from torchvision.models.optical_flow import Raft_Large_Weights

    published = Raft_Large_Weights.DEFAULT
    assert measure_flow_raft.WEIGHTS.command.endswith(published.url)
    size_mb = published.meta["_file_size"]
    assert measure_flow_raft.WEIGHTS.size_mb == pytest.approx(size_mb, abs=1)
