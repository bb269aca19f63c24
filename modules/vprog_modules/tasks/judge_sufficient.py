"""`judge_sufficient`: whether frames show what a question needs."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Frame, Reply
from vprog_modules.tasks.ask import FRAMES, SAMPLES


@task
def judge_sufficient(
    frames: Annotated[list[Frame], FRAMES],
    question: str,
    *,
    sample: Annotated[int, SAMPLES] = 0,
) -> Reply:
    """Say whether frames show what is needed to answer a question, by a vision-language model.

    Look at more frames, or closer, where they do not; that they do proves no answer.

    Args:
        frames: 1 to 128, in order of time; their times are told to the model.
        question: what is to be answered.
        sample: 0 for the likeliest reply; 1, 2, ... for samples that may differ, to vote with.

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
        >>> judge_sufficient(sample_frames(video, count=4), "What does the sign say?").text
        'no'

    Source: the model that --vlm names, hf:MODEL in this process or openai:MODEL behind a server,
    to which the frames go; see its page for the licence. The score is the model's own and not
    calibrated. As in X. Wang et al., "VideoAgent", 2024, which looks again until it suffices.
    """
