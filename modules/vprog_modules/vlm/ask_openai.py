"""`ask`: a question about frames, answered in free text; a model behind a server."""

from __future__ import annotations

from vprog.registry.module import implements
from vprog_modules.vlm.vlm_module import ServerVlmModule
from vprog_modules.vlm.vlm_tasks import AskVlm


@implements(
    "ask",
    batch=8,
    needs=("openai",),
    extra="openai",
    rank=20,
    backend="OpenAI-compatible server",
    vlm="openai",
)
class AskOpenAI(AskVlm, ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""
