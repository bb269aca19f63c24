"""The text of subtitle files: made fit for the parser, and freed of what only players need.

pysubs2 takes all between two times for text and its expressions are quadratic in it. So each
subtitle is cut to `MAX_LENGTH` before, comments and names of WebVTT go, and every subtitle of
SubRip ends with the number that the parser looks for: it would else take a last line such as
"42" for one. Everything here takes time in proportion to the text, whatever stands in it.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple

MAX_LENGTH = 4_000
"""Characters of one subtitle: no screen shows as many, and libraries' expressions are quadratic."""

HEAD_LENGTH = 400
"""Characters of a line that is no subtitle, e.g. a style; and of a line in rarer formats."""

_ARROW = "-->"
_LOOSE_TIME = re.compile(r"(?<![\d:])(\d{1,2}):(\d{1,2}):(\d{1,2})([,.])(\d{1,3})(?!\d)")
_EVENT_FIELDS = (
    *("layer", "start", "end", "style", "name"),
    *("marginl", "marginr", "marginv", "effect", "text"),
)
_EVENT_TIME = re.compile(r"\s*-?\d{1,2}:\d\d:\d\d(?:[.,]\d{1,3})?\s*$")
_BRACE = re.compile(r"\\[{}]|[{}]")
_DRAWING = re.compile(r"\\p(\d+)")
_SUBRIP_BLOCK = re.compile(r"\\|[a-zA-Z]:")
_BREAK = re.compile(r"\\[Nn]|<br ?/?>", re.IGNORECASE)
_TAG = re.compile(r"</?([a-zA-Z]*)[^<>]*>")
_WORD_TIME = re.compile(r"<[\d:.]+>")
_READING_AID = re.compile(r"<r[tp](?:[ .][^<>]*)?>[^<]*(?:</r[tp]>)?")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z][a-zA-Z\d]{1,31});")
_SPACES = re.compile(r"[^\S\n]+")

_SUBRIP_TAGS = frozenset(
    {"i", "b", "u", "s", "em", "strong", "font", "span", "c", "v", "lang", "ruby", "rt", "rp"}
    | {"p", "a", "big", "small", "sub", "sup", "tt", "center", "strike", "del", "ins"}
)
"""Names of tags that SubRip files have; anything else between < and > is what somebody wrote."""


class FitLines(NamedTuple):
    """Text that is safe to parse; how many of its subtitles were cut, how many have no times."""

    text: str
    n_cut: int
    n_timeless: int = 0


