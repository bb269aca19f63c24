"""Values as tables, by hand."""

from __future__ import annotations

from vprog.types import (
    Box,
    Detection,
    Frame,
    Level,
    Match,
    Reply,
    Shot,
    Span,
    Speech,
    Track,
    Word,
)
from vprog.types.value_tables import columns_of, tables_of

FIRST = Detection("dog", Box(1.0, 2.0, 3.0, 4.0), 0.5, Frame(0, 1.0))
SECOND = FIRST._replace(frame=Frame(0, 1.5))
DOG = Track(7, "dog", Span(1.0, 1.5), [FIRST, SECOND], 0.6)
SAID = Speech("good dog", 1.2, 2.0, 0.9, "subtitles", [Word("good", 1.2, 1.5, 0.8)])


def test_tables_have_a_column_for_each_number_and_text() -> None:
    assert [name for name, _ in columns_of(Detection)] == [
        "item", "parent", "label", "x0", "y0", "x1", "y1", "score", "video", "time",
    ]  # fmt: skip
    assert dict(columns_of(Track)) == {
        "item": "INTEGER", "parent": "INTEGER", "id": "INTEGER", "label": "TEXT",
        "start": "REAL", "end": "REAL", "score": "REAL",
    }  # fmt: skip


def test_tables_hold_one_row_a_value_and_tell_whose_part_it_is() -> None:
    tables = tables_of([DOG, SAID])
    assert tables.items == [DOG, FIRST, SECOND, SAID, SAID.words[0]]
    assert tables.by_name["Track"].rows == [(0, None, 7, "dog", 1.0, 1.5, 0.6)]
    assert tables.by_name["Detection"].rows == [
        (1, 0, "dog", 1.0, 2.0, 3.0, 4.0, 0.5, 0, 1.0),
        (2, 0, "dog", 1.0, 2.0, 3.0, 4.0, 0.5, 0, 1.5),
    ]
    assert tables.by_name["Word"].rows == [(4, 3, "good", 1.2, 1.5, 0.8)]


def test_timeline_has_each_value_with_its_time_and_no_parts() -> None:
    looked = Reply("a dog", 0.7, None, [Frame(1, 3.0), Frame(1, 2.0)])
    values = [DOG, SAID, looked, Shot(0.0, 2.0, "cut", 1.0), Reply("no frames", 0.5)]
    assert tables_of(values).by_name["Timeline"].rows == [
        (0, "Track", "dog", 0, 1.0, 1.5, 0.6),
        (3, "Speech", "good dog", None, 1.2, 2.0, 0.9),
        (5, "Reply", "a dog", 1, 2.0, 3.0, 0.7),
        (8, "Shot", "cut", None, 0.0, 2.0, 1.0),
    ]


def test_a_frame_without_a_region_has_no_box() -> None:
    tables = tables_of([Frame(0, 1.0), Frame(0, 2.0, Box(0.0, 0.0, 4.0, 4.0))])
    assert tables.by_name["Frame"].rows == [
        (0, None, 0, 1.0, None, None, None, None),
        (1, None, 0, 2.0, 0.0, 0.0, 4.0, 4.0),
    ]


def test_tables_that_are_named_are_there_without_rows() -> None:
    tables = tables_of([Level(1.0, 3.5)], [Match, Level])
    assert tables.by_name["Match"].rows == []
    assert tables.by_name["Level"].rows == [(0, None, 1.0, 3.5)]
