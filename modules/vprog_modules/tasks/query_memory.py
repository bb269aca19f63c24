"""`query_memory`: what was found, asked in SQL."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import MAX_ITEMS, Length, MemoryRow, Remembered


@task(looks=False, passes_on=())
def query_memory(
    sql: str, memory: Annotated[list[Remembered], Length(0, MAX_ITEMS)]
) -> list[MemoryRow]:
    """Ask in SQL about what other tasks gave: joins, counts, before and after, first and last.

    Each class in the memory is a table of its name, each of its fields a column; in place of a
    box or region x0, y0, x1, y1 (pixels), of a frame video and time (seconds), of a span start
    and end. Lists inside are rows of their own: a track's boxes are rows of Detection, speech's
    words rows of Word, a pose's points rows of Keypoint, whose parent is the item of that track,
    speech or pose. Every row has an item, unlike all others. Timeline(item, kind, text, video,
    start, end, score) has one row for each value of the memory with a time, of any class (kind).

    Args:
        sql: one SELECT of SQLite, e.g. "SELECT item, start FROM Track". Select item, or of
            several rows group_concat(item) AS items, for what an answer should cite.
        memory: values of any tasks, e.g. [*track(video, "dog"), *transcribe(video)].

    Returns:
        At most 200 rows, in the order of the query: numbers["x"] and texts["x"] by column, a
        NULL in neither; evidence: the values that the columns item and items name, supported
        exactly if they were before. Empty if no row fits.

    Raises:
        ModuleInputError: the query is wrong (the message says where, and which tables and
            columns there are), does more than read, or takes too long.

    Example:
        >>> rows = query_memory("SELECT item, start FROM Track WHERE label = 'dog'", dogs)
        >>> answer(rows[0].numbers["start"], evidence=rows[0].evidence)

    Source: symbolic memory of Z. Yang et al., "DoraemonGPT", 2024.
    """
