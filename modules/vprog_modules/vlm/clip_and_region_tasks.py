"""Further tasks of a vision-language model: clips, regions, actions, whether frames suffice."""

from __future__ import annotations

from vprog.registry.call_context import CallContext, current
from vprog.registry.module import Call
from vprog.types import Box, Frame, Reply
from vprog_modules.vlm.vlm_jobs import Job, choice_job, clip_job, region_job, yes_no_job
from vprog_modules.vlm.vlm_module import VlmModule


class CaptionClipVlm(VlmModule):
    """`caption_clip`."""

    def __call__(self, frames: list[Frame], *, focus: str = "") -> Reply:
        return self.descriptions([clip_job(current(), frames, focus)])[0]

    def batch(self, calls: list[Call]) -> list[Reply]:
        """Several calls at once."""
        return self.descriptions([clip_job(call.context, **call.arguments) for call in calls])  # type: ignore[arg-type]


class DescribeRegionVlm(VlmModule):
    """`describe_region`."""

    def __call__(self, frame: Frame, box: Box, *, focus: str = "") -> Reply:
        return self.descriptions([region_job(current(), frame, box, focus)])[0]

    def batch(self, calls: list[Call]) -> list[Reply]:
        """Several calls at once."""
        return self.descriptions([region_job(call.context, **call.arguments) for call in calls])  # type: ignore[arg-type]


class ClassifyActionVlm(VlmModule):
    """`classify_action`."""

    def __call__(self, frames: list[Frame], actions: list[str], *, sample: int = 0) -> Reply:
        return self.replies([_action_job(current(), frames, actions, sample)])[0]

    def batch(self, calls: list[Call]) -> list[Reply]:
        """Several calls at once."""
        return self.replies([_action_job(call.context, **call.arguments) for call in calls])  # type: ignore[arg-type]


class JudgeSufficientVlm(VlmModule):
    """`judge_sufficient`."""

    def __call__(self, frames: list[Frame], question: str, *, sample: int = 0) -> Reply:
        return self.replies([_sufficient_job(current(), frames, question, sample)])[0]

    def batch(self, calls: list[Call]) -> list[Reply]:
        """Several calls at once."""
        return self.replies([_sufficient_job(call.context, **call.arguments) for call in calls])  # type: ignore[arg-type]


def _action_job(media: CallContext, frames: list[Frame], actions: list[str], sample: int) -> Job:
    question = "Which of these is done in the frames?"
    return choice_job(
        media, frames, question, actions, sample, task="classify_action", argument="actions"
    )


def _sufficient_job(media: CallContext, frames: list[Frame], question: str, sample: int) -> Job:
    order = (
        "Do not answer the question. Say whether these frames show everything that is needed to "
        "answer it with certainty: reply with yes or no."
    )
    return yes_no_job(media, frames, question, sample, task="judge_sufficient", order=order)
