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

from vprog.program.allowed import words
from vprog.rules.named_track import NamedTrack, take_track
from vprog.rules.times import When, take_times
from vprog.types import Video

_TELL = (
    r"tell|say|give|list|count|check|find out|work out|determine|read|state|name|describe|confirm|"
    r"report|measure|work|let"
)
_OPENINGS = re.compile(
    r"^(?:(?:please|hey|hi|hello|ok|okay|so|well|now|and|also|question)\b[,:]? ?"
    r"|(?:can|could|would|will|may) (?:you|i ask you to|we) (?:please |kindly |possibly )*"
    rf"(?=(?:{_TELL})\b)"
    r"|would you mind (?:telling|giving) me "
    r"|(?:please )?(?:tell me|tell us|provide|specify|note down|show me|say|find out|work out|"
    r"find|check|determine|give me|name|state|let me know|report|detect|verify|confirm|print|"
    r"output|return|measure|identify)(?: (?:for me|to me))?(?: (?:if|whether)(?: or not)?)? "
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
    r",\s*(?:right|correct|yes|no|ok|okay|please|or not|or no|"
    r"(?:is|are|does|do|was|did)(?:n['’]t)? (?:it|they|there))\s*[?!.]*$",
    re.IGNORECASE,
)
"""What turns a statement into a question ("..., right?")."""


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
    """

    raw: str
    text: str
    times: tuple[When, ...]
    quotes: tuple[str, ...]
    video: Video
    track: NamedTrack | None = None

    @property
    def given(self) -> frozenset[str]:
        """What the video has, and what it lacks: "sound" (or subtitles), "no picture"."""
        there = {
            "picture": self.video.width > 0,
            "sound": self.video.has_audio or self.video.has_subtitles,
        }
        return frozenset(name if is_there else f"no {name}" for name, is_there in there.items())


def read_question(question: str, video: Video) -> ParsedQuestion:
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
    return ParsedQuestion(
        raw=question,
        text=_without_courtesy(text),
        times=tuple(times),
        quotes=tuple(quotes),
        video=video,
        track=track,
    )


def _without_courtesy(text: str) -> str:
    """The question from its first word that asks; its quotations get marks with numbers."""
    while opening := _OPENINGS.match(text):
        text = text[opening.end() :].lstrip(" ,")
    numbers = itertools.count()
    return re.sub(rf"\b{QUOTE}\b", lambda _: f"quote{next(numbers)}mark", text)


_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=\S)")
_ASIDE = re.compile(
    r"^(?P<told>(?:i|i['’]m|i['’]ve|we|we['’]re|my|our|for (?:my|our|the|a|this)|this is for|as an?"
    r"|to) [^,;:]*)(?:[;:] ?|, ?so |, )(?P<asked>(?:so |and )?\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
"""What somebody says of themselves before they ask ("I'm editing this, so how many ...")."""
_PAUSED = re.compile(
    r"^(?:i|we) [^;:,]* at (?P<time>\d+(?::\d+)*(?:\.\d+)?(?: ?s\b| seconds?\b)?) ?[;:,] ?"
    r"(?P<asked>[^;:,]+?)\??$",
    re.IGNORECASE,
)
"""What somebody tells of where in the video they are ("I paused it at 0:06; what ...")."""
_LIMITS = re.compile(
    r"\b(?:only|ignor\w+|except\w*|apart|but|not|don['’]t|without|consider|suppose|assume|count\w*|"
    r"after|before|first|last|until|exclud\w+|disregard\w*|imagine|if|start|end|want|mean|"
    r"order|said|say|spoken|speak|speech|heard|written|read)\b|\d"
    r"|[\"“«‘`]",
    re.IGNORECASE,
)
"""Words by which a sentence limits what the next one asks."""


def without_background(question: str) -> tuple[str, str] | None:
    """A question without the sentences before it, and these; None if they may limit what it asks.

    Example:
        >>> without_background("Our player shows no length. How long is it?")
        ('How long is it?', 'Our player shows no length.')
    """
    paused = _PAUSED.match(question.strip())
    if paused is not None:
        return f"{paused['asked']} at {paused['time']}?", question[: paused.start("asked")].strip()
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
    if not re.search(r"[a-z]", raw) or not _ABOUT_TEXT.search(question.text):
        return None  # in capitals altogether, or perhaps about a property: "is it HDR?"
    full, quotes = question.text, list(question.quotes)
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
    return replace(question, text=full, quotes=tuple(quotes))


LEAST_WORDS = 2
"""Function words of one language that make a question one in it."""

_FUNCTION_WORDS = {
    "German": "wie viele ist sind der die das den dem ein eine wann wird werden gibt es im und "
    "nicht lang lange zeigt sagt jemand kommt dauert steht zu sehen welche welcher wer warum",
    "French": "combien de est sont le la les du des une un quand y il elle dans et pas que quel "
    "quelle quels qui ce cette dure pourquoi sur où personne personnes",
    "Spanish": "cuántas cuántos cuantos cuantas cuánto cuando cuándo hay el la los las un una en "
    "qué que es son del y quién dónde donde dura por se ve personas",
    "Italian": "quante quanti quanto quando ci sono il lo la gli le un una nel nella che è di del "
    "della chi dove dura perché persone si vede cosa",
    "Portuguese": "quantas quantos quanto quando há o os as um uma no na que é são do da quem onde "
    "dura por pessoas se vê",
    "Dutch": "hoeveel zijn er het een de wanneer hoe lang duurt wie waar wat wordt staat van niet "
    "mensen iemand zegt welke te zien",
    "Swedish": "hur många är det en ett finns när vem var vad som och inte visas personer länge",
    "Polish": "ile jest są kiedy w na kto gdzie co czy jak się nie osób długo trwa",
    "Turkish": "kaç ne zaman var mı mi bir kim nerede nasıl video kişi kadar sürüyor",
    "Indonesian": "berapa ada yang di dan kapan siapa apa orang lama ini itu",
    "Vietnamese": "có bao nhiêu người khi nào ai ở trong là không dài",
}
_ENGLISH = words(
    "a an the is are was were do does did in on at of to and or not how what when which who "
    "where why there it this that many long any be has have time video people clip i no me as "
    "so one on die son do ten per are for from with"
)
"""Words that English shares, or that are English words."""
_SCRIPTS = (
    ("CJK", "Chinese"), ("HIRAGANA", "Japanese"), ("KATAKANA", "Japanese"), ("HANGUL", "Korean"),
    ("CYRILLIC", "Russian or another language in Cyrillic letters"),
    ("ARABIC", "Arabic or another language in Arabic letters"), ("DEVANAGARI", "Hindi"),
    ("HEBREW", "Hebrew"), ("GREEK", "Greek"), ("THAI", "Thai"), ("BENGALI", "Bengali"),
    ("TAMIL", "Tamil"), ("GEORGIAN", "Georgian"), ("ARMENIAN", "Armenian"),
)  # fmt: skip


def other_language(question: str) -> str | None:
    """The language of a question that is not in English, as messages name it; None if unsure.

    Quoted text says nothing of the language of the question.
    """
    text = re.sub(r"[\"“«‘`][^\"”»’`]*[\"”»’`]", " ", question)
    letters = [letter for letter in text if letter.isalpha()]
    scripts = Counter(_script(letter) for letter in letters)
    others = {name: count for name, count in scripts.items() if name is not None}
    if sum(others.values()) * 2 > len(letters):
        # Japanese is written in Chinese signs too, among its own.
        return "Japanese" if "Japanese" in others else max(others, key=lambda name: others[name])
    spoken = set(re.findall(r"\w+", text.lower())) - _ENGLISH
    hits = {name: len(spoken & set(listed.split())) for name, listed in _FUNCTION_WORDS.items()}
    best = max(hits, key=lambda name: hits[name])
    return best if hits[best] >= LEAST_WORDS else None


def _script(letter: str) -> str | None:
    """The language of a letter that is not Latin."""
    name = unicodedata.name(letter, "")
    return next((language for start, language in _SCRIPTS if name.startswith(start)), None)
