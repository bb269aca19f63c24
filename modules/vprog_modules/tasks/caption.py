"""`caption`: one frame in one or two sentences."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Frame, Length, Reply


@task
def caption(frame: Frame, *, focus: Annotated[str, Length(0, 200)] = "") -> Reply:
    """Describe one frame in one or two sentences, in the words of a vision-language model.

    To describe a span, use ask(frames, "What happens?").

    Args:
        frame: the picture; a region limits it.
        focus: what to pay attention to, e.g. "the man's hands"; "" for the whole scene.

    Returns:
        The sentences as `text`, with how probable the model found them as `score`; as evidence a
        Reply stands for the frame.

    Raises:
        ModuleInputError: the region lies outside the picture.
        ModuleFailedError: the reply is empty.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the files of a model in this process are not on this machine.
        LlmError: a server cannot be reached, refuses, or its reply is of no use.

    Example:
        >>> caption(frame_at(video, 2.0)).text
        'A brown dog runs across a lawn toward a red ball.'

    Source: the model that --vlm names, hf:MODEL in this process or openai:MODEL behind a server,
    to which the frames go; see its page for the licence.
    """
