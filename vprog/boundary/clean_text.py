"""Text that came out of a program, made safe to keep and to show.

Terminal escapes, line breaks in one-line texts, direction overrides and lone surrogates
are written out as escapes, so that no text of a program can forge a line of a trace, move a
cursor or break an encoder. HTML is the page's business: it escapes what it shows.
"""

from __future__ import annotations

import re

_CUT = "..."
_KEEP = "\t\n"
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"  # invisible, bidi, breaks
    "\ud800-\udfff"  # lone surrogates
    "\ufff9-\ufffb\U000e0000-\U000e007f]"  # annotation and tag characters
)


_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean_text(text: str, limit: int) -> str:
    """Text of several lines: tab and newline stay, all else that is unsafe is escaped."""
    if len(text) > limit:
        text = text[: max(0, limit - len(_CUT))] + _CUT
    return _UNSAFE.sub(_escape, text)


def clean_line(text: str, limit: int = 300) -> str:
    """Text of one line: newlines and tabs are escaped as well."""
    return clean_text(text, limit).replace("\n", "\\n").replace("\t", "\\t")


def without_controls(text: str) -> str:
    """Text as a value may hold it: what no writing system needs becomes U+FFFD.

    Direction marks stay, right-to-left subtitles have them; showing is another matter.
    """
    return text if text.isprintable() else _CONTROLS.sub("\ufffd", text)


def is_plain(text: str) -> bool:
    """Whether a text of one line shows as it is."""
    return _UNSAFE.search(text) is None


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    if character in _KEEP:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
