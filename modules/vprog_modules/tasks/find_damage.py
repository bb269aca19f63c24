"""`find_damage`: where a file is damaged, cut short, or does not decode."""

from __future__ import annotations

from vprog.registry.task import task
from vprog.types import Event, Span, Video


@task
def find_damage(video: Video, *, span: Span | None = None) -> list[Event]:
    """Find where the file is damaged or cut short: all of its pictures and sound are decoded.

    Pictures and sound of every track that is used are decoded once; what the container states
    is compared with what there is.

    Args:
        video: the file.
        span: only this part, in seconds; None for all of it.

    Returns:
        Events in order of time. Kind "cut short": the file ends before the end that it states
        (start and end: where it ends); "lost pictures" and "lost sound": they do not decode;
        "damaged pictures": they decode with errors, until the next keyframe; "doubtful times";
        "unreadable": something that has no known place (then 0). Score 1: the decoder or the
        container says so. Empty if all of it decodes; a file that states no length, such as a
        transport stream, may be cut off all the same. Pictures that were spoilt before the
        file was made are no damage of the file.

    Raises:
        ModuleInputError: more than 2,000 places.

    Example:
        >>> [damage.kind for damage in find_damage(video)]
        ['cut short']
    """
