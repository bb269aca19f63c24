"""`ask_where`: where something that words describe is in a picture."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Detection, Frame, Length


@task
def ask_where(frame: Frame, what: Annotated[str, Length(1, 200)]) -> list[Detection]:
    """Ask a vision-language model where things are, by any description of them.

    For what detect has no word for: "the cup that she holds". Boxes of a VLM are rough: check
    one that matters (ask_yes_no on crop(frame, box)).

    Args:
        frame: the picture to look at; a region limits the search to it.
        what: a description, e.g. "the red cup on the left".

    Returns:
        Detections, in the model's order, each box once; label is the description; box in pixels
        of the whole frame; score in [0, 1]: how probable the words of its reply were to it.
        Empty if it sees no such thing.

    Raises:
        ModuleInputError: the description is blank.
        ModuleFailedError: the reply is no list of boxes, or a box lies outside the picture.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the files of a model in this process are not on this machine.
        LlmError: a server cannot be reached, refuses, or its reply is of no use.

    Example:
        >>> ask_where(frame_at(video, 2.0), "the hand that holds the knife")[0].box
        Box(x0=212.0, y0=80.0, x1=262.0, y1=140.0)

    Source: the model that --vlm names, hf:MODEL in this process or openai:MODEL behind a server,
    to which the frames go; see its page for the licence. The score is the model's own and not
    calibrated.
    """
