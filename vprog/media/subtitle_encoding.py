"""Text of a subtitle file whose encoding nobody states: certain by its form, else detected.

A byte order mark, UTF-16 in which the arrows of the times stand, and valid UTF-8 are certain.
Of what is left, charset-normalizer names the encodings that give no disorder; among these the
letters decide: those of Czech all stand in one alphabet, while the same bytes in Western
European mix Danish, French and Italian. Where encodings fit alike, the text says whose letters
are in doubt, or is not read at all.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from vprog.errors import SubtitlesUnreadableError

GUESSED = 0.9
"""Score of text in an encoding that was detected and has no rival."""

DOUBTED = 0.6
"""Where another encoding fits as well and would change some letters."""

MOST_DOUBTED = 0.15
"""The share of the letters beyond ASCII and of all words that a rival may change: above, one of
the two candidates is garbage and nobody can say which."""

RIVAL = 0.06
"""An encoding whose fit is at most so much less is a rival; by RIVAL_LETTERS / letters more
where there are few letters to judge by."""

RIVAL_LETTERS = 2.0

LEAST_FIT = 0.5
"""Text that fits less is in no encoding that is known here."""

MOST_DISORDER = 0.35
"""What charset-normalizer calls chaos, in [0, 1]; its own limit of 0.2 drops short Korean lines."""

SAMPLE = 2**16
"""Bytes of lines beyond ASCII that are looked at."""

_WESTERN = "cp1252"
_ENCODINGS = (
    _WESTERN, "cp1250", "cp1251", "cp1254", "cp1257", "cp1253", "cp1255", "cp1256", "koi8_r",
    "iso8859_2", "iso8859_5", "iso8859_7", "tis_620", "cp932", "gb18030", "big5", "cp949",
    "euc_jp",
)  # fmt: skip
"""The more usual first. Latin-1 is part of Windows-1252, GBK and GB2312 of GB 18030."""

_ALPHABETS = {
    "French": "àâæçéèêëîïôœùûüÿ",
    "German": "äöüß",
    "Spanish": "áéíñóúüºª",
    "Portuguese": "áâãàçéêíóôõúüºª",
    "Italian": "àèéìîòóù",
    "Catalan": "àçéèíïòóúü·",
    "Dutch": "ëïéèöüáóíêäç",
    "Swedish, Finnish": "åäöéà",
    "Danish, Norwegian": "æøåéòôê",
    "Icelandic": "áðéíóúýþæö",
    "Estonian": "äöüõšž",
    "Czech": "áčďéěíňóřšťúůýž",
    "Slovak": "áäčďéíĺľňóôŕšťúýž",
    "Polish": "ąćęłńóśźż",
    "Hungarian": "áéíóöőúüű",
    "Croatian, Slovene": "čćđšž",
    "Romanian": "ăâîşţ",
    "Turkish": "çğıöşüâîû",
    "Lithuanian": "ąčęėįšųūž",
    "Latvian": "āčēģīķļņšūž",
    "Russian, Bulgarian": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "Ukrainian, Belarusian": "абвгґдеєёжзиіїйклмнопрстуўфхцчшщыьэюя",
    "Serbian, Macedonian": "абвгдђѓежзѕијклљмнњопрстћќуфхцчџш",
    "Greek": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
    "Hebrew": "אבגדהוזחטיךכלםמןנסעףפץצקרשת",
    "Arabic": "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيًٌٍَُِّْ،؛؟ـ",
}
"""Letters beyond ASCII, as Unicode's CLDR lists them for these languages, with loan words."""

_MARKS = frozenset("“”‘’‚„«»‹›–—…•¿¡°©®™€£§№×½¼¾·\xa0\xad´♪")
"""Beside letters these stand in subtitles of any language."""

_TIMES = ("-->", "Dialogue:", "WEBVTT")
_WORD = re.compile(r"[^\W\d_]+")
_GLUED = re.compile(
    r"(?<![^\x00-\x7f])[^\x00-\x7f](?=[a-zA-Z])|(?<=[a-zA-Z])[^\x00-\x7f](?![^\x00-\x7f])"
)
"""A single letter beyond ASCII within a Latin word: an accent, read as a Chinese character."""
_JAPANESE = re.compile("[\u3040-\u30ff]")
_FREQUENT = frozenset(
    {"cp1251", "koi8_r", "iso8859_5", "cp1253", "iso8859_7", "cp1255", "cp1256", "tis_620"}
)
"""Alphabets in which the order of the letters by frequency, its coherence, tells languages
apart: every byte is a letter in them."""
_ASIAN = frozenset({"cp932", "gb18030", "big5", "cp949", "euc_jp"})


