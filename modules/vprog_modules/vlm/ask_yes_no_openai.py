"""`ask_yes_no`: a question about frames, answered by yes or no; a model behind a server."""

from __future__ import annotations

from vprog.registry.module import implements
from vprog_modules.vlm.vlm_module import ServerVlmModule
from vprog_modules.vlm.vlm_tasks import AskYesNoVlm


@implements(
    "ask_yes_no",
    batch=8,
    needs=("openai",),
    extra="openai",
    rank=20,
    backend="OpenAI-compatible server",
    vlm="openai",
)
class AskYesNoOpenAI(AskYesNoVlm, ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""
