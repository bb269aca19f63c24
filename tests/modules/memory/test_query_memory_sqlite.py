"""SQL over what was found: what it gives, what it refuses, and what its rows are worth."""

from __future__ import annotations

from pathlib import Path

import pytest

import vprog
from tests.drawing import draw_video
from vprog.errors import ModuleInputError
from vprog.types import Box, Detection, Frame, Match, MemoryRow, Remembered, Span, Speech, Track
from vprog_modules.memory.query_memory_sqlite import QueryMemorySqlite


def seen(label: str, time: float, x0: float = 10.0) -> Detection:
    return Detection(label, Box(x0, 20.0, x0 + 5.0, 30.0), 0.5, Frame(0, time))


DOG = Track(1, "dog", Span(1.0, 2.0), [seen("dog", 1.0), seen("dog", 2.0, 40.0)], 0.6)
CAT = Track(1, "cat", Span(4.0, 5.0), [seen("cat", 4.0), seen("cat", 5.0)], 0.7)
SAID = Speech("look at the cat", 4.5, 6.0, 0.9, "subtitles", [])
MEMORY: list[Remembered] = [DOG, CAT, SAID]
LONG: list[Remembered] = [Match("a" * 2000, float(at), at + 1.0, 0.4, "x") for at in range(900)]


def ask(sql: str, memory: list[Remembered] = MEMORY) -> list[MemoryRow]:
    return QueryMemorySqlite()(sql, memory)


def test_query_gives_numbers_texts_and_the_value_of_each_row() -> None:
    rows = ask("SELECT item, label, start FROM Track ORDER BY start DESC")
    assert [row.texts for row in rows] == [{"label": "cat"}, {"label": "dog"}]
    assert rows[0].numbers["start"] == 4.0
    assert [row.evidence for row in rows] == [[CAT], [DOG]]


def test_query_counts_and_names_what_it_counted() -> None:
    (row,) = ask("SELECT count(*) AS n, group_concat(item) AS items FROM Detection WHERE x0 < 20")
    assert row.numbers["n"] == 3
    assert row.evidence == [DOG.detections[0], *CAT.detections]


def test_query_joins_what_is_said_with_what_is_seen() -> None:
    rows = ask(
        "SELECT t.label, s.item FROM Speech s JOIN Track t\n"
        "ON t.start <= s.end AND s.start <= t.end -- at the same time"
    )
    assert [(row.texts, row.evidence) for row in rows] == [({"label": "cat"}, [SAID])]


def test_query_of_a_track_finds_its_boxes_by_parent() -> None:
    (row,) = ask(
        "SELECT max(d.x1) - min(d.x0) AS moved FROM Detection d JOIN Track t ON d.parent = t.item "
        "WHERE t.label = 'dog'"
    )
    assert (row.numbers, row.evidence) == ({"moved": 35.0}, [])


def test_before_is_before() -> None:
    """The published example of "before" compares the other way round."""
    (row,) = ask(
        "SELECT text FROM Timeline WHERE start < (SELECT start FROM Track WHERE label = 'cat')"
    )
    assert row.texts == {"text": "dog"}


def test_a_null_is_in_neither_and_what_was_not_found_has_no_rows() -> None:
    assert ask("SELECT max(start) AS last FROM Word") == [MemoryRow({}, {}, [])]
    assert ask("SELECT item FROM Mask") == []
    assert ask("SELECT item FROM Track", []) == []


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT colour FROM Track", "no such column: colour"),
        ("SELECT item FROM tracks", "no such table: tracks"),
        ("SELECT item FORM Track", 'near "Track": syntax error at character 18'),
        ("SELECT item, item FROM Track", 'two columns "item"'),
        ("SELECT 99 AS item", 'gives "99" as an item'),
        ("SELECT 'Track' AS items", 'gives "Track" as an item'),
        ("SELECT -1 AS item", 'gives "-1" as an item'),
        ("SELECT '0000000000000009' AS item", "as an item"),
        ("SELECT '٠' AS item", "as an item"),
        ("SELECT 1; SELECT 2", "one statement at a time"),
        ("SELECT x'00'", "bytes"),
        ("SELECT 1e999", "not finite"),
        ("SELECT '\ud800'", "surrogates"),
        ("SELECT \0", "null character"),
        ("", "1 to 4000 characters"),
        ("SELECT 1 -- " + "x" * 4000, "1 to 4000 characters"),
    ],
)
def test_a_query_that_is_wrong_is_told_where(sql: str, told: str) -> None:
    with pytest.raises(ModuleInputError, match="query_memory") as caught:
        ask(sql)
    assert told in str(caught.value)


def test_a_wrong_name_is_told_with_the_columns_there_are() -> None:
    with pytest.raises(ModuleInputError) as caught:
        ask("SELECT colour FROM Track")
    assert "Track(item, parent, id, label, start, end, score)" in caught.value.hint
    assert "without rows Mask, Word" in caught.value.hint


