"""`caption`: one frame in one or two sentences; a model in this process."""

from __future__ import annotations

from vprog.registry.module import implements
from vprog_modules.vlm.vlm_module import LocalVlmModule
from vprog_modules.vlm.vlm_tasks import CaptionVlm


@implements(
    "caption",
    version="2",
    batch=4,
    needs=("torch", "transformers"),
    extra="hf",
    rank=30,
    backend="transformers",
    vlm="hf",
)
class CaptionTransformers(CaptionVlm, LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""
