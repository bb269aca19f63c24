"""`ask_choice`: a question with choices about frames; a model in this process."""

from __future__ import annotations

from vprog.registry.module import implements
from vprog_modules.vlm.vlm_module import LocalVlmModule
from vprog_modules.vlm.vlm_tasks import AskChoiceVlm


@implements(
    "ask_choice",
    batch=4,
    needs=("torch", "transformers"),
    extra="hf",
    rank=30,
    backend="transformers",
    vlm="hf",
)
class AskChoiceTransformers(AskChoiceVlm, LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""
