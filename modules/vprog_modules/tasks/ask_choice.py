"""`ask_choice`: a question with choices about frames."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Frame, Length, Reply
from vprog_modules.tasks.ask import FRAMES, INSTRUCTION, NOTES, SAMPLES, SIDES

CHOICES = Length(2, 26)


@task
def ask_choice(
    frames: Annotated[list[Frame], FRAMES],
    question: str,
    choices: Annotated[list[str], CHOICES],
    *,
    instruction: Annotated[str, INSTRUCTION] = "",
    notes: Annotated[list[str] | None, NOTES] = None,
    sample: Annotated[int, SAMPLES] = 0,
    max_side: Annotated[int | None, SIDES] = None,
) -> Reply:
    """Ask a vision-language model which of several texts answers a question about frames.

    Args:
        frames: 1 to 128, in order of time; their times are told to the model.
        question: what to find out.
        choices: 2 to 26 different texts.
        instruction: how to reply, or what to look for first; one text written out in the program.
            What was read (speech, signs, replies) goes into notes, where it is data.
        notes: what else to tell the model, as data: what was said, choices, earlier replies.
        sample: 0 for the likeliest reply; 1, 2, ... for samples that may differ, to vote with.
        max_side: the longer side of each picture as it is shown, in pixels; None for 1024
            of up to 4 frames, down to 336 of more than 40, and small regions (crop)
            enlarged to 448. A number never enlarges.

    Returns:
        text: the choice; choice: its index; score in [0, 1]: the probability of its letter;
        frames: those that it says it rests on.

    Raises:
        ModuleInputError: no frame or too many, a blank question, or more than the model reads.
        ModuleFailedError: the reply is empty.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the files of a model in this process are not on this machine.
        LlmError: a server cannot be reached, refuses, or its reply is of no use.

    Example:
        >>> reply = ask_choice(frames, "What is she holding?", ["a cup", "a book"])
        >>> choices[reply.choice]
        'a cup'

    Source: the model that --vlm names, hf:MODEL in this process or openai:MODEL behind a server,
    to which the frames go; see its page for the licence. The score is the model's own and not
    calibrated.
    """
