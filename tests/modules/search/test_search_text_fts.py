"""Where words are written."""

from __future__ import annotations

import pytest

from vprog.errors import ModuleInputError
from vprog.types import Box, TextSpan
from vprog_modules.search.search_text_fts import SearchTextFts

BOX = Box(0.0, 0.0, 10.0, 10.0)
LINES = [
    TextSpan("Copyright © 2013 Brandon", 1.0, 6.0, BOX, 0.9),
    TextSpan("www.bcastell.com", 1.0, 6.0, BOX, 1.0),
    TextSpan("Frame = 13", 7.0, 7.1, BOX, 1.0),
    TextSpan("Frame = 130", 8.0, 8.1, BOX, 1.0),
    TextSpan("EXITS", 9.0, 9.5, BOX, 0.8),
]


@pytest.mark.parametrize(
    ("query", "starts"),
    [
        ("copyright", [1.0]),
        ("bcastell.com", [1.0]),
        ("frame 13", [7.0, 8.0]),
        ("13", [7.0]),
        ("exit", [9.0]),
        ("entrance", []),
    ],
)
def test_search_text_finds_lines(query: str, starts: list[float]) -> None:
    assert [match.start for match in SearchTextFts()(LINES, query)] == starts


def test_search_text_gives_the_line_and_when_it_stands() -> None:
    (match,) = SearchTextFts()(LINES, "2013")
    assert match == ("Copyright © 2013 Brandon", 1.0, 6.0, 0.9, "text")


def test_search_text_does_not_join_lines() -> None:
    assert SearchTextFts()(LINES, "brandon www")[0].score == pytest.approx(0.3)


def test_search_text_refuses_a_query_without_words() -> None:
    with pytest.raises(ModuleInputError, match="at least one word"):
        SearchTextFts()(LINES, "?!")


@pytest.mark.parametrize(
    ("read", "query"),
    [
        ("Enter Possword", "Enter Password"),
        ("Enter Pass word", "Enter Password"),
        ("EnterPassword now", "Enter Password"),
        ("EXlT", "exit"),
        ("R00M 12", "room 12"),
        ("crème brulée", "creme brûlee"),
    ],
)
def test_search_text_forgives_a_misread_letter(read: str, query: str) -> None:
    line = TextSpan(read, 1.0, 6.0, BOX, 0.9)
    (match,) = SearchTextFts()([line], query)
    assert match.text == read
    assert 0.4 < match.score < 0.6 or read.startswith("crème")


@pytest.mark.parametrize(("read", "query"), [("Frame = 13", "frame 18"), ("edit", "exit")])
def test_search_text_takes_no_other_word_or_number_for_the_wanted(read: str, query: str) -> None:
    found = SearchTextFts()([TextSpan(read, 1.0, 6.0, BOX, 1.0)], query)
    assert all(match.score <= 0.3 for match in found)


def test_search_text_gives_the_nearest_line_on_request() -> None:
    assert SearchTextFts()(LINES, "copywriter") == []
    (match,) = SearchTextFts()(LINES, "copywriter", nearest=True)
    assert match.text == "Copyright © 2013 Brandon"
    assert match.score < 0.2
    assert SearchTextFts()([], "exit", nearest=True) == []
