"""A question taken apart: what is asked, at which times, in which quoted words, of which words.

A family of rules reads a question by naming the words it knows. `only` holds when nothing
else is left: a word that no rule knows ("red jacket", "why") must never be passed over,
because the answer would be one to another question.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from vprog.rules.named_track import NamedTrack, take_track
from vprog.rules.times import IS_MARK, When, read_length, take_times
from vprog.rules.word_forms import EMPTY, FILE
from vprog.types import Video

Ask = Literal["count", "how long", "when", "yes or no", "where", "which way", "what"]

_OPENINGS = re.compile(
    r"^(?:(?:please|hey|hi|hello|ok|okay|so|well|now|and|also|question)\b[,:]? ?"
    r"|(?:can|could|would|will|may) (?:you|i ask you to|we) (?:please |kindly |possibly )*(?=(?:tell|say|"
    r"give|list|count|check|find out|work out|determine|read|state|name|describe|confirm|report|"
    r"measure|work|let)\b)|please "
    r"|(?:please )?(?:tell me|tell us|say|find out|work out|find|check|determine|give me|name|state|let me know|"
    r"report|detect|verify|confirm|print|output|return|measure|identify)(?: (?:for me|to me))?(?: (?:if|whether))? "
    r"|whether "
    r"|(?:i(?: would|'d)? (?:want|like|need) to know|do you know|i wonder|any idea)(?: "
    r"(?:if|whether))? "
    r"|(?:in|of|for|according to|throughout|within|during) (?:the|this) (?:whole |entire |given )?"
    r"(?:video|clip|film|movie|recording|footage|file|sequence)\b(?: clip| file)?,? )"
)
_CONTRACTIONS = (
    (r"\b(what|who|where|when|how|that|there|it|which)['’]s\b", r"\1 is"),
    (r"\b(is|are|was|were|does|do|did|has|have|could|would)n['’]t\b", r"\1 not"),
    (r"\bcan['’]?t\b|\bcannot\b", "can not"),
    (r"['’]s\b", ""),
    (r"s['’](?= )", "s"),
)
_TAG = re.compile(
    r",\s*(?:right|correct|yes|no|ok|okay|please|or not|or no|(?:is|are|does|do|was|did)(?:n['’]t)? "
    r"(?:it|they|there))\s*[?!.]*$",
    re.IGNORECASE,
)
"""What turns a statement into a question ("..., right?")."""
_FILE_WORD = r"(?:video|clip|film|movie|recording|footage|file)"
_LENGTH_WORD = r"(?:length|duration|running time|run time|runtime|playing time)"
_ASKS: tuple[tuple[Ask, str], ...] = (
    (
        "count",
        r"^(?:what|which) (?:is|was) (?:the )?(?P<keep>(?:(?:total|overall|exact|right|correct"
        r"|largest|highest|greatest|biggest|maximum|max|most|smallest|lowest|fewest|minimum|"
        r"average|usual)\s)*)number of",
    ),
    ("count", r"^(?:what|which) number of"),
    ("count", r"^which (?:is|one is) the (?:right |correct )?number of"),
    (
        "count",
        r"^(?:the )?(?P<keep>(?:(?:total|maximum|max|largest|highest|greatest|"
        r"average)\s)?)number of",
    ),
    ("count", r"^at (?P<keep>most) how many"),
    ("count", r"^how (?P<keep>often)"),
    ("count", r"^(?:exactly |about )?how many"),
    ("count", r"^count(?: up)?(?: all)?\b"),
    ("how long", r"^(?:for )?how (?:long|much time)"),
    (
        "how long",
        rf"^(?:(?:what|which) (?:is|was) )?(?:the )?(?P<keep>(?:total |overall |full "
        rf")?)(?:{_FILE_WORD} )?{_LENGTH_WORD}(?: in (?:seconds|minutes))?",
    ),
    ("how long", rf"^(?:what|which) {_LENGTH_WORD}"),
    ("which way", r"^(?:in |to(?:wards?)? )?(?:which|what) (?:way|direction|side)"),
    (
        "when",
        r"^(?:at|in|on|from)? ?(?:about |roughly |approximately )?(?:what|which) (?:exact |"
        r"point in )?(?:time ?stamp|time ?code|time|second|moment|instant|point(?: in time)?|"
        r"minute|position)\b(?= (?!(?:does|did) (?:the )?(?:clock|timer|counter|stopwatch)\b|"
        r"(?:is|was|code|stamp)\b (?:shown|displayed|on\b|visible|written|printed|burnt)))",
    ),
    (
        "when",
        r"^what (?:is|was) the (?:exact )?(?:time|moment|second|timestamp|point)(?: in "
        r"time)?(?: (?:when|at which|that|in which|where))",
    ),
    (
        "when",
        r"^(?:when(?: exactly)?|since when|from when|how (?:soon|early|late)|how far (?:in|"
        r"into))\b",
    ),
    ("where", r"^(?:whereabouts|where(?: exactly)?)\b"),
    (
        "where",
        r"^(?:in|on|at) (?:which|what) (?:part|corner|half|side|area|region|place|position|"
        r"spot)(?: of)?",
    ),
    ("yes or no", r"^(?:is it true that|is it the case that|whether)"),
    (
        "yes or no",
        r"^(?:is|are|was|were|does|do|did|can|could|has|have|will)\b(?: (?:you|we|one|i) "
        r"(?:ever )?(?:see|find|spot|notice|make out|tell))?(?: (?:it|there))?",
    ),
    ("what", r"^(?:to )?(?:what|which|who|whose|how)\b"),
    ("what", r"^(?:read|transcribe|describe|show|list|give)\b"),
)


@dataclass(frozen=True)
class ParsedQuestion:
    """One question, read.

    Attributes:
        raw: as it was asked.
        ask: what kind of answer it wants.
        text: what follows the asking words, in lower case, times and quotes as marks.
        tokens: the words of `text`, marks left out.
        times: the times it names, in order.
        quotes: the quoted words it names, in order, as they were written.
        video: the video it is about.
        ask_words: the asking words themselves.
        track: the sound or subtitle track that it names.
        has_choices: whether one of given choices is to be picked.
        full: the question in lower case, courtesies taken away, times and quotes as marks.
        left: for each failed `only` the words that were left over.
    """

    raw: str
    ask: Ask
    text: str
    tokens: tuple[str, ...]
    times: tuple[When, ...]
    quotes: tuple[str, ...]
    video: Video
    ask_words: str
    track: NamedTrack | None = None
    has_choices: bool = False
    full: str = ""
    left: list[tuple[str, ...]] = field(default_factory=list, compare=False)

    def has(self, *groups: Iterable[str]) -> bool:
        """Whether a word of each group occurs."""
        return all(any(word in self.tokens for word in group) for group in groups)

    def says(self, pattern: str) -> bool:
        """Whether the words match a pattern somewhere, whole words only."""
        return re.search(rf"\b(?:{pattern})\b", self.text) is not None

    def only(self, *groups: Iterable[str]) -> bool:
        """Whether every word is of one of the groups, or has no meaning of its own."""
        known = {word for group in groups for word in group}
        rest = tuple(word for word in self.tokens if word not in known and word not in EMPTY | FILE)
        if rest:
            self.left.append(rest)
        return not rest

    @property
    def given(self) -> frozenset[str]:
        """What the video has, and what it lacks: "sound" (or subtitles), "no picture"."""
        there = {
            "picture": self.video.width > 0,
            "sound": self.video.has_audio or self.video.has_subtitles,
        }
        return frozenset(name if is_there else f"no {name}" for name, is_there in there.items())

    @property
    def when(self) -> When | None:
        """The one time the question names, or None; None also if it names several."""
        return self.times[0] if len(self.times) == 1 else None


def read_question(question: str, video: Video, *, has_choices: bool = False) -> ParsedQuestion:
    """Take a question apart; never fails, whatever the text."""
    text = _TAG.sub("", unicodedata.normalize("NFKC", question).strip())
    text, quotes = _take_quotes(text)
    text = re.sub(r"\s+", " ", text.lower())
    for pattern, plain in _CONTRACTIONS:
        text = re.sub(pattern, plain, text)
    text, track = take_track(text)
    if track is not None:  # what is said there is read, or heard, whatever else the file has
        video = video._replace(has_subtitles=track.kind == "subtitles", has_audio=True)
    text, times = take_times(text, video.duration)
    times = [_in_video(when, video.duration) for when in times]
    text = re.sub(r"[?!.,;:()\[\]…]+(?=\s|$)|(?<=\s)[(\[]|^[(\[]", " ", text)
    text = re.sub(r"\s+", " ", text).strip(" ,;:")
    full = _without_courtesy(text)
    ask, text, asking = _take_ask(text)
    return ParsedQuestion(
        raw=question,
        ask=ask,
        text=text,
        tokens=tuple(word for word in text.split() if not IS_MARK.fullmatch(word)),
        times=tuple(times),
        quotes=tuple(quotes),
        video=video,
        ask_words=asking,
        track=track,
        has_choices=has_choices,
        full=full,
    )


def _without_courtesy(text: str) -> str:
    """The question from its first word that asks; its quotations get marks with numbers."""
    while opening := _OPENINGS.match(text):
        text = text[opening.end() :].lstrip(" ,")
    numbers = itertools.count()
    return re.sub(rf"\b{QUOTE}\b", lambda _: f"quote{next(numbers)}mark", text)


_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=\S)")
_ASIDE = re.compile(
    r"^(?P<told>(?:i|i['’]m|i['’]ve|we|we['’]re|my|our|for (?:my|our|the|a|this)|this is for|as an?|to) "
    r"[^,;:]*)(?:[;:] ?|, ?so |, )(?P<asked>(?:so |and )?\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
"""What somebody says of themselves before they ask ("I'm editing this, so how many ...")."""
_LIMITS = re.compile(
    r"\b(?:only|ignor\w+|except\w*|apart|but|not|don['’]t|without|consider|suppose|assume|count\w*|"
    r"after|before|first|last|until|exclud\w+|disregard\w*|imagine|if|start|end|want|mean)\b|\d|[\"“«‘`]",
    re.IGNORECASE,
)
"""Words by which a sentence limits what the next one asks."""


def without_background(question: str) -> tuple[str, str] | None:
    """A question without the sentences before it, and these; None if they may limit what it asks.

    Example:
        >>> without_background("Our player shows no length. How long is it?")
        ('How long is it?', 'Our player shows no length.')
    """
    *before, last = _SENTENCE_END.split(question.strip())
    aside = _ASIDE.match(last)
    if aside is not None:
        before, last = [*before, aside["told"]], re.sub(r"^(?:so|and) ", "", aside["asked"])
    told = " ".join(before)
    if not before or "?" in told or _LIMITS.search(told):
        return None
    return last, told


def _in_video(when: When, duration: float) -> When:
    """A span cut to the video: "the first second" of half a second is all of it. One that lies
    behind the end stays, for the writer to say so; one without width is a moment."""
    if when.kind == "at" or when.start > duration:
        return when
    if when.end <= when.start:
        return replace(when, kind="at", end=when.start)
    return replace(when, end=min(when.end, duration))


QUOTE = "quotedwords"
"""The word that stands for a quotation in a question's text."""