class DecodedText(NamedTuple):
    """The text of a file; how sure its letters are, in [0, 1]; what to tell the reader."""

    text: str
    score: float = 1.0
    warning: str = ""


class _Candidate(NamedTuple):
    """The sample in one encoding: the better, the more of its letters fit together."""

    encoding: str
    sample: str
    fit: float


def decode_text(data: bytes, name: str) -> DecodedText:
    """The text in the bytes of a file called `name`.

    Raises:
        SubtitlesUnreadableError: its encoding cannot be told.
    """
    certain = _certain(data)
    if certain is not None:
        return DecodedText(certain)
    if b"\0" in data:
        raise SubtitlesUnreadableError(
            f'"{name}" is no text file.', hint="Give an .srt, .vtt or .ass file."
        )
    damaged = _damaged_utf8(data, name)
    if damaged is not None:
        return damaged
    candidates = _candidates(data)
    if not candidates:
        raise SubtitlesUnreadableError(
            f'"{name}" holds no subtitles in an encoding that is known here.',
            hint="Save it as UTF-8, or give another .srt, .vtt or .ass file.",
        )
    best = candidates[0]
    text = data.decode(best.encoding, "replace")
    n_letters = sum(letter > "\x7f" for letter in best.sample)
    rivals = [other for other in candidates[1:] if _is_rival(other, best, n_letters)]
    shown = _title(best.encoding)
    others = " or ".join(dict.fromkeys(_title(rival.encoding) for rival in rivals[:2]))
    changed = max((_changed(best.sample, rival.sample) for rival in rivals), default=0.0)
    is_western = best.encoding not in _FREQUENT | _ASIAN
    if changed > MOST_DOUBTED or best.fit < LEAST_FIT or (n_letters < 16 and not is_western):
        or_others = f" or {others}" if others else ""
        raise SubtitlesUnreadableError(
            f'"{name}": its encoding is not stated and cannot be told; it may be '
            f"{shown}{or_others}.",
            hint="Save it as UTF-8.",
        )
    if not rivals:
        said = f"{name}: its encoding is not stated; it was read as {shown}"
        return DecodedText(text, GUESSED, said)
    said = (
        f"{name}: its encoding is not stated; it was read as {shown}, which leaves some letters "
        f"in doubt (it may be {others}): save it as UTF-8"
    )
    return DecodedText(text, DOUBTED, said)


def _is_rival(other: _Candidate, best: _Candidate, n_letters: int) -> bool:
    """Whether a candidate fits about as well and says something else.

    Few letters are little to tell scripts apart by; accents within one script are told by the
    alphabet at once.
    """
    changed = _changed(best.sample, other.sample)
    few = RIVAL_LETTERS / max(1, n_letters) if changed > MOST_DOUBTED else 0.0
    is_near = best.fit - other.fit <= RIVAL + few and other.fit >= LEAST_FIT
    return changed > 0 and is_near


