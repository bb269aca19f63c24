"""`find_shots`: the shots of a video, by cuts, fades and dissolves."""

from __future__ import annotations

from vprog.registry.task import task
from vprog.types import Shot, Span, Video


@task
def find_shots(video: Video, *, span: Span | None = None) -> list[Shot]:
    """Divide a video into its shots.

    Every frame is looked at. Found are hard cuts, fades through black (or white) and
    dissolves of up to about 2.4 s. Flashes, moving things, fast pans and changes of
    light are no boundaries. Jump cuts within one view, wipes and morphs may be missed.

    Args:
        video: the file.
        span: only this part, in seconds; None for all of it.

    Returns:
        Shots in order of time, without gaps: at least one. start and end in seconds;
        a cut lies at the first frame of the new shot, a fade or dissolve at its
        middle. opening: how the shot begins, "start" for the first, else "cut",
        "fade" or "dissolve"; score in [0, 1]: how clear that opening is.

    Raises:
        ModuleInputError: more than 2,000 shots.
        NoVideoStreamError: the file has no picture.

    Example:
        >>> len(find_shots(video)) - 1          # how many cuts, fades and dissolves
        3
    """
