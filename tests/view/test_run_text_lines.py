"""Lines on terminals of any width, in pipes, and in encodings that know few letters."""

from __future__ import annotations

import io

import pytest

from vprog.view.run_text import open_console, put, put_branch


def written(text: str, *, width: int = 20, encoding: str = "utf-8", terminal: bool = True) -> str:
    held = io.BytesIO()
    console = open_console(io.TextIOWrapper(held, encoding=encoding, write_through=True))
    console.width = width
    console._force_terminal = terminal  # type: ignore[attr-defined]
    put(console, text)
    return held.getvalue().decode(encoding)


def test_put_wraps_under_where_a_line_began() -> None:
    assert written("  one two three four five") == "  one two three\n    four five\n"
    assert written("a" * 30) == "a" * 18 + "\n" + "  " + "a" * 12 + "\n"


def test_put_keeps_lines_whole_where_nobody_sees_a_width() -> None:
    assert written("  " + "word " * 9, terminal=False) == "  " + "word " * 9 + "\n"


def test_put_keeps_the_lines_of_a_text_and_empty_ones() -> None:
    assert written("a\n\n  b") == "a\n\n  b\n"


@pytest.mark.parametrize("terminal", [True, False])
def test_put_writes_what_the_encoding_can(terminal: bool) -> None:
    text = written("1 × 2 … Zoë 時", encoding="ascii", terminal=terminal, width=40)
    assert text == "1 x 2 ... Zo? ?\n"
    assert written("1 × Zoë", encoding="latin-1") == "1 × Zoë\n"


@pytest.mark.parametrize("width", [1, 2, 8, 9, 30])
def test_put_branch_at_any_width(width: int) -> None:
    held = io.StringIO()
    console = open_console(held)
    console.width = width
    console.no_color = True
    console._force_terminal = True  # type: ignore[attr-defined]
    put_branch(console, "one  two\nthree", "| | |-", "| | |  ")
    lines = held.getvalue().replace("\x1b[2m", "").replace("\x1b[0m", "").splitlines()
    assert max(map(len, lines)) <= max(width, 8)
    assert "".join(lines).translate(str.maketrans("", "", " |-")) == "onetwothree"
