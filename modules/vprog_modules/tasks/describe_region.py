"""`describe_region`: what a part of a frame shows."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Box, Frame, Length, Reply


@task
def describe_region(frame: Frame, box: Box, *, focus: Annotated[str, Length(0, 200)] = "") -> Reply:
    """Describe a part of a frame, in words of a vision-language model; it is shown the whole too.

    Args:
        frame: the picture.
        box: the part, in pixels of the whole frame, e.g. a detection's.
        focus: what to pay attention to, e.g. "what it is made of"; "" for what it is.

    Returns:
        One or two sentences as `text`, with how probable the model found them as `score`; as
        evidence a Reply stands for the part.

    Raises:
        ModuleInputError: the box lies outside the picture.
        ModuleFailedError: the reply is empty.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the files of a model in this process are not on this machine.
        LlmError: a server cannot be reached, refuses, or its reply is of no use.

    Example:
        >>> dog = detect(frame, "dog")[0]
        >>> describe_region(frame, dog.box).text
        'A brown dog with a red collar, lying on a blanket.'

    Source: the model that --vlm names, hf:MODEL in this process or openai:MODEL behind a server,
    to which the frames go; see its page for the licence.
    """
