"""`ask`: a question about frames, answered in free text; a model in this process."""

from __future__ import annotations

from vprog.registry.module import implements
from vprog_modules.vlm.vlm_module import LocalVlmModule
from vprog_modules.vlm.vlm_tasks import AskVlm


@implements(
    "ask",
    batch=4,
    needs=("torch", "transformers"),
    extra="hf",
    rank=30,
    backend="transformers",
    vlm="hf",
)
class AskTransformers(AskVlm, LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""
