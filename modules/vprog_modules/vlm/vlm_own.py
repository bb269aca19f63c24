"""All tasks of a vision-language model by one of the caller's own.

`vprog.solve(video, question, vlm=my_vlm)` hands it in; what it must have,
vprog.models.vision_language_model says.
"""

from __future__ import annotations

from vprog.registry.module import VlmSpec, implements
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
from vprog_modules.vlm.vlm_module import VlmModule
from vprog_modules.vlm.vlm_tasks import AskChoiceVlm, AskVlm, AskYesNoVlm, CaptionVlm
from vprog_modules.vlm.where_boxes import AskWhereVlm


class OwnVlmModule(VlmModule):
    """Its model is the caller's: used, and never closed."""

    def load(self, device: str, vlm: VlmSpec) -> None:
        """Take the model."""
        self._backend = vlm.backend

    def unload(self) -> None:
        """Forget the model; closing it is its owner's."""
        self._backend = None


@implements("ask", batch=8, rank=40, backend="VLM of the caller", vlm="own")
class AskOwn(AskVlm, OwnVlmModule):
    """Shows frames to the object that was given as `vlm`."""


@implements("ask_choice", batch=8, rank=40, backend="VLM of the caller", vlm="own")
class AskChoiceOwn(AskChoiceVlm, OwnVlmModule):
    """Shows frames to the object that was given as `vlm`."""


@implements("ask_yes_no", batch=8, rank=40, backend="VLM of the caller", vlm="own")
class AskYesNoOwn(AskYesNoVlm, OwnVlmModule):
    """Shows frames to the object that was given as `vlm`."""


@implements("caption", version="2", batch=8, rank=40, backend="VLM of the caller", vlm="own")
class CaptionOwn(CaptionVlm, OwnVlmModule):
    """Shows frames to the object that was given as `vlm`."""


@implements("caption_clip", version="2", batch=8, rank=40, backend="VLM of the caller", vlm="own")
class CaptionClipOwn(CaptionClipVlm, OwnVlmModule):
    """Shows frames to the object that was given as `vlm`."""


@implements(
    "describe_region", version="2", batch=8, rank=40, backend="VLM of the caller", vlm="own"
)
class DescribeRegionOwn(DescribeRegionVlm, OwnVlmModule):
    """Shows frames to the object that was given as `vlm`."""


@implements("classify_action", batch=8, rank=40, backend="VLM of the caller", vlm="own")
class ClassifyActionOwn(ClassifyActionVlm, OwnVlmModule):
    """Shows frames to the object that was given as `vlm`."""


@implements("judge_sufficient", batch=8, rank=40, backend="VLM of the caller", vlm="own")
class JudgeSufficientOwn(JudgeSufficientVlm, OwnVlmModule):
    """Shows frames to the object that was given as `vlm`."""


@implements("ground_event", rank=5, backend="VLM of the caller", vlm="own")
class GroundEventOwn(GroundEventVlm, OwnVlmModule):
    """Shows frames to the object that was given as `vlm`."""


@implements("ask_number", batch=8, rank=40, backend="VLM of the caller", vlm="own")
class AskNumberOwn(AskNumberVlm, OwnVlmModule):
    """Shows frames to the object that was given as `vlm`."""


@implements("ask_count", batch=8, rank=40, backend="VLM of the caller", vlm="own")
class AskCountOwn(AskCountVlm, OwnVlmModule):
    """Shows frames to the object that was given as `vlm`."""


@implements("ask_time", batch=8, rank=40, backend="VLM of the caller", vlm="own")
class AskTimeOwn(AskTimeVlm, OwnVlmModule):
    """Shows frames to the object that was given as `vlm`."""


@implements("ask_list", batch=8, rank=40, backend="VLM of the caller", vlm="own")
class AskListOwn(AskListVlm, OwnVlmModule):
    """Shows frames to the object that was given as `vlm`."""


@implements("ask_where", batch=8, rank=40, backend="VLM of the caller", vlm="own")
class AskWhereOwn(AskWhereVlm, OwnVlmModule):
    """Shows frames to the object that was given as `vlm`."""


@implements("first_time", rank=40, backend="VLM of the caller", vlm="own")
class FirstTimeOwn(FirstTimeVlm, OwnVlmModule):
    """Shows frames to the object that was given as `vlm`."""
