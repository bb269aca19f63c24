"""Text that a question names without quotation marks: "When does BRAVO TWO appear?"."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from vprog.rules.question_text import ParsedQuestion

_CAPITALS = r"\b[A-Z][A-Z0-9'&-]+(?: [A-Z0-9][A-Z0-9'&-]*)*\b"
_NUMBERED = r"(?<=[a-z,] )[A-Z][a-z]+ \d+\b"
_NAME = r"[A-Z][\w'-]*(?: (?:[A-Z]|\d)[\w'-]*)*"
_AFTER_NOUN = rf"(?<=\b(?:the) )(?:word|words|text|phrase|title|caption|label|slide) ({_NAME})"
_PLAIN_WORD = (
    r"\b(?:word|phrase) ([a-z'-]+)(?= (?:ever |also )?(?:appears?|shows?|shown|seen|is|be|on|comes?"
    r"|visible|written|displayed|readable|present|occurs?|in the|said|spoken|mentioned)\b)"
)
_ABOUT_TEXT = re.compile(
    r"\b(?:appear|show|see|visible|screen|display|word|phrase|text|written|write|read|say|said|spoken"
    r"|mention|title|slide|sign|caption|label|come|before|after|first|last|earlier|later|disappear)"
)
_NO_NAME = frozenset(
    "that which in on of is are be shown seen said with first last ever to".split()  # noqa: SIM905
)


def with_bare_text(question: ParsedQuestion) -> ParsedQuestion | None:
    """The question with such text as a quotation; None if it names none.

    Such text is in capitals, a name with a number ("Frame 7"), or what follows "the word".
    """
    raw = unicodedata.normalize("NFKC", question.raw)
    if not re.search(r"[a-z]", raw) or not _ABOUT_TEXT.search(question.full):
        return None  # in capitals altogether, or perhaps about a property: "is it HDR?"
    full, quotes = question.full, list(question.quotes)
    for pattern in (_AFTER_NOUN, _CAPITALS, _NUMBERED, _PLAIN_WORD):
        for hit in re.finditer(pattern, raw):
            text = hit[1] if hit.lastindex else hit[0]
            if text in _NO_NAME:
                continue
            full, n_found = re.subn(
                rf"(?<![\w.]){re.escape(text.lower())}(?![\w.])",
                f"quote{len(quotes)}mark",
                full,
                count=1,
            )
            if n_found:
                quotes.append(text)
    if len(quotes) == len(question.quotes):
        return None
    return replace(question, full=full, quotes=tuple(quotes))
