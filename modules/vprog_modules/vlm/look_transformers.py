"""Clips, regions, actions and sufficiency; a model in this process."""

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
from vprog_modules.vlm.vlm_module import LocalVlmModule
from vprog_modules.vlm.where_boxes import AskWhereVlm


@implements(
    "caption_clip",
    version="2", batch=4, needs=("torch", "transformers"), extra="hf", rank=30,
    backend="transformers", vlm="hf",
)  # fmt: skip
class CaptionClipTransformers(CaptionClipVlm, LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""


@implements(
    "describe_region",
    version="2", batch=4, needs=("torch", "transformers"), extra="hf", rank=30,
    backend="transformers", vlm="hf",
)  # fmt: skip
class DescribeRegionTransformers(DescribeRegionVlm, LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""


@implements(
    "classify_action", batch=4, needs=("torch", "transformers"), extra="hf", rank=30,
    backend="transformers", vlm="hf",
)  # fmt: skip
class ClassifyActionTransformers(ClassifyActionVlm, LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""


@implements(
    "judge_sufficient", batch=4, needs=("torch", "transformers"), extra="hf", rank=30,
    backend="transformers", vlm="hf",
)  # fmt: skip
class JudgeSufficientTransformers(JudgeSufficientVlm, LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""


@implements(
    "ground_event", needs=("torch", "transformers"), extra="hf", rank=5,
    backend="transformers", vlm="hf",
)  # fmt: skip
class GroundEventTransformers(GroundEventVlm, LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""


@implements(
    "ask_number", batch=4, needs=("torch", "transformers"), extra="hf", rank=30,
    backend="transformers", vlm="hf",
)  # fmt: skip
class AskNumberTransformers(AskNumberVlm, LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""


@implements(
    "ask_count", batch=4, needs=("torch", "transformers"), extra="hf", rank=30,
    backend="transformers", vlm="hf",
)  # fmt: skip
class AskCountTransformers(AskCountVlm, LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""


@implements(
    "ask_time", batch=4, needs=("torch", "transformers"), extra="hf", rank=30,
    backend="transformers", vlm="hf",
)  # fmt: skip
class AskTimeTransformers(AskTimeVlm, LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""


@implements(
    "ask_list", batch=4, needs=("torch", "transformers"), extra="hf", rank=30,
    backend="transformers", vlm="hf",
)  # fmt: skip
class AskListTransformers(AskListVlm, LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""


@implements(
    "ask_where", batch=4, needs=("torch", "transformers"), extra="hf", rank=30,
    backend="transformers", vlm="hf",
)  # fmt: skip
class AskWhereTransformers(AskWhereVlm, LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""


@implements(
    "first_time", needs=("torch", "transformers"), extra="hf", rank=30,
    backend="transformers", vlm="hf",
)  # fmt: skip
class FirstTimeTransformers(FirstTimeVlm, LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""
