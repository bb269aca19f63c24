"""Values in words."""

from __future__ import annotations

import pytest

from vprog.types import Box, Detection, Frame, Span, Video
from vprog.view.words import answer_line, answer_text, clean, clipped, plain_words, short


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "True"),
        (None, "None"),
        (1.0, "1"),
        (0.123456789, "0.123457"),
        ("a'b", '"a\'b"'),
        ("x" * 99, "'" + "x" * 79 + "…'"),
        (Video(1, 2.0, 3, 4, 5.0, 6, True, False), "video 1"),
        (Frame(0, 1.5), "Frame(1.5 s)"),
        (Frame(1, 1.5, Box(0.0, 1.0, 2.0, 3.0)), "Frame(video 1, 1.5 s, Box(0, 1, 2, 3))"),
        (Span(0.0, 1.25), "Span(start=0, end=1.25)"),
        ([1, 2, 3, 4], "[1, 2, 3, … 4 in all]"),
        ({"a": 1}, "{'a': 1}"),
        (
            Detection("dog", Box(0.0, 1.0, 2.0, 3.0), 0.5, Frame(0, 1.0)),
            "Detection(label='dog', box=Box(0, 1, 2, 3), score=0.5, frame=Frame(1 s))",
        ),
    ],
)
def test_short_is_how_people_read_it(value: object, words: str) -> None:
    assert short(value) == words


def test_short_is_bounded() -> None:
    assert len(short([["x" * 100] * 9] * 9, 50)) == 50


def test_plain_words_shorten_what_is_common() -> None:
    text = "[Frame(video=0, time=0.5, region=None), Box(x0=1.5, y0=-2.0, x1=3.25, y1=4.0), 1.23456]"
    assert plain_words(text) == "[Frame(0.5 s), Box(2, -2, 3, 4), 1.235]"
    assert plain_words("Frame(video=2, time=1.0, region=None)") == "Frame(video 2, 1.0 s)"
    assert plain_words("Span(start=1.0, end=2.5)") == "Span(1.0, 2.5)"
    assert plain_words("Box(x0=..., y0=1, x1=2, y1=3)") == "Box(..., 1, 2, 3)"


def test_clean_and_clipped() -> None:
    assert clean("a\x1b[0m\u202e\u2028\nb\t") == "a\ufffd[0m\ufffd\ufffd\nb\t"
    assert (clipped("abc", 3), clipped("abcd", 3)) == ("abc", "ab…")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (None, ""),
        (3, "3"),
        (2.0, "2"),
        (0.1234, "0.123"),
        (100.0, "100"),
        (-0.0001, "0"),
        ("yes", "yes"),
        ([1.0, 2.5], "1, 2.5"),
        ([], ""),
        (["a", "b"], "a, b"),
    ],
)
def test_answer_text_is_short(answer: object, text: str) -> None:
    assert answer_text(answer) == text


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ([0.2, 1.5], "0.2-1.5 s"),
        ((0.2, 1.5), "0.2-1.5 s"),
        ([1.5, 0.2], "1.5, 0.2"),  # two moments, no span
        ([0.2, 7.0], "0.2, 7"),  # 7 is no time of the evidence
        ([0.2, 0.2, 1.5], "0.2, 0.2, 1.5"),
        (0.2, "0.2"),
        ([], ""),
    ],
)
def test_two_times_of_the_evidence_read_as_a_span(answer: object, line: str) -> None:
    assert answer_line(answer, [0.2, None, 1.5]) == line
