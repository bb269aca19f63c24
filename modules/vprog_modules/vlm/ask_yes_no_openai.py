"""`ask_yes_no`: a question about frames, answered by yes or no; a model behind a server."""

from __future__ import annotations

from typing import Annotated

from vprog.media.source import current
from vprog.registry.module import Call, module
from vprog.types import Frame, Reply
from vprog_modules.vlm.vlm_jobs import FRAMES, SAMPLES, SIDES, yes_no_job
from vprog_modules.vlm.vlm_module import ServerVlmModule


@module(
    "ask_yes_no",
    batch=8,
    needs=("openai",),
    extra="openai",
    rank=20,
    backend="OpenAI-compatible server",
    vlm="openai",
)
class AskYesNoOpenAI(ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""

    def __call__(
        self,
        frames: Annotated[list[Frame], FRAMES],
        question: str,
        *,
        sample: Annotated[int, SAMPLES] = 0,
        max_side: Annotated[int | None, SIDES] = None,
    ) -> Reply:
        """Ask a vision-language model a question about frames that is answered by yes or no.

        Args:
            frames: 1 to 128, in order of time; their times are told to the model.
            question: e.g. "Is the door open?".
            sample: 0 for the likeliest reply; 1, 2, ... for draws that may differ, to vote with.
            max_side: the longer side of each picture as it is shown, in pixels; None for 1024
                of up to 4 frames, down to 336 of more than 40. It never enlarges.

        Returns:
            text: "yes" or "no"; score in [0, 1]: the probability of that word.

        Raises:
            ModuleInputError: no frame or too many, or a blank question.
            NoVideoStreamError: the file has no picture.
            LlmError: the server cannot be reached, refuses, or its reply is of no use.

        Example:
            >>> ask_yes_no([frame_at(video, 3.0)], "Is the door open?").text
            'yes'

        Source: the model that --vlm openai:MODEL names; the frames go to that server. The score
        is the model's own and not calibrated.
        """
        return self.replies([yes_no_job(current(), frames, question, sample, max_side)])[0]

    def batch(self, calls: list[Call]) -> list[Reply]:
        """Several calls at once."""
        jobs = [yes_no_job(call.media, **call.arguments) for call in calls]  # type: ignore[arg-type]
        return self.replies(jobs)
