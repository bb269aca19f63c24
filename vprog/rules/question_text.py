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

from vprog.program.allowed_syntax import words
from vprog.rules.named_track import NamedTrack, take_track
from vprog.rules.numbers import read_number
from vprog.rules.spelling import is_english, without_slips
from vprog.rules.times import IS_MARK, MEDIUM, When, take_times
from vprog.types import Span, Video

_TELL = (
    r"tell|say|give|list|count|check|find out|work out|determine|read|state|name|describe|confirm|"
    r"report|measure|work|let"
)
_OPENINGS = re.compile(
    r"^(?:(?:read|write|spell|type) out (?=what|the|every|all)"
    r"|(?:please|hey|hi|hello|ok|okay|so|well|now|and|also|question)\b[,:]? ?"
    r"|(?:can|could|would|will|may) (?:you|i ask you to|we) (?:please |kindly |possibly )*"
    rf"(?=(?:{_TELL})\b(?! quotedwords))"
    r"|would you mind (?:telling|giving) me "
    r"|(?:please )?(?:tell me|tell us|provide|specify|note down|show me|say|find out|work out|"
    r"find|check|determine|give me|name|state|let me know|report|detect|verify|confirm|print|"
    r"output|return|measure|identify)(?: (?:for me|to me))?(?: (?:if|whether)(?: or not)?)? "
    r"|whether "
    r"|(?:i|we) (?:want|need|would like|should like) (?=(?:the|a|an|all)\b)"
    r"|(?:am i right|is it (?:right|true|correct|the case)) (?:in (?:thinking|saying) )?that "
    r"|(?:(?:i|we) (?:need|want|have|must|would like|had better) )?(?:to )?"
    r"(?:establish|make sure|decide|find out|certify|learn|see|know)(?: first| quickly)? "
    r"(?:if|whether) "
    r"|(?:i(?: would| should|'d)? (?:want|like|need) to know|do you know|i wonder|any idea)(?: "
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
    r"(?:,?\s*\bor (?:no|not|(?:is|are|does|do|was|did)(?:n['’]t| not) (?:it|they|there|she|he))"
    r"|,\s*(?:right|correct|yes|no|ok|okay|please|or not|or no|"
    r"(?:is|are|does|do|was|did)(?:n['’]t)? (?:it|they|there)))\s*[?!.]*$",
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
        part: of the video that may be looked at.
    """

    raw: str
    text: str
    times: tuple[When, ...]
    quotes: tuple[str, ...]
    video: Video
    track: NamedTrack | None = None
    part: Span | None = None

    @property
    def given(self) -> frozenset[str]:
        """What the video has, and what it lacks: "sound" (or subtitles), "no picture"."""
        there = {
            "picture": self.video.width > 0,
            "sound": self.video.has_audio or self.video.has_subtitles,
        }
        return frozenset(name if is_there else f"no {name}" for name, is_there in there.items())


def ordinal_of(number: str) -> str:
    """ "four" as "4th"."""
    return f"{read_number(number) or 0:g}th"


def read_question(question: str, video: Video, part: Span | None = None) -> ParsedQuestion:
    """Take a question apart; never fails, whatever the text.

    Args:
        question: as it was asked.
        video: that it is about.
        part: of the video that may be looked at; "the end", "halfway" are of it.
    """
    text = _TAG.sub("", unicodedata.normalize("NFKC", question).strip())
    text, quotes = _take_quotes(text)
    text = re.sub(r"\s+", " ", text.lower())
    for pattern, plain in _CONTRACTIONS:
        text = re.sub(pattern, plain, text)
    text = without_slips(text)
    for pattern, plainer in _PLAINER:
        text = re.sub(pattern, plainer, text)
    text, track = take_track(text)
    if track is not None:  # what is said there is read, or heard, whatever else the file has
        video = video._replace(has_subtitles=track.kind == "subtitles", has_audio=True)
    whole = "always" if re.match(r"(?:is|are|was|were|does|do|did|has|have) ", text) else ""
    timed = _THROUGHOUT.sub(whole, text)
    text, times = take_times(timed, video.duration)
    if part is not None:
        times = _times_of_part(times, timed, part)
    times = [_in_video(when, video.duration) for when in times]
    text = _PART_OF.sub("", text)
    text = re.sub(r"[?!.;:()\[\]…]+(?=\s|$)|(?<=\s)[(\[]|^[(\[]", " ", text)
    text = re.sub(r" *,[ ,]*", ", ", text)
    text = re.sub(r"\s+", " ", text).strip(" ,;:")
    return ParsedQuestion(
        raw=question,
        text=_without_courtesy(text),
        times=tuple(times),
        quotes=tuple(quotes),
        video=video,
        track=track,
        part=part,
    )


_NUMBER = r"(?:\d+(?:\.\d+)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_SECONDS = rf"{_NUMBER}(?: ?(?:s|secs?|seconds?|minutes?|min)\b| ?(?=[?.,]|$))(?: in\b)?"
_COMPARES = (
    r"\b(?:bright|dark|loud|quiet|soft|noisi|livel|busi|calm|full|empt)(?:er|ier)\b|\bmore\b|\bless\b"
    r"|\bfewer\b|\bgreater\b|\bhigher\b|\blower\b|\bcompare\b|\bmost\b"
)


def _two_times(hit: re.Match[str]) -> str:
    """ "4 s vs 9 s" as two times, where a question compares; else as it stands."""
    both = (hit[1], hit[3])
    if not re.search(_COMPARES, hit.string) or not any(_UNIT.search(time) for time in both):
        return hit[0]
    first, second = (time if _UNIT.search(time) else f"{time.strip()} s" for time in both)
    return f" at {first} {'than' if hit[2] == 'than' else 'or'} at {second}"


_UNIT = re.compile(r"\d ?s\b|\b(?:secs?|seconds?|minutes?|min)\b")
_PLAINER = (
    (r",? \bi mean,? (?!to\b)", ", "),
    (
        r"^(?:(?:looking|considering|taking|counting|watching) (?:only )?|only )"
        r"(?:at|in|within|into)? ?"
        r"(?=(?:the )?(?:very )?(?:first|last|opening|closing|final|initial)\b)",
        "in ",
    ),
    (r"^(?:pick|choose|select) (?:the |that |which )", "which "),
    # a clause that says of a time or a place what happens there
    (
        r"\b((?:moment|point|time|second|span|stretch|period|part|place|spot|instant|interval)"
        r"(?: (?:in|of) the \w+)?),? (?:(?:at|in|during|on) which|where) (?=\w)",
        r"\1 ",
    ),
    (
        r"\b(?:which|that|who) (?:is|are|was|were|gets?|get|can be) "
        r"(?=(?:shown|displayed|visible|seen|heard|said|spoken|written|audible|on (?:the )?screen)"
        r"\b)",
        "",
    ),
    # what is asked for stands at the end: "the first text, what is it", "... is in which language"
    (
        r"^(.+?),? (?:what|which)(?: one)? (?:is|are|was|were)(?: it| that| they| this)?(?= ?\?*$)",
        r"what is \1",
    ),
    (r"^(.+?) (?:is|are) in which (\w+)(?:\(s\))?(?= ?\?*$)", r"in which \2 is \1"),
    (r"^(.+?) (reads?|says?|shows?|stands at|gives?) what\b(.*)$", r"what \3 \1 \2"),
    (
        r"^where (?:does|do|did|is|are) (.+?) "
        r"(?:go|going|head|heading|walking|moving|running|driving)"
        r"(?: to)?(?=[ ,?]|$)(?! (?:in|at)\b)",
        r"which way does \1 go",
    ),
    (r"(?:^|(?<=[\w:,;\"“'’]))[:,]? t(?: ?\?+)?$", " when"),
    # "second five", "the 9 second"
    (rf"(?<!the )(?<!a )\bsecond ({_NUMBER})\b(?! (?:of|people|persons))", r"\1 seconds"),
    (r"\b(?:on|at) (?:the )?(?:time )?(\d+) second\b(?! mark)", r"at \1 s"),
    (
        rf"(?<=\w)(?:,| at)? (?:at )?({_NUMBER}(?: ?(?:s|secs?|seconds?))?)(?: in)? "
        rf"(vs\.?|versus|or|than|and) "
        rf"(?:at )?({_SECONDS})(?=.*$)",
        _two_times,
    ),
    (r"\bhow (?:many|much) second\b(?! half| cut| shot)", "how many seconds"),
    (r"^(?:type|write) (?:out|down) (?=the (?:speech|audio|talk|words))", "transcribe "),
    (r"^(?:were|wher) (?=(?:is|are)\b)", "where "),
    # "in the first half or in the second"
    (
        r"\b(first|second|last|other) half\b(.*?\b(?:than|or|and|against|versus|vs)\b "
        r"(?:in |during |for )?the (?:first|second|last|other))(?= ?[?.,]|$)",
        r"\1 half\2 half",
    ),
    # the last time that it is seen, not the last of several that come
    (
        r"\bwhen (?:is|was) the last time (?:that )?(.+?) (?:is|was|are|were|can be) "
        r"(?:seen|visible|there|shown)\b",
        r"when is \1 last visible",
    ),
    # "subtitle number four"
    (
        r"\b(subtitle|shot|cut|slide|beep|flash|sentence|word|person|line|title|scene) "
        r"(?:number|no\.?|nr\.?|#) ?(one|two|three|four|five|six|seven|eight|nine|ten|\d+)\b",
        lambda hit: f"{ordinal_of(hit[2])} {hit[1]}",
    ),
    (r"\blast each\b", "take each"),  # it is no last one
    # "beep 3", which is no time
    (
        r"\b(subtitle|shot|cut|slide|beep|flash|scene|pause) (\d+)\b"
        r"(?!\.\d|:| ?(?:s|secs?|seconds?)\b)",
        lambda hit: f"{ordinal_of(hit[2])} {hit[1]}",
    ),
    (
        r"\bwith (?:which|what) word (?:does|did) (.*?) (?:start|begin|open)\b",
        r"what is the first word of \1",
    ),
    (
        r"\bwith (?:which|what) word (?:does|did) (.*?) (?:end|close|finish)\b",
        r"what is the last word of \1",
    ),
    (
        r"\bhow (?:does|did) the (speech|talk|talking|narration|voice-over|address|monologue) "
        r"(?:start|begin|open)\b",
        r"what is the first thing said in the \1",
    ),
    (r",? and if (?:so|yes|there (?:is|are)),? (?=(?:how|when|what|which|where|who)\b)", " and "),
    (r"(\d(?: ?(?:s|secs?|seconds?|min|mins|minutes?))?) (?:sharp|flat|on the dot)\b", r"\1"),
    (
        r",? and (?:also )?(?:whether|if) (?:there (is|are)|it (is|has|does))\b",
        lambda hit: f" and {hit[1]} there" if hit[1] else f" and {hit[2]} it",
    ),
    # counted from there, not looked for after it
    (
        r"\bhow (long|soon|much time|many (?:seconds|secs))(?: later)? (after|before) "
        r"(?=\d|second \d|time )",
        r"how \1 \2 the moment at ",
    ),
    # what is told is told again in plainer words
    (
        r"^.+?[,;:(]? ?\b(?:i\.e\.?|in other words|that is to say)[,:]? "
        r"(?=(?:is|are|was|were|does|do|did|how|when|what|which|where|who)\b)",
        "",
    ),
    (
        rf"^(?:does|did|do) (?:it|(?:the|this) (?:{MEDIUM}|picture)) (?:start|begin|open)s?"
        r"(?: up)? (?:off )?(?:on|with|in|from) (?:a |an |the )?(?!the\b)(.+?)(?= ?\?*$)",
        r"is there \1 at the start",
    ),
    (
        r"^(?:would|could|can) (?:you|one) (?:describe|classify|characteri[sz]e|count) "
        r"(.+?) as (.+)$",
        r"is \1 \2",
    ),
    (
        r"\b(first|opening|last|final|closing) (second|minute)\b"
        r"(,? (?:or|than|vs\.?|versus|to|and) (?:in |during )?(?:the )?)"
        r"(first|opening|last|final|closing)(?: \2)?\b",
        r"in the \1 \2\3in the \4 \2",
    ),
    # "how long is it shown before it goes away"
    (
        r"(?<=\w) (?:before|until|till) it (?:goes away|disappears|vanishes|is gone|fades|leaves)\b"
        r"(?= ?[?.]?$)",
        "",
    ),
)
"""Ways to put a thing that are put in a plainer way first."""
_PART_OF = re.compile(
    r"\b(?:the|that|those) "
    r"(?:part|stretch|section|interval|segment|bit|piece|passage|period|one|ones)"
    rf"(?: of (?:the )?{MEDIUM})?(?: that (?:goes|runs|lasts))?"
    rf"(?= +{IS_MARK.pattern})"
)
"""A part of the video which a time that follows names."""
_THROUGHOUT = re.compile(
    r"\bfrom (?:the )?(?:very )?(?:start|beginning|first frame) (?:to|until|till) "
    r"(?:the )?(?:very )?(?:end|finish|last)(?: of (?:the|this) \w+)?\b"
    rf"|\b(?:over|across) (?:the |this )?(?:whole|entire|full) {MEDIUM}\b"
)


def _without_courtesy(text: str) -> str:
    """The question from its first word that asks; its quotations get marks with numbers."""
    is_whether = False
    while opening := _OPENINGS.match(text):
        is_whether = is_whether or bool(re.search(r"\b(?:if|whether|that)\b", opening[0]))
        text = text[opening.end() :].lstrip(" ,")
    text = re.sub(r"^there (is|are|was|were) ", r"\1 there ", text)
    if is_whether and not re.match(r"(?:is|are|was|were|does|do|did|has|have|can) ", text):
        text = f"is it so that {text}"
    numbers = itertools.count()
    return re.sub(rf"\b{QUOTE}\b", lambda _: f"quote{next(numbers)}mark", text)


def _times_of_part(times: list[When], text: str, part: Span) -> list[When]:
    """Times of the file, those that are said by the length of the video meant of its part."""
    of_part = take_times(text, part.end - part.start)[1]
    if len(of_part) != len(times):  # so short a part that a time is another thing in it
        return times
    return [
        replace(shorter, start=shorter.start + part.start, end=shorter.end + part.start)
        if when.edge or when != shorter
        else when
        for when, shorter in zip(times, of_part, strict=True)
    ]


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
    "that which in on of is are be shown seen said with first last ever to "  # noqa: SIM905
    "AI CCTV FPS HD HDR ID OCR PTS RGB TV UHD URL".split()
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


def has_plain_capitals(raw: str) -> bool:
    """Whether a question, not in capitals itself, has English words in capitals ("THE END")."""
    words = re.findall(r"\b[A-Z]{3,}\b", raw)
    return bool(re.search(r"[a-z]", raw)) and any(map(is_english, (it.lower() for it in words)))


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
