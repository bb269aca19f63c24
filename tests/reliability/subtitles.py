"""Subtitle files that somebody made to hang or to lie: endless markup, unstated encodings, damage.

Nothing takes more than seconds of the processor; what is cut or guessed is said; letters in a
wrong encoding never have full score.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.media.test_subtitle_encoding import TEXTS, in_srt
from tests.reliability.outcome import Attack, Field, Verdict
from vprog.errors import SubtitlesUnreadableError
from vprog.media.subtitle_files import identify_subtitles, read_subtitles
from vprog.media.subtitle_markup import MAX_LENGTH

HUNG_S = 5.0
"""Of processor time; an honest file of the same size takes under 0.5."""

SIZE = 400_000
UNITS = (
    "{", "{\\p1", "{\\k1}", "{y:", "}", "<", "<a", "<rt>", "<v ", "<00:", "&", "&#1", "\\N", "\n",
    "\n1", "-->", "[a", "a\\{", "\\p1", " ", "1", "\t\n", "00:00:01,000 --> 00:00:02,000\n",
)  # fmt: skip
HEADS = {
    "srt": ("", "1\n00:00:01,000 --> 00:00:02,000\n"),
    "vtt": ("WEBVTT\n\n", "00:01.000 --> 00:02.000\n"),
    "ass": ("[Events]\n", "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,"),
}
ENCODINGS = (
    ("Russian", "cp1251"), ("Russian", "koi8-r"), ("Russian", "iso8859-5"), ("Japanese", "cp932"),
    ("Japanese", "euc_jp"), ("Chinese", "gbk"), ("Taiwan", "big5"), ("Korean", "euc_kr"),
    ("French", "cp1252"), ("German", "latin-1"), ("Polish", "cp1250"), ("Turkish", "cp1254"),
    ("Greek", "cp1253"), ("Russian", "utf-16-le"), ("Chinese", "utf-16-be"), ("Korean", "utf-8"),
)  # fmt: skip


def attacks(seed: int, count: int) -> Iterator[Attack]:
    """Endless markup, unstated encodings and damaged files, in turn."""
    rng = random.Random(seed)
    for number in range(count):
        name, ending, data, expected = MAKERS[number % len(MAKERS)](rng)
        yield Attack(f"{number}: {name}", lambda e=ending, d=data, x=expected: attempt(e, d, x))


def attempt(ending: str, data: bytes, expected: str | None) -> tuple[Verdict, str]:
    """Read a file; `expected` is its text, where it has one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{ending}"
        path.write_bytes(data)
        began = time.process_time()
        try:
            subtitles, warnings = read_subtitles(*identify_subtitles(path))
        except SubtitlesUnreadableError:
            subtitles, warnings = [], ("refused",)
        spent = time.process_time() - began
    if spent > HUNG_S:
        return "hung", f"{spent:.1f} s"
    longest = max((len(subtitle.text) for subtitle in subtitles), default=0)
    if longest > MAX_LENGTH:
        return "wrong", f"a subtitle of {longest} letters"
    if expected is None or not subtitles:
        return "survived", ""
    text = "\n".join(subtitle.text for subtitle in subtitles)
    changed = sum(a != b for a, b in zip(text, expected, strict=False)) / len(expected)
    score = subtitles[0].score
    if changed and (score == 1 or not warnings or changed > 0.2):
        return "wrong", f"{changed:.0%} of the letters at {score}: {text[:60]!r}"
    return "survived", ""


def _endless(rng: random.Random) -> tuple[str, str, bytes, None]:
    ending = rng.choice(sorted(HEADS))
    unit, size = rng.choice(UNITS), rng.choice((SIZE, SIZE // 100))
    once = (unit * (size // len(unit)))[: rng.randint(size // 2, size)]
    start, head = HEADS[ending]
    text = start + (head + once + "\n\n") * (SIZE // size)
    return f"{ending} of {unit!r} x {len(once)}", ending, text.encode(), None


def _encoded(rng: random.Random) -> tuple[str, str, bytes, str]:
    language, encoding = rng.choice(ENCODINGS)
    lines = TEXTS[language].split("\n")
    chosen = "\n".join(rng.sample(lines, rng.randint(1, len(lines))))
    words = chosen.split(" ")
    if rng.random() < 0.4:  # a short one
        at = rng.randrange(len(words))
        chosen = " ".join(words[at : at + rng.randint(1, 3)]).strip()
    data = in_srt(chosen).encode(encoding, "ignore")
    expected = "\n".join(line for line in chosen.split("\n") if line.strip())
    return f"{language} in {encoding}, {len(chosen)} letters", "srt", data, expected


def _damaged(rng: random.Random) -> tuple[str, str, bytes, None]:
    ending = rng.choice(sorted(HEADS))
    start, head = HEADS[ending]
    text = start + "".join(f"{head}{line}\n\n" for line in TEXTS["French"].split("\n") * 20)
    data = bytearray(text.encode(rng.choice(("utf-8", "utf-16", "cp1252"))))
    for _ in range(rng.choice((1, 10, 200))):
        data[rng.randrange(len(data))] = rng.randrange(256)
    cut = rng.randint(1, len(data))
    return f"{ending} with random bytes, cut at {cut}", ending, bytes(data[:cut]), None


MAKERS: tuple[Callable[[random.Random], tuple[str, str, bytes, str | None]], ...] = (
    _endless, _encoded, _damaged,
)  # fmt: skip
"""Each gives a name, the ending of its file, its bytes, and its text if that is known."""


FIELD = Field("subtitle files: endless markup, unstated encodings, damage", attacks, 1_200)
