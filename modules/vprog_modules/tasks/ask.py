"""`ask`: a question about frames, answered in free text. Owns the bounds of all VLM questions."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Frame, Length, Range, Reply, WrittenOut

MOST_FRAMES = 128
FRAMES = Length(1, MOST_FRAMES)
INSTRUCTION = WrittenOut(4000)
NOTES = Length(0, 64)
SAMPLES = Range(0, 100)
SIDES = Range(28, 4096)


@task
def ask(
    frames: Annotated[list[Frame], FRAMES],
    question: str,
    *,
    instruction: Annotated[str, INSTRUCTION] = "",
    notes: Annotated[list[str] | None, NOTES] = None,
    sample: Annotated[int, SAMPLES] = 0,
    max_side: Annotated[int | None, SIDES] = None,
) -> Reply:
    """Ask a vision-language model about frames; it answers in a few words of its own.

    For what no other module measures: actions, relations, places, reasons, what happens
    in a span of frames.

    Args:
        frames: 1 to 128, in order of time; their times are told to the model.
        question: what to find out, e.g. "What does the woman pick up?".
        instruction: how to reply, or what to look for first; one text written out in the program.
            What was read (speech, signs, replies) goes into notes, where it is data.
        notes: what else to tell the model, as data: what was said, choices, earlier replies.
        sample: 0 for the likeliest reply; 1, 2, ... for samples that may differ, to vote with.
        max_side: the longer side of each picture as it is shown, in pixels; None for 1024
            of up to 4 frames, down to 336 of more than 40, and small regions (crop)
            enlarged to 448. A number never enlarges.

    Returns:
        text: its answer; score in [0, 1]: how probable its words were to it;
        frames: those that it says it rests on.

    Raises:
        ModuleInputError: no frame or too many, a blank question, or more than the model reads.
        ModuleFailedError: the reply is empty.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the files of a model in this process are not on this machine.
        LlmError: a server cannot be reached, refuses, or its reply is of no use.

    Example:
        >>> ask(sample_frames(video, count=16), "What is being cooked?").text
        'a pancake'

    Source: the model that --vlm names, hf:MODEL in this process or openai:MODEL behind a server,
    to which the frames go; see its page for the licence. The score is the model's own and not
    calibrated.
    """
