from __future__ import annotations

import pytest

from vprog.llm.language_model import Image, Usage, approximate_tokens, excerpt


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("é€", 2)]
)
def test_approximate_tokens_is_a_quarter_of_the_bytes(text: str, tokens: int) -> None:
    assert approximate_tokens(text) == tokens


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\n\tlines", "two lines"),
        ("a\x1b[2Jb\x00", "a?[2Jb?"),
        ("123456789012", "1234567890..."),
        (" " * 1000 + "far", "..."),
    ],
)
def test_excerpt_is_one_printable_bounded_line(text: str, shown: str) -> None:
    assert excerpt(text, 10) == shown


def test_usage_adds_up() -> None:
    assert Usage(1, 2) + Usage(3, 4, is_estimated=True) == Usage(4, 6, is_estimated=True)


def test_image_becomes_a_data_url() -> None:
    assert Image(b"abc").data_url() == "data:image/jpeg;base64,YWJj"
