"""Which published checkpoints speak which form: one table, by name.

The forms, with the source of each, are in published_forms.py. A model that is not listed is asked
in vprog's own words.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from vprog_modules.vlm.published_forms import (
    BOXED,
    FRAME_ACTION,
    MANIPULATION,
    OBJECT_BOX_TIME,
    SCORE_CLIP,
    THINK_ANSWER,
    TIME_CAPTION,
    TOOL_JSON,
    ZOOM,
    PublishedForm,
)


class Checkpoint(NamedTuple):
    """What is known of a family of checkpoints.

    Attributes:
        pattern: of their names, whatever stands before and after it.
        grid: in what boxes are counted: "pixels" of the picture as the model is given it, sides
            rounded to multiples of 28; "thousand": columns and rows of a grid of 1000 x 1000.
    """

    pattern: str
    form: PublishedForm
    grid: Literal["pixels", "thousand"] = "pixels"


CHECKPOINTS = (
    # Qwen2.5-VL counts pixels, Qwen3-VL a grid; Open-o3 Video was trained on both.
    Checkpoint(r"open-?o3-?video.*qwen-?3", OBJECT_BOX_TIME, "thousand"),
    Checkpoint(r"open-?o3-?video", OBJECT_BOX_TIME),
    Checkpoint(r"(?<![a-z])video-rts(?![a-z])", THINK_ANSWER),
    Checkpoint(r"(?<![a-z])video-r[12](?![a-z0-9])", THINK_ANSWER),
    Checkpoint(r"framethinker", FRAME_ACTION),
    Checkpoint(r"timesearch-r(?![a-z])", TOOL_JSON),
    Checkpoint(r"love-r1(?![a-z0-9])", BOXED),
    Checkpoint(r"(?<![a-z])video-com(?![a-z])", MANIPULATION),
    Checkpoint(r"(?<![a-z])conan-\d+b", SCORE_CLIP),
    Checkpoint(r"(?<![a-z])video-thinker", TIME_CAPTION),
    Checkpoint(r"(?<![a-z])ergo-\d+b", ZOOM),
)
"""The first whose pattern is in a name: ids as `marinero4972/Open-o3-Video`, folders, and names on
servers."""


def checkpoint_of(model: str) -> Checkpoint | None:
    """What is known of a model by its id, its name on a server, or its folder; None for nothing."""
    name = model.casefold().replace("_", "-")
    return next((known for known in CHECKPOINTS if re.search(known.pattern, name)), None)
