"""`ask_time`: a question about frames whose answer is a time."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Frame, Reply
from vprog_modules.tasks.ask import FRAMES, SAMPLES


@task
def ask_time(
    frames: Annotated[list[Frame], FRAMES],
    question: str,
    *,
    sample: Annotated[int, SAMPLES] = 0,
) -> Reply:
    """Ask a vision-language model at what time something can be seen in the frames.

    It is no finer than the frames lie apart; first_time looks closer by itself.

    Args:
        frames: 1 to 128, in order of time; their times are told to the model.
        question: when what happens, e.g. "When does she stand up?".
        sample: 0 for the likeliest reply; 1, 2, ... for samples that may differ, to vote with.

    Returns:
        text: seconds of the video in digits, between the first and the last frame:
        float(reply.text) never fails; score in [0, 1]: how probable its words were to the
        model; frames: those that it says it rests on, or the nearest.

    Raises:
        ModuleInputError: no frame or too many, a blank question, or more than the model reads.
        ModuleFailedError: the reply is no time, or one that was not shown.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the files of a model in this process are not on this machine.
        LlmError: a server cannot be reached, refuses, or its reply is of no use.

    Example:
        >>> float(ask_time(sample_frames(video, count=32), "When does the ball fall?").text)
        12.5

    Source: the model that --vlm names, hf:MODEL in this process or openai:MODEL behind a server,
    to which the frames go; see its page for the licence. The score is the model's own and not
    calibrated.
    """