def _take_quotes(text: str) -> tuple[str, list[str]]:
    """The text with a mark for each quotation, and the quotations."""
    found: list[str] = []

    def swap(hit: re.Match[str]) -> str:
        inner = next(part for part in hit.groups() if part is not None).strip()
        found.append(inner)
        return f" {QUOTE} "

    pattern = r"\"([^\"]{1,200})\"|“([^”]{1,200})”|«([^»]{1,200})»|‘([^’]{1,200})’|`([^`]{1,200})`"
    text = re.sub(pattern, swap, text)
    text = re.sub(r"(?<!\w)'((?:[^']|(?<=\w)'(?=\w)){1,200})'(?!\w)", swap, text)
    return text, found


def _take_ask(text: str) -> tuple[Ask, str, str]:
    """What is asked, the rest of the text, and the asking words.

    Times before the asking words ("At 5 s, how many ...") are moved behind them.
    """
    moved = ""
    while True:
        opening = _OPENINGS.match(text)
        if opening:
            text = text[opening.end() :].lstrip(" ,")
            continue
        first = re.match(r"(time\d+mark)[ ,]*", text)
        if first:
            moved += " " + first[1]
            text = text[first.end() :]
            continue
        break
    for ask, pattern in _ASKS:
        hit = re.match(pattern + r"(?=\s|$)", text)
        if hit:
            keep = hit.groupdict().get("keep") or ""
            rest = f"{keep} {text[hit.end() :]} {moved}"
            return ask, re.sub(r"\s+", " ", rest).strip(), hit[0]
    return "what", f"{text} {moved}".strip(), ""


def read_duration(text: str) -> tuple[float, str] | None:
    """The first length of time in a text ("longer than 5 seconds"), and the text without it."""
    words = text.split()
    for size in (6, 5, 4, 3, 2, 1):
        for at in range(len(words) - size + 1):
            seconds = read_length(" ".join(words[at : at + size]))
            if seconds is not None:
                return seconds, " ".join(words[:at] + words[at + size :])
    return None


def same_words(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether two word lists are equal, case apart."""
    return [word.lower() for word in first] == [word.lower() for word in second]
