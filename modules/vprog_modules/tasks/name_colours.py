"""`name_colours`: which colours a picture consists of, by plain names."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Colour, Frame, Range


@task
def name_colours(frame: Frame, *, count: Annotated[int, Range(1, 12)] = 5) -> list[Colour]:
    """Name the colours a picture mostly consists of, with the share each covers.

    Judges pixels one by one, as they are lit: a white house in the evening sun may be
    orange, a dark blue coat black. It does not know what the things are.

    Args:
        frame: the picture; a region limits it to a part, e.g. the box of a detection.
        count: how many colours at most.

    Returns:
        Colours, largest share first; at least one. name is one of red, orange, yellow,
        green, cyan, blue, purple, pink, brown, black, grey, white; share of the
        picture in [0, 1]; red, green, blue: mean of its pixels, 0 to 255; score: how
        surely its pixels bear the name, in [0, 1]. Colours under 0.2 % are left out.

    Example:
        >>> name_colours(frame)[0]
        Colour(name='green', share=0.61, red=70, green=120, blue=52, score=0.93, frame=frame)
    """
