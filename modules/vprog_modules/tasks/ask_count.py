"""`ask_count`: how many things of one kind frames show."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Frame, Reply
from vprog_modules.tasks.ask import FRAMES, SAMPLES


@task
def ask_count(
    frames: Annotated[list[Frame], FRAMES],
    question: str,
    *,
    sample: Annotated[int, SAMPLES] = 0,
) -> Reply:
    """Ask a vision-language model how many things there are: over all frames, each thing once.

    Models miscount beyond about five: of many small things, ask of parts (crop) and add, or
    count what detect finds.

    Args:
        frames: 1 to 128, in order of time; their times are told to the model.
        question: what to count, e.g. "How many people sit at the table?".
        sample: 0 for the likeliest reply; 1, 2, ... for samples that may differ, to vote with.

    Returns:
        text: the count in digits, whole and not negative: int(reply.text) never fails;
        score in [0, 1]: how probable its words were to the model; frames: those that it says
        it rests on.

    Raises:
        ModuleInputError: no frame or too many, a blank question, or more than the model reads.
        ModuleFailedError: the reply is no count: negative, a fraction, a range, prose.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the files of a model in this process are not on this machine.
        LlmError: a server cannot be reached, refuses, or its reply is of no use.

    Example:
        >>> int(ask_count([frame], "How many cups are on the table?").text)
        3

    Source: the model that --vlm names, hf:MODEL in this process or openai:MODEL behind a server,
    to which the frames go; see its page for the licence. The score is the model's own and not
    calibrated.
    """
