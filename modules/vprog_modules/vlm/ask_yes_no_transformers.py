"""`ask_yes_no`: a question about frames, answered by yes or no; a model in this process."""

from __future__ import annotations

from vprog.registry.module import implements
from vprog_modules.vlm.vlm_module import LocalVlmModule
from vprog_modules.vlm.vlm_tasks import AskYesNoVlm


@implements(
    "ask_yes_no",
    batch=4,
    needs=("torch", "transformers"),
    extra="hf",
    rank=30,
    backend="transformers",
    vlm="hf",
)
class AskYesNoTransformers(AskYesNoVlm, LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""
