"""Clips, regions, actions and sufficiency; a model behind a server."""

from __future__ import annotations

from vprog.registry.module import implements
from vprog_modules.vlm.clip_and_region_tasks import (
    CaptionClipVlm,
    ClassifyActionVlm,
    DescribeRegionVlm,
    JudgeSufficientVlm,
)
from vprog_modules.vlm.event_spans import GroundEventVlm
from vprog_modules.vlm.number_time_list_tasks import (
    AskCountVlm,
    AskListVlm,
    AskNumberVlm,
    AskTimeVlm,
)
from vprog_modules.vlm.time_halving import FirstTimeVlm
from vprog_modules.vlm.vlm_module import ServerVlmModule
from vprog_modules.vlm.where_boxes import AskWhereVlm


@implements(
    "caption_clip",
    version="2", batch=8, needs=("openai",), extra="openai", rank=20,
    backend="OpenAI-compatible server", vlm="openai",
)  # fmt: skip
class CaptionClipOpenAI(CaptionClipVlm, ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""


@implements(
    "describe_region",
    version="2", batch=8, needs=("openai",), extra="openai", rank=20,
    backend="OpenAI-compatible server", vlm="openai",
)  # fmt: skip
class DescribeRegionOpenAI(DescribeRegionVlm, ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""


@implements(
    "classify_action", batch=8, needs=("openai",), extra="openai", rank=20,
    backend="OpenAI-compatible server", vlm="openai",
)  # fmt: skip
class ClassifyActionOpenAI(ClassifyActionVlm, ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""


@implements(
    "judge_sufficient", batch=8, needs=("openai",), extra="openai", rank=20,
    backend="OpenAI-compatible server", vlm="openai",
)  # fmt: skip
class JudgeSufficientOpenAI(JudgeSufficientVlm, ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""


@implements(
    "ground_event", needs=("openai",), extra="openai", rank=5,
    backend="OpenAI-compatible server", vlm="openai",
)  # fmt: skip
class GroundEventOpenAI(GroundEventVlm, ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""


@implements(
    "ask_number", batch=8, needs=("openai",), extra="openai", rank=20,
    backend="OpenAI-compatible server", vlm="openai",
)  # fmt: skip
class AskNumberOpenAI(AskNumberVlm, ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""


@implements(
    "ask_count", batch=8, needs=("openai",), extra="openai", rank=20,
    backend="OpenAI-compatible server", vlm="openai",
)  # fmt: skip
class AskCountOpenAI(AskCountVlm, ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""


@implements(
    "ask_time", batch=8, needs=("openai",), extra="openai", rank=20,
    backend="OpenAI-compatible server", vlm="openai",
)  # fmt: skip
class AskTimeOpenAI(AskTimeVlm, ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""


@implements(
    "ask_list", batch=8, needs=("openai",), extra="openai", rank=20,
    backend="OpenAI-compatible server", vlm="openai",
)  # fmt: skip
class AskListOpenAI(AskListVlm, ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""


@implements(
    "ask_where", batch=8, needs=("openai",), extra="openai", rank=20,
    backend="OpenAI-compatible server", vlm="openai",
)  # fmt: skip
class AskWhereOpenAI(AskWhereVlm, ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""


@implements(
    "first_time", needs=("openai",), extra="openai", rank=20,
    backend="OpenAI-compatible server", vlm="openai",
)  # fmt: skip
class FirstTimeOpenAI(FirstTimeVlm, ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""
