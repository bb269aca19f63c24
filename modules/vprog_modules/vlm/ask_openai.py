"""`ask`: a question about frames, answered in free text; a model behind a server."""

from __future__ import annotations

from typing import Annotated

from vprog.media.source import current
from vprog.registry.module import Call, module
from vprog.types import Frame, Reply
from vprog_modules.vlm.vlm_jobs import FRAMES, SAMPLES, SIDES, ask_job
from vprog_modules.vlm.vlm_module import ServerVlmModule


@module(
    "ask",
    batch=8,
    needs=("openai",),
    extra="openai",
    rank=20,
    backend="OpenAI-compatible server",
    vlm="openai",
)
class AskOpenAI(ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""

    def __call__(
        self,
        frames: Annotated[list[Frame], FRAMES],
        question: str,
        *,
        sample: Annotated[int, SAMPLES] = 0,
        max_side: Annotated[int | None, SIDES] = None,
    ) -> Reply:
        """Ask a vision-language model about frames; it answers in a few words of its own.

        For what no other module measures: actions, relations, places, reasons, what happens
        in a stretch of frames.

        Args:
            frames: 1 to 128, in order of time; their times are told to the model.
            question: what to find out, e.g. "What does the woman pick up?".
            sample: 0 for the likeliest reply; 1, 2, ... for draws that may differ, to vote with.
            max_side: the longer side of each picture as it is shown, in pixels; None for 1024
                of up to 4 frames, down to 336 of more than 40. It never enlarges.

        Returns:
            text: its answer; score in [0, 1]: how probable its words were to it.

        Raises:
            ModuleInputError: no frame or too many, or a blank question.
            NoVideoStreamError: the file has no picture.
            LlmError: the server cannot be reached, refuses, or its reply is of no use.

        Example:
            >>> ask(sample_frames(video, count=16), "What is being cooked?").text
            'a pancake'

        Source: the model that --vlm openai:MODEL names; the frames go to that server. The score
        is the model's own and not calibrated.
        """
        return self.replies([ask_job(current(), frames, question, sample, max_side)])[0]

    def batch(self, calls: list[Call]) -> list[Reply]:
        """Several calls at once."""
        jobs = [ask_job(call.media, **call.arguments) for call in calls]  # type: ignore[arg-type]
        return self.replies(jobs)
