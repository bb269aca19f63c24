"""The tasks that a vision-language model does, one class each; where it runs is the backend's."""

from __future__ import annotations

from vprog.registry.call_context import current
from vprog.registry.module import Call
from vprog.types import Frame, Reply
from vprog_modules.vlm.vlm_jobs import ask_job, caption_job, choice_job, yes_no_job
from vprog_modules.vlm.vlm_module import VlmModule


class AskVlm(VlmModule):
    """`ask`."""

    def __call__(
        self,
        frames: list[Frame],
        question: str,
        *,
        instruction: str = "",
        notes: list[str] | None = None,
        sample: int = 0,
        max_side: int | None = None,
    ) -> Reply:
        return self.replies(
            [ask_job(current(), frames, question, sample, max_side, instruction, notes)]
        )[0]

    def batch(self, calls: list[Call]) -> list[Reply]:
        """Several calls at once."""
        return self.replies([ask_job(call.context, **call.arguments) for call in calls])  # type: ignore[arg-type]


class AskChoiceVlm(VlmModule):
    """`ask_choice`."""

    def __call__(
        self,
        frames: list[Frame],
        question: str,
        choices: list[str],
        *,
        instruction: str = "",
        notes: list[str] | None = None,
        sample: int = 0,
        max_side: int | None = None,
    ) -> Reply:
        return self.replies(
            [choice_job(current(), frames, question, choices, sample, max_side, instruction, notes)]
        )[0]

    def batch(self, calls: list[Call]) -> list[Reply]:
        """Several calls at once."""
        return self.replies([choice_job(call.context, **call.arguments) for call in calls])  # type: ignore[arg-type]


class AskYesNoVlm(VlmModule):
    """`ask_yes_no`."""

    def __call__(
        self,
        frames: list[Frame],
        question: str,
        *,
        instruction: str = "",
        notes: list[str] | None = None,
        sample: int = 0,
        max_side: int | None = None,
    ) -> Reply:
        return self.replies(
            [yes_no_job(current(), frames, question, sample, max_side, instruction, notes)]
        )[0]

    def batch(self, calls: list[Call]) -> list[Reply]:
        """Several calls at once."""
        return self.replies([yes_no_job(call.context, **call.arguments) for call in calls])  # type: ignore[arg-type]


class CaptionVlm(VlmModule):
    """`caption`."""

    def __call__(self, frame: Frame, *, focus: str = "") -> Reply:
        return self.descriptions([caption_job(current(), frame, focus)])[0]

    def batch(self, calls: list[Call]) -> list[Reply]:
        """Several calls at once."""
        return self.descriptions([caption_job(call.context, **call.arguments) for call in calls])  # type: ignore[arg-type]
