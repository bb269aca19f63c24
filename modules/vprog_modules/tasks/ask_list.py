"""`ask_list`: a question about frames whose answer is several texts."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Frame, Reply
from vprog_modules.tasks.ask import FRAMES, SAMPLES


@task
def ask_list(
    frames: Annotated[list[Frame], FRAMES],
    question: str,
    *,
    sample: Annotated[int, SAMPLES] = 0,
) -> list[Reply]:
    """Ask a vision-language model for all of several things: names, colours, steps, objects.

    Args:
        frames: 1 to 128, in order of time; their times are told to the model.
        question: what to list, e.g. "Which dishes stand on the table?".
        sample: 0 for the likeliest reply; 1, 2, ... for samples that may differ, to vote with.

    Returns:
        One reply for each item, in the model's order, each item once; text: the item; score in
        [0, 1]: how probable the words of the whole list were to it; frames: those that it says
        the list rests on. Empty if it sees none.

    Raises:
        ModuleInputError: no frame or too many, a blank question, or more than the model reads.
        ModuleFailedError: the reply is no list of texts.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the files of a model in this process are not on this machine.
        LlmError: a server cannot be reached, refuses, or its reply is of no use.

    Example:
        >>> [item.text for item in ask_list(frames, "Which fruits are cut?")]
        ['apple', 'pear']

    Source: the model that --vlm names, hf:MODEL in this process or openai:MODEL behind a server,
    to which the frames go; see its page for the licence. The score is the model's own and not
    calibrated.
    """
