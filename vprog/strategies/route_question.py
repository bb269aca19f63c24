"""What kind of question it is, by its words: how much work the answer needs."""

from __future__ import annotations

import re
from typing import Literal

QuestionClass = Literal["lookup", "count", "order", "reason"]
"""lookup: one look at one place. count: over the whole video. order: several moments set
against each other. reason: what was seen must be put together."""

_WORDS: tuple[tuple[QuestionClass, str], ...] = (
    ("reason", r"why|reason|because|explain|purpose|how (?:did|does|do|can|could)|intend\w*"),
    ("count", r"how (?:many|often)|number of|count|how much"),
    ("order", r"before|after|while|during|order|sequence|then|next|(?:first|last)\b.*\b(?:or|and)"),
)


def class_of(question: str) -> QuestionClass:
    """The class of a question; what no word tells is a lookup."""
    text = question.lower()
    for name, words in _WORDS:
        if re.search(rf"\b(?:{words})\b", text):
            return name
    return "lookup"
