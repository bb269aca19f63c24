"""`classify_action`: which of several things is done."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Frame, Length, Reply
from vprog_modules.tasks.ask import FRAMES, SAMPLES


@task
def classify_action(
    frames: Annotated[list[Frame], FRAMES],
    actions: Annotated[list[str], Length(2, 26)],
    *,
    sample: Annotated[int, SAMPLES] = 0,
) -> Reply:
    """Say which of several things is done in frames, by a vision-language model.

    It names one even if none is done: give "none of these" as an action where that may be.

    Args:
        frames: 1 to 128, in order of time; a few of one second up to some ten seconds.
        actions: 2 to 26 different phrases, e.g. ["opens the door", "closes the door"].
        sample: 0 for the likeliest reply; 1, 2, ... for samples that may differ, to vote with.

    Returns:
        text: the action; choice: its index; score in [0, 1]: the probability of its letter;
        frames: those that it says it rests on.

    Raises:
        ModuleInputError: no frame or too many, or actions that are blank or alike.
        ModuleFailedError: the reply names none of the actions.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the files of a model in this process are not on this machine.
        LlmError: a server cannot be reached, refuses, or its reply is of no use.

    Example:
        >>> classify_action(frames, ["opens the door", "closes the door"]).text
        'closes the door'

    Source: the model that --vlm names, hf:MODEL in this process or openai:MODEL behind a server,
    to which the frames go; see its page for the licence. The score is the model's own and not
    calibrated.
    """
