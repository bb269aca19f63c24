"""A question taken apart: its words in lower case; times, quotations and track that it names.

Where nothing knows it, `other_language` tells whether it is in another language than English, so
that what is said of it is true. Languages are told apart by words that hold every sentence together
and are no English words.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace

from vprog.models.sentence_embedder import vocabulary
from vprog.rules.named_track import NamedTrack, take_track
from vprog.rules.numbers import read_number
from vprog.rules.question_kinds import TimeKind
from vprog.rules.rule_data import pattern, rewritten, table
from vprog.rules.spelling import without_slips
from vprog.rules.times import When, take_times
from vprog.types import Span, Video


@dataclass(frozen=True)
class ParsedQuestion:
    """One question, taken apart.

    Attributes:
        raw: as it was asked.
        text: in lower case, courtesies taken away, times and quotations as marks.
        times: the times it names, in order.
        quotes: the quoted words it names, in order, as they were written.
        video: the video it is about.
        track: the sound or subtitle track that it names.
        part: of the video that may be looked at.
        options: the answers, or the two events, that it names; a mark stands for them in the text.
        clause: that names its time, taken out of the text.
    """

    raw: str
    text: str
    times: tuple[When, ...]
    quotes: tuple[str, ...]
    video: Video
    track: NamedTrack | None = None
    part: Span | None = None
    options: tuple[str, ...] = ()
    clause: str = ""

    @property
    def whole(self) -> Span:
        """All of the video that may be looked at."""
        return self.part or Span(0.0, self.video.duration)

    @property
    def time_kind(self) -> TimeKind:
        """Which times it names."""
        if len(self.times) != 1:
            return "two" if self.times else "at" if self.clause else "none"
        return "at" if self.times[0].kind == "at" else "span"

    @property
    def given(self) -> frozenset[str]:
        """What the video has, and what it lacks: "sound" (or subtitles), "no picture"."""
        sound = "sound" if self.video.has_audio or self.video.has_subtitles else "no sound"
        return frozenset({"picture" if self.video.width > 0 else "no picture", sound})


def read_question(question: str, video: Video, part: Span | None = None) -> ParsedQuestion:
    """Take a question apart; never fails, whatever the text.

    Args:
        question: as it was asked.
        video: that it is about.
        part: of the video that may be looked at; "the end", "halfway" are of it.
    """
    text = rewritten(unicodedata.normalize("NFKC", question).strip(), "as_typed")
    text, quotes = _take_quotes(text)
    text = rewritten(re.sub(r"\s+", " ", text.lower()), "contractions")
    text = rewritten(without_slips(text), "plainer")
    text = re.sub(r"\b(\w+)-th\b", lambda hit: f"{read_number(hit[1]) or 0:g}th", text)
    text, track = take_track(pattern("two_times").sub(_two_times, text))
    if track is not None:  # what is said there is read, or heard, whatever else the file has
        video = video._replace(has_subtitles=track.kind == "subtitles", has_audio=True)
    text, times = take_times(rewritten(text, "throughout"), video.duration, part)
    return ParsedQuestion(
        raw=question,
        text=_without_courtesy(rewritten(text, "bare")),
        times=tuple(_in_video(when, video.duration) for when in times),
        quotes=tuple(quotes),
        video=video,
        track=track,
        part=part,
    )


def _two_times(hit: re.Match[str]) -> str:
    """ "4 s vs 9 s" as two times, where a question compares; else as it stands."""
    unit, both = pattern("unit"), (hit[1], hit[3])
    if not pattern("compares").search(hit.string) or not any(map(unit.search, both)):
        return hit[0]
    first, second = (time if unit.search(time) else f"{time.strip()} s" for time in both)
    return f" at {first} {'than' if hit[2] == 'than' else 'or'} at {second}"


def _without_courtesy(text: str) -> str:
    """The question from its first word that asks."""
    is_whether = False
    while opening := pattern("opening").match(text):
        is_whether = is_whether or bool(re.search(r"\b(?:if|whether|that)\b", opening[0]))
        text = text[opening.end() :].lstrip(" ,")
    text = re.sub(r"^there (is|are|was|were) ", r"\1 there ", text)
    if is_whether and not re.match(r"(?:is|are|was|were|does|do|did|has|have|can) ", text):
        return f"is it so that {text}"
    return text


def _in_video(when: When, duration: float) -> When:
    """A span cut to the video: "the first second" of half a second is all of it. One that lies
    behind the end stays, for the writer to say so; one without width is a moment."""
    if when.kind == "at" or when.start > duration:
        return when
    if when.end <= when.start:
        return replace(when, kind="at", end=when.start)
    return replace(when, end=min(when.end, duration))


def _take_quotes(text: str) -> tuple[str, list[str]]:
    """The text with a mark for each quotation, and the quotations."""
    quotation = pattern("quotation")
    quoted = ("".join(filter(None, hit.groups())) for hit in quotation.finditer(text))
    numbers = itertools.count()
    marked = quotation.sub(lambda _: f" quote{next(numbers)}mark ", text)
    return marked, [words.strip() for words in quoted]


def with_bare_text(question: ParsedQuestion) -> ParsedQuestion | None:
    """The question with such text as a quotation; None if it names none.

    Such text is in capitals, a name with a number ("Frame 7"), or what follows "the word".
    """
    raw = unicodedata.normalize("NFKC", question.raw)
    if not re.search(r"[a-z]", raw) or not pattern("about_text").search(question.text):
        return None  # in capitals altogether, or perhaps about a property: "is it HDR?"
    full, quotes = question.text, list(question.quotes)
    for hit in pattern("bare_text").finditer(raw):
        text = hit[hit.lastindex or 0]
        if pattern("no_name").fullmatch(text):
            continue
        place = re.search(rf"(?<![\w.]){re.escape(text.lower())}(?![\w.])", full)
        if place is not None:
            full = f"{full[: place.start()]}quote{len(quotes)}mark{full[place.end() :]}"
            quotes.append(text)
    if len(quotes) == len(question.quotes):
        return None
    return replace(question, text=full, quotes=tuple(quotes))


def has_plain_capitals(raw: str) -> bool:
    """Whether a question, not in capitals itself, has English words in capitals ("THE END")."""
    words = {word.lower() for word in re.findall(r"\b[A-Z]{3,}\b", raw)}
    return bool(re.search(r"[a-z]", raw) and words & vocabulary())


LEAST_WORDS = 2
"""Function words of one language that make a question one in it."""


def other_language(question: str) -> str | None:
    """The language of a question that is not in English, as messages name it; None if unsure.

    Quoted text says nothing of the language of the question.
    """
    languages = table("phrases.toml")["languages"]
    text = re.sub(r"[\"“«‘`][^\"”»’`]*[\"”»’`]", " ", question)
    letters = [letter for letter in text if letter.isalpha()]
    scripts = (re.split("[ -]", unicodedata.name(letter, ""))[0] for letter in letters)
    others = Counter(name for script in scripts if (name := languages["scripts"].get(script)))
    if others.total() * 2 > len(letters):
        # Japanese is written in Chinese signs too, among its own.
        return "Japanese" if "Japanese" in others else others.most_common(1)[0][0]
    spoken = set(re.findall(r"\w+", text.lower())) - set(languages["english"].split())
    hits = {name: len(spoken & set(listed.split())) for name, listed in languages["words"].items()}
    best = max(hits, key=lambda name: hits[name])
    return best if hits[best] >= LEAST_WORDS else None
