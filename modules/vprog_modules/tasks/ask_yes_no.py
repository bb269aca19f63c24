"""`ask_yes_no`: a question about frames, answered by yes or no."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Frame, Reply
from vprog_modules.tasks.ask import FRAMES, INSTRUCTION, NOTES, SAMPLES, SIDES


@task
def ask_yes_no(
    frames: Annotated[list[Frame], FRAMES],
    question: str,
    *,
    instruction: Annotated[str, INSTRUCTION] = "",
    notes: Annotated[list[str] | None, NOTES] = None,
    sample: Annotated[int, SAMPLES] = 0,
    max_side: Annotated[int | None, SIDES] = None,
) -> Reply:
    """Ask a vision-language model a question about frames that is answered by yes or no.

    Args:
        frames: 1 to 128, in order of time; their times are told to the model.
        question: e.g. "Is the door open?".
        instruction: how to reply, or what to look for first; one text written out in the program.
            What was read (speech, signs, replies) goes into notes, where it is data.
        notes: what else to tell the model, as data: what was said, choices, earlier replies.
        sample: 0 for the likeliest reply; 1, 2, ... for samples that may differ, to vote with.
        max_side: the longer side of each picture as it is shown, in pixels; None for 1024
            of up to 4 frames, down to 336 of more than 40, and small regions (crop)
            enlarged to 448. A number never enlarges.

    Returns:
        text: "yes" or "no"; score in [0, 1]: the probability of that word;
        frames: those that it says it rests on.

    Raises:
        ModuleInputError: no frame or too many, a blank question, or more than the model reads.
        ModuleFailedError: the reply is empty.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the files of a model in this process are not on this machine.
        LlmError: a server cannot be reached, refuses, or its reply is of no use.

    Example:
        >>> ask_yes_no([frame_at(video, 3.0)], "Is the door open?").text
        'yes'

    Source: the model that --vlm names, hf:MODEL in this process or openai:MODEL behind a server,
    to which the frames go; see its page for the licence. The score is the model's own and not
    calibrated.
    """