def fit_lines(text: str, form: str) -> FitLines:
    """The text of a file in the form that pysubs2 names so, ready for its parser."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if form in ("srt", "vtt"):
        return _timed(lines, is_webvtt=form == "vtt")
    if form == "ass":
        return _events(lines)
    n_cut = sum(len(line) > HEAD_LENGTH for line in lines)
    return FitLines("\n".join(line[:HEAD_LENGTH] for line in lines), n_cut)


def _events(lines: list[str]) -> FitLines:
    """The events of an ASS or SSA file in the usual order of fields, which the parser takes for
    granted; styles, fonts and pictures go."""
    result = ["[Events]"]
    n_cut = n_timeless = 0
    names = list(_EVENT_FIELDS)
    is_inside = False
    for line in lines:
        kind, _, rest = line.partition(":")
        if line.startswith("["):
            is_inside = line[:HEAD_LENGTH].strip().lower() == "[events]"
        elif kind == "Format" and is_inside:
            names = [name.strip().lower() for name in rest[:HEAD_LENGTH].split(",")]
        elif kind in ("Dialogue", "Comment") and is_inside:
            fields = dict(zip(names, rest.split(",", len(names) - 1), strict=False))
            start, end, text = (fields.get(name, "") for name in ("start", "end", "text"))
            if not (_EVENT_TIME.match(start) and _EVENT_TIME.match(end)):
                n_timeless += 1
                continue
            n_cut += len(text) > MAX_LENGTH
            times = f"{start.strip()},{end.strip()}"
            result.append(f"{kind}: 0,{times},Default,,0,0,0,,{text[:MAX_LENGTH]}")
    return FitLines("\n".join(result), n_cut, n_timeless)


def plain_text(text: str, form: str) -> str:
    """The words of a subtitle, in lines; "" if it holds none, e.g. because it is a drawing.

    Args:
        text: as it stands in the file, line breaks also as `\\N`.
        form: "ass", "srt", "vtt" or another name of pysubs2's.
    """
    text = _without_blocks(text[:MAX_LENGTH], is_ass=form in ("ass", "ssa"))
    text = _BREAK.sub("\n", text).replace("\\h", " ")
    if form not in ("ass", "ssa"):  # there < and & are letters as others
        text = _WORD_TIME.sub("", _READING_AID.sub("", text))
        text = _TAG.sub(lambda tag: _shown(tag, form), text)
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    lines = (_SPACES.sub(" ", line).strip() for line in text.splitlines())
    printed = ("".join(letter for letter in line if letter.isprintable()) for line in lines)
    return "\n".join(line for line in printed if line.strip())


def _without_blocks(text: str, *, is_ass: bool) -> str:
    """The text without blocks in braces, and without what is drawn between two of them."""
    shown: list[str] = []
    is_drawn = False
    at = 0
    opened: int | None = None
    for brace in _BRACE.finditer(text):
        if opened is None and brace[0] == "{":
            opened = brace.start()
        elif opened is not None and brace[0] == "}":
            block = text[opened + 1 : brace.start()]
            if is_ass or _SUBRIP_BLOCK.match(block):
                if not is_drawn:
                    shown.append(text[at:opened])
                for scale in _DRAWING.findall(block):
                    is_drawn = scale.strip("0") != ""
                at = brace.end()
            opened = None
    if not is_drawn:
        shown.append(text[at:])
    return "".join(shown).replace("\\{", "{").replace("\\}", "}")


def _shown(tag: re.Match[str], form: str) -> str:
    """A tag's text where it is none: WebVTT has no other use of <, SubRip has."""
    name = tag[1].lower()
    is_tag = name in _SUBRIP_TAGS or (form == "vtt" and (name or tag[0] in ("</>", "<>")))
    return "" if is_tag else tag[0]


def _timed(lines: list[str], *, is_webvtt: bool) -> FitLines:
    """Each subtitle as its times, its lines, a blank line and a number."""
    result: list[str] = []
    spoken: list[str] | None = None  # of the subtitle that is read; None before the first
    length = n_cut = number = 0
    is_over = False
    for line in [*lines, ""]:
        if _ARROW in line:
            if spoken is not None:
                result += [*(spoken if is_webvtt else _without_number(spoken, number)), "", "0"]
                n_cut += length > MAX_LENGTH
            number += 1
            result.append(_LOOSE_TIME.sub(_whole, line[:HEAD_LENGTH]))
            spoken, length, is_over = [], 0, False
        elif spoken is not None and not is_over:
            if is_webvtt and not line.strip():
                is_over = bool(spoken)  # what follows is a comment, a style or a name
            elif line.strip() or (spoken and spoken[-1]):
                spoken.append(line.strip()[: max(0, MAX_LENGTH - length)])
                length += len(line)
    result += [*(spoken or ()), "", "0"]
    return FitLines("\n".join(result), n_cut + (length > MAX_LENGTH))


def _without_number(spoken: list[str], number: int) -> list[str]:
    """The lines of a subtitle without the number of the next one, the one with that index.

    The number stands right above the times and below a blank line. Careless writers leave out
    one of the two; it is then a number only if it goes on counting.
    """
    shown = spoken[:-1] if spoken and not spoken[-1] else spoken
    last = shown[-1] if shown else ""
    if not last.isdecimal():
        return shown
    is_above = shown is spoken
    is_below_blank = len(shown) == 1 or not shown[-2]
    goes_on = len(last) < 9 and int(last) in (number, number + 1)
    if (is_above and is_below_blank) or (
        goes_on and len(shown) > 1 and (is_above or is_below_blank)
    ):
        return shown[:-1]
    return shown


def _whole(time: re.Match[str]) -> str:
    """A time without its leading zeros, as some writers of SubRip have it, made whole."""
    hours, minutes, seconds, mark, rest = time.groups()
    return f"{hours:0>2}:{minutes:0>2}:{seconds:0>2}{mark}{rest}"