@pytest.mark.parametrize(
    "sql",
    [
        "EXPLAIN SELECT 1",
        "/* SELECT */ EXPLAIN QUERY PLAN SELECT 1",
        "-- SELECT\nPRAGMA table_info(Track)",
        "ATTACH '/tmp/x' AS other",
        "VACUUM INTO '/tmp/x'",
        "DELETE FROM Track",
        "WITH one AS (SELECT 1) DELETE FROM Track",
        "WITH one AS (SELECT 1) INSERT INTO Track SELECT * FROM Track",
        "SELECT name FROM sqlite_master",
        "SELECT count(*) FROM sqlite_schema",
        "SELECT 1 FROM sqlite_temp_master",
        "SELECT * FROM pragma_table_info('Track')",
        "SELECT * FROM json_each('[1]')",
        "SELECT * FROM dbstat",
        "SELECT load_extension('/tmp/x')",
        "SELECT zeroblob(1000000000)",
        "SELECT randomblob(1000000000)",
        "SELECT random()",
        "SELECT printf('%1000000000d', 1)",
        "SELECT format('%1000000000d', 1)",
        "SELECT replace('aaaa', 'a', 'bbbb')",
        "SELECT hex('a')",
        "SELECT quote('a')",
        "SELECT char(1)",
        "SELECT unicode('a')",
        "SELECT sqlite_version()",
        "SELECT date('now')",
        "SELECT fts3_tokenizer('x')",
        "SELECT edit('x')",
        "SELECT readfile('/etc/passwd')",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
        "WITH c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c",
    ],
)
def test_a_query_that_does_more_than_select_is_refused(sql: str) -> None:
    with pytest.raises(ModuleInputError, match=r"must be one SELECT|not allowed|cannot be read"):
        ask(sql)


@pytest.mark.slow
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM Match a, Match b, Match c, Match d",
        "SELECT a.text || b.text || c.text FROM Match a, Match b, Match c ORDER BY 1",
        "SELECT group_concat(a.text || b.text) FROM Match a, Match b",
        "SELECT count(DISTINCT a.text || b.start || c.start) FROM Match a, Match b, Match c",
        "SELECT item FROM Match",
        "SELECT text FROM Match LIMIT 150",
        "SELECT a.start, b.end FROM Match a, Match b GROUP BY a.text || b.text || b.start",
    ],
)
def test_a_query_that_takes_too_much_ends_and_is_told(sql: str) -> None:
    with pytest.raises(ModuleInputError, match=r"too large|too long"):
        ask(sql, LONG)


@pytest.mark.slow
def test_one_step_that_does_not_end_is_ended_by_the_clock_of_its_process() -> None:
    """SQLite counts steps; searching a text in a text is one, however long it takes."""
    memory: list[Remembered] = [Match("a" * 900_000, 0.0, 1.0, 0.4, "x")]
    with pytest.raises(ModuleInputError, match="takes too long"):
        ask("SELECT instr(text || text, text || 'b') FROM Match", memory)


def test_evidence_that_cannot_cross_is_refused_with_what_to_select() -> None:
    dogs: list[Remembered] = [DOG._replace(detections=DOG.detections * 200)] * 10
    with pytest.raises(ModuleInputError, match="names more than 20000 values"):
        ask("SELECT a.item FROM Track a, Track b", dogs)
    words: list[Remembered] = [Match("a", 0.0, 1.0, 0.4, "x")] * 2001
    with pytest.raises(ModuleInputError, match="names more than 2000 items in one row"):
        ask("SELECT group_concat(item) AS items FROM Match", words)


# In a program

REAL = """\
found = track_colour(video, "red")
{more}
rows = query_memory("{sql}", memory)
answer(len(rows), evidence=[value for row in rows for value in row.evidence])
"""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("clip") / "clip.mp4", 10)


def supported(clip: Path, more: str, sql: str) -> list[bool]:
    result = vprog.run(clip, REAL.format(more=more, sql=sql))
    assert result.status == "answered", result.error
    return [item.supported for item in result.evidence]


FORGED = """\
forged = Track(9, "red", Span(0.1, 0.2), found[0].detections[:1], 1.0)
box = Detection("red", Box(1.0, 1.0, 2.0, 2.0), 1.0, Frame(0, 0.3))
memory = [*found, forged, box]
"""


def test_an_item_is_supported_exactly_if_it_was_reported(clip: Path) -> None:
    by_id = "SELECT item FROM Track WHERE id = {}"
    assert supported(clip, "memory = found", by_id.format(1)) == [True]
    assert supported(clip, FORGED, by_id.format(1)) == [True]
    assert supported(clip, FORGED, by_id.format(9)) == [False]
    assert supported(clip, FORGED, "SELECT item FROM Detection WHERE x0 = 1.0") == [False]


def test_a_box_of_a_track_is_evidence_by_itself(clip: Path) -> None:
    by_time = "SELECT item FROM Detection WHERE parent = 0 ORDER BY time LIMIT 2"
    assert supported(clip, "memory = found", by_time) == [True, True]


def test_a_query_makes_no_item_of_what_another_row_is(clip: Path) -> None:
    """A number that a query calls item is the value of that number, and worth what that is."""
    forged_item = "SELECT max(item) AS item, 'a dog' AS label FROM Detection"
    assert supported(clip, FORGED, forged_item) == [False]
