"""`caption_clip`: what happens over several frames, in a few sentences."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Frame, Length, Reply
from vprog_modules.tasks.ask import FRAMES


@task
def caption_clip(
    frames: Annotated[list[Frame], FRAMES], *, focus: Annotated[str, Length(0, 200)] = ""
) -> Reply:
    """Describe what happens over several frames, in words of a vision-language model.

    Args:
        frames: 1 to 128, in order of time, e.g. sample_frames(video, span=span, count=8); their
            times are told to the model.
        focus: what to pay attention to, e.g. "the man's hands"; "" for all that happens.

    Returns:
        One to four sentences as `text`, in order of time, with how probable the model found them
        as `score`; as evidence a Reply stands for the frames.

    Raises:
        ModuleInputError: no frame or too many, or more than the model reads.
        ModuleFailedError: the reply is empty.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the files of a model in this process are not on this machine.
        LlmError: a server cannot be reached, refuses, or its reply is of no use.

    Example:
        >>> caption_clip(sample_frames(video, span=Span(2.0, 6.0), count=8)).text
        'A man opens a fridge, takes out a bottle and closes it again.'

    Source: the model that --vlm names, hf:MODEL in this process or openai:MODEL behind a server,
    to which the frames go; see its page for the licence.
    """
