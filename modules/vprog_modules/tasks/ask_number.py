"""`ask_number`: a question about frames whose answer is a number."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Frame, Reply
from vprog_modules.tasks.ask import FRAMES, SAMPLES


@task
def ask_number(
    frames: Annotated[list[Frame], FRAMES],
    question: str,
    *,
    sample: Annotated[int, SAMPLES] = 0,
) -> Reply:
    """Ask a vision-language model for a number that frames show: a score, a price, a speed.

    What is no number is an error here, so that float(reply.text) never fails. To count things,
    take ask_count.

    Args:
        frames: 1 to 128, in order of time; their times are told to the model.
        question: what to read or to estimate, e.g. "What speed does the dial show, in km/h?".
        sample: 0 for the likeliest reply; 1, 2, ... for samples that may differ, to vote with.

    Returns:
        text: the number in digits; score in [0, 1]: how probable its words were to the model;
        frames: those that it says it rests on.

    Raises:
        ModuleInputError: no frame or too many, a blank question, or more than the model reads.
        ModuleFailedError: the reply is no number, or not finite.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the files of a model in this process are not on this machine.
        LlmError: a server cannot be reached, refuses, or its reply is of no use.

    Example:
        >>> float(ask_number([frame], "What price is on the sign?").text)
        4.5

    Source: the model that --vlm names, hf:MODEL in this process or openai:MODEL behind a server,
    to which the frames go; see its page for the licence. The score is the model's own and not
    calibrated.
    """
