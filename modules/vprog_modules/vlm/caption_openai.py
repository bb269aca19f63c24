"""`caption`: one frame in one or two sentences; a model behind a server."""

from __future__ import annotations

from vprog.registry.module import implements
from vprog_modules.vlm.vlm_module import ServerVlmModule
from vprog_modules.vlm.vlm_tasks import CaptionVlm


@implements(
    "caption",
    version="2",
    batch=8,
    needs=("openai",),
    extra="openai",
    rank=20,
    backend="OpenAI-compatible server",
    vlm="openai",
)
class CaptionOpenAI(CaptionVlm, ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""
