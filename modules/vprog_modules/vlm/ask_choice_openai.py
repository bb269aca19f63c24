"""`ask_choice`: a question with choices about frames; a model behind a server."""

from __future__ import annotations

from typing import Annotated

from vprog.media.source import current
from vprog.registry.module import Call, module
from vprog.types import Frame, Reply
from vprog_modules.vlm.vlm_jobs import CHOICES, FRAMES, SAMPLES, SIDES, choice_job
from vprog_modules.vlm.vlm_module import ServerVlmModule


@module(
    "ask_choice",
    batch=8,
    needs=("openai",),
    extra="openai",
    rank=20,
    backend="OpenAI-compatible server",
    vlm="openai",
)
class AskChoiceOpenAI(ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""

    def __call__(
        self,
        frames: Annotated[list[Frame], FRAMES],
        question: str,
        choices: Annotated[list[str], CHOICES],
        *,
        sample: Annotated[int, SAMPLES] = 0,
        max_side: Annotated[int | None, SIDES] = None,
    ) -> Reply:
        """Ask a vision-language model which of several texts answers a question about frames.

        Args:
            frames: 1 to 128, in order of time; their times are told to the model.
            question: what to find out.
            choices: 2 to 26 different texts.
            sample: 0 for the likeliest reply; 1, 2, ... for draws that may differ, to vote with.
            max_side: the longer side of each picture as it is shown, in pixels; None for 1024
                of up to 4 frames, down to 336 of more than 40. It never enlarges.

        Returns:
            text: the choice; choice: its index; score in [0, 1]: the probability of its letter.

        Raises:
            ModuleInputError: no frame or too many, or a blank question.
            NoVideoStreamError: the file has no picture.
            LlmError: the server cannot be reached, refuses, or its reply is of no use.

        Example:
            >>> reply = ask_choice(frames, "What is she holding?", ["a cup", "a book"])
            >>> choices[reply.choice]
            'a cup'

        Source: the model that --vlm openai:MODEL names; the frames go to that server. The score
        is the model's own and not calibrated.
        """
        return self.replies([choice_job(current(), frames, question, choices, sample, max_side)])[0]

    def batch(self, calls: list[Call]) -> list[Reply]:
        """Several calls at once."""
        jobs = [choice_job(call.media, **call.arguments) for call in calls]  # type: ignore[arg-type]
        return self.replies(jobs)