def _certain(data: bytes) -> str | None:
    """Text whose encoding shows in its form; None for any other."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    for encoding in ("utf-16-le", "utf-16-be"):
        # At an even place: one byte on, each of the two orders looks like the other.
        if any(data.find(word.encode(encoding)) % 2 == 0 for word in _TIMES):
            return data.decode(encoding, "replace")
    if b"\x1b$" in data:  # the escape that begins two-byte letters in e-mail encodings
        for encoding in ("iso2022_jp_2", "iso2022_kr"):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _damaged_utf8(data: bytes, name: str) -> DecodedText | None:
    """UTF-8 with some bytes lost, which no other encoding looks like; None for any other text."""
    text = data.decode("utf-8", "replace")
    n_lost = text.count("\ufffd")
    n_letters = sum(letter > "\x7f" for letter in text) - n_lost
    if n_letters < 10 * n_lost:
        return None
    return DecodedText(text, GUESSED, f"{name}: {n_lost} of its letters are damaged")


def _candidates(data: bytes) -> list[_Candidate]:
    """The encodings that fit the lines beyond ASCII, best first."""
    from charset_normalizer import from_bytes

    sample = _beyond_ascii(data.splitlines())
    found = from_bytes(
        sample, cp_isolation=list(_ENCODINGS), threshold=MOST_DISORDER, enable_fallback=False
    )
    candidates: list[_Candidate] = []
    for match in found:
        text = str(match)
        # An encoding with the same letters at other places is as good as this one.
        for encoding in dict.fromkeys((match.encoding, *match.could_be_from_charset)):
            if encoding in _ENCODINGS:
                fit = _fit(encoding, text) - match.chaos
                if encoding in _FREQUENT:
                    fit -= (1 - match.coherence) / 2
                candidates.append(_Candidate(encoding, text, fit))
    candidates.sort(
        key=lambda candidate: (-round(candidate.fit, 2), _ENCODINGS.index(candidate.encoding))
    )
    return candidates


def _beyond_ascii(lines: Iterable[bytes]) -> bytes:
    size = 0
    chosen: list[bytes] = []
    for line in lines:
        if not line.isascii():
            chosen.append(line[:2000])
            size += len(chosen[-1])
        if size >= SAMPLE:
            break
    return b"\n".join(chosen)


def _fit(encoding: str, text: str) -> float:
    """The share of the letters beyond ASCII that one language explains, less what is odd."""
    beyond = Counter(letter for letter in text if letter > "\x7f" and letter not in _MARKS)
    total = beyond.total()
    if not total:
        return 1.0
    if encoding in _ASIAN:
        common = sum(n for letter, n in beyond.items() if _is_common(letter, encoding))
        return (common - len(_GLUED.findall(text))) / total
    if encoding == "tis_620":
        return sum(n for letter, n in beyond.items() if "\u0e01" <= letter <= "\u0e5b") / total
    explained = max(
        sum(n for letter, n in beyond.items() if letter in letters) for letters in _BOTH_CASES
    )
    odd = sum(_is_odd(word) for word in _WORD.findall(text) if not word.isascii())
    n_words = sum(not word.isascii() for word in _WORD.findall(text))
    return explained / total - odd / max(1, n_words)


_BOTH_CASES = [frozenset(letters + letters.upper() + "İ") for letters in _ALPHABETS.values()]


def _is_odd(word: str) -> bool:
    """A word in two scripts, or with a capital after a small letter."""
    latin = {letter < "\u0250" for letter in word}
    return len(latin) > 1 or any(a.islower() and b.isupper() for a, b in pairwise(word))


def _is_common(letter: str, encoding: str) -> bool:
    """Whether a letter is frequent in the language of an Asian encoding.

    The national standards put the frequent characters first.
    """
    if _JAPANESE.match(letter):
        return encoding in ("cp932", "euc_jp")
    if "\u3000" <= letter <= "\u303f" or "\uff01" <= letter <= "\uff5e":
        return True
    code = letter.encode(encoding, "ignore")
    if len(code) != 2:
        return False
    first = code[0]
    if encoding == "cp949":
        return "\uac00" <= letter <= "\ud7a3"
    if encoding == "cp932":
        return 0x88 <= first <= 0x98
    if encoding == "big5":
        return 0xA4 <= first <= 0xC6
    if encoding == "euc_jp":
        return 0xB0 <= first <= 0xCF
    return 0xB0 <= first <= 0xD7 and code[1] >= 0xA1


def _changed(a: str, b: str) -> float:
    """The share of the words of `a` that `b` has otherwise; 1 if they cannot be compared."""
    words_a, words_b = a.split(), b.split()
    if len(words_a) != len(words_b):
        return 1.0
    letters = [
        (one, other)
        for left, right in zip(words_a, words_b, strict=True)
        for one, other in zip(left, right, strict=False)
    ]
    return sum(one != other for one, other in letters) / max(1, len(letters))


def _title(encoding: str) -> str:
    titles = {
        "cp932": "Shift-JIS", "gb18030": "GBK", "big5": "Big5", "cp949": "EUC-KR",
        "euc_jp": "EUC-JP", "koi8_r": "KOI8-R", "tis_620": "TIS-620",
    }  # fmt: skip
    if encoding in titles:
        return titles[encoding]
    return encoding.replace("cp", "Windows-").replace("iso8859_", "ISO 8859-")
