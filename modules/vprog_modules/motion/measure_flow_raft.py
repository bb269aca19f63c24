"""`measure_flow` by RAFT, through torchvision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from vprog.errors import ModuleFailedError, PackageMissingError
from vprog.models.device import give_back_memory
from vprog.models.weights import Weights
from vprog.registry.module import implements
from vprog.types import Box, Level, Span, Video
from vprog_modules.motion.flow_levels import flow_levels

if TYPE_CHECKING:
    from vprog_modules.motion.flow_levels import Flow, Picture

_NAME = "raft_large_C_T_SKHT_V2-ff5fadd5.pth"
_FILE = f"~/.cache/torch/hub/checkpoints/{_NAME}"
WEIGHTS = Weights(
    _FILE,
    "ff5fadd5",
    licence="BSD-3-Clause",
    size_mb=20,
    command=f"curl -L --create-dirs -o {_FILE} https://download.pytorch.org/models/{_NAME}",
)
AT_ONCE = 4
"""Pairs that go through the network together: some 0.1 GB each at 480 x 270 pixels."""

MULTIPLE, LEAST_SIDE = 8, 128
"""What the network takes: sides of whole cells, and enough of them for its four levels."""

_ONLY_LARGE = "mask_predictor.conv.weight"
"""A tensor that the small network has not: a checkpoint does not say which it is of."""


@implements(
    "measure_flow",
    needs=("torch", "torchvision", "cv2"),
    extra="raft",
    weights=(WEIGHTS,),
    takes_weights=True,
    memory_mb=500,
    rank=5,
    backend="RAFT (torchvision)",
)
class MeasureFlowRaft:
    """Below DIS by rank: without a GPU it takes some 300 times as long, seconds for each pair."""

    def load(self, device: str, weights: Weights) -> None:
        """Read a checkpoint of torchvision's `raft_large` or `raft_small`."""
        flow = _import_flow()
        import torch

        path = weights.verified()
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
            network = (flow.raft_large if _ONLY_LARGE in state else flow.raft_small)(weights=None)
            network.load_state_dict(state)
        except Exception as error:  # what torch raises of a file that is none differs by version
            raise ModuleFailedError(
                f"measure_flow/MeasureFlowRaft: {path} is no checkpoint of RAFT: "
                f"{' '.join(str(error).split())[:100]}.",
                hint=f"Name a file such as {_NAME}.",
            ) from error
        self._device = device
        self._network: Any = network.to(device).eval()

    def unload(self) -> None:
        """Let the network go."""
        del self._network
        give_back_memory(self._device.partition(":")[0])

    def __call__(
        self,
        video: Video,
        along: Literal["speed", "right", "down"] = "speed",
        *,
        region: Box | None = None,
        span: Span | None = None,
        fps: float = 10.0,
    ) -> list[Level]:
        """
        Source: Z. Teed and J. Deng, "RAFT: recurrent all-pairs field transforms for optical
        flow", ECCV 2020; code and weights of torchvision (BSD-3-Clause), the weights trained on
        data that is free for research alone (Sintel, KITTI, FlyingThings3D, HD1K).
        """
        return flow_levels(video, along, region, span, fps, self.flows, at_once=AT_ONCE)

    def flows(self, pictures: Sequence[Picture]) -> list[Flow]:
        """The flow of each picture to the next; all pairs go through the network together."""
        import numpy as np
        import torch

        height, width = pictures[0].shape[:2]
        shown = torch.from_numpy(np.stack(pictures)).to(self._device)
        shown = shown.permute(0, 3, 1, 2).float() / 127.5 - 1.0  # (N, 3, H, W) in [-1, 1]
        padding = (0, _beyond(width), 0, _beyond(height))
        padded = torch.nn.functional.pad(shown, padding, mode="replicate")
        with torch.inference_mode():
            flow = self._network(padded[:-1], padded[1:])[-1]  # its last, finest estimate
        cut = flow[:, :, :height, :width].permute(0, 2, 3, 1)
        return list(cut.float().cpu().numpy())


def _beyond(side: int) -> int:
    """How many pixels a side is short of what the network takes."""
    return max(LEAST_SIDE, -(-side // MULTIPLE) * MULTIPLE) - side


def _import_flow() -> Any:
    """The optical flow of torchvision.

    Raises:
        PackageMissingError: it does not import, whatever the reason.
    """
    try:
        from torchvision.models import optical_flow
    except Exception as error:  # a torchvision that does not fit its torch raises anything
        raise PackageMissingError(
            "measure_flow/MeasureFlowRaft is not available, because torchvision does not import: "
            f"{error}.",
            hint='Run: pip install "vprog[raft]" (torchvision must fit torch)',
        ) from error
    return optical_flow
