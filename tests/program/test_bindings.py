"""Names that programs bind."""

from __future__ import annotations

from vprog.program.bindings import renamed


def test_names_that_a_text_makes_get_a_suffix_and_others_stay() -> None:
    text = """\
import re

def plain(text: str) -> str:
    return text.lower()

found = [line for line in read_text(frame, text=word) if re.search(word, plain(line.text))]
"""
    assert renamed(text, "_1").splitlines()[2:] == [
        "def plain_1(text_1: str) -> str:",
        "    return text_1.lower()",
        "found_1 = [line_1 for line_1 in read_text(frame, text=word)"
        " if re.search(word, plain_1(line_1.text))]",
    ]
