"""Subtitles in order: what rolls up is said once, what is repeated is said again."""

from __future__ import annotations

from vprog.media.subtitles import Caption, collapse_rolled


def captions(*rows: tuple[str, float, float]) -> list[Caption]:
    return [Caption(tuple(text.split("/")), start, end) for text, start, end in rows]


def said(*rows: tuple[str, float, float]) -> list[tuple[str, float]]:
    return [("/".join(item.lines), item.start) for item in collapse_rolled(captions(*rows))]


def test_rolled_captions_of_an_automatic_recogniser() -> None:
    assert said(
        ("welcome to the show", 0.0, 2.0),
        ("welcome to the show", 2.0, 2.01),
        ("welcome to the show/today we cook rice", 2.01, 4.0),
        ("today we cook rice", 4.0, 4.01),
        ("today we cook rice/and beans", 4.01, 6.0),
    ) == [("welcome to the show", 0.0), ("today we cook rice", 2.01), ("and beans", 4.01)]


def test_rolled_captions_of_television() -> None:
    assert said(("a", 0, 1), ("a/b", 1, 2), ("a/b/c", 2, 3), ("b/c/d", 3, 4)) == [
        ("a", 0),
        ("b", 1),
        ("c", 2),
        ("d", 3),
    ]


def test_captions_that_grow_word_by_word() -> None:
    assert said(("we", 0, 1), ("we cook", 1, 2), ("we cook rice", 2, 3), ("now", 3, 4)) == [
        ("we cook rice", 0),
        ("now", 3),
    ]


def test_captions_that_grow_from_one_start() -> None:
    assert said(
        ("so", 0, 2),
        ("so today", 0, 3),
        ("so today we count", 0, 4),
        ("one", 4, 5),
        ("one two", 4, 8),
    ) == [("so today we count", 0), ("one two", 4)]


def test_repeated_speech_stays_repeated() -> None:
    rows = (("No!", 0.0, 1.0), ("No!", 1.0, 2.0), ("No!", 2.0, 3.0), ("Stop.", 5.0, 6.0))
    assert len(said(*rows)) == 4
    dialogue = (("Where?/Home.", 0, 1), ("Home.", 1, 2), ("Really?", 2, 3), ("Yes.", 3, 4))
    assert len(said(*dialogue)) == 4


def test_speech_repeated_within_rolled_captions_stays_repeated() -> None:
    rows = (("go", 0, 1), ("go/go", 1, 2), ("go/go/stop", 2, 3), ("go", 9, 10))
    assert said(*rows) == [("go", 0), ("go", 1), ("stop", 2), ("go", 9)]
