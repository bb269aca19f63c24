"""What a question is asked for: sentences and clauses around it that do not limit what it asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vprog.rules.lexicon import stem
from vprog.rules.times import MEDIUM, mark, take_times
from vprog.rules.tokens import tokens_of

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=\S)")
_ASIDE = re.compile(
    r"^(?P<told>(?:[^,;:]|(?<=\d):(?=\d))*)(?:[;:] |, ?so |, )(?P<asked>(?:so |and )?\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
"""What somebody says before they ask ("I'm editing this, so how many ...")."""
_OF_ONESELF = re.compile(
    r"^(?:(?:before|after|when|while|since|because|as|if|but) )?(?:i|we)\b|^(?:i|we)['’]\w+\b"
    r"|^(?:my|our)\b|^for (?:my|our|the|a|an|this)\b|^this is for\b|^as an? |^to \w+",
    re.IGNORECASE,
)
_PAUSED = re.compile(
    r"^(?:please )?(?:(?:when |if |as |where )?(?:i|we) [^;:,]*? at |"
    r"(?:stop|pause|freeze|hold|go|jump|skip|seek|scrub|move|wind|look|forward|fast[- ]forward"
    r"|(?:have|take) a look)(?: (?:it|this|forward|ahead|over|back|right|exactly|straight"
    rf"|the (?:{MEDIUM}|picture|frame|playback)))* (?:(?:at|on|to) )?)"
    r"(?P<time>(?:the |when )?[^.;:,]{1,30}?(?::\d\d)*(?:\.\d+)?(?: ?s\b| seconds?\b)?)"
    r"(?: and (?!a )(?:then )?|[.;,:] (?:and )?(?:then )?)(?P<asked>[^;]+)$",
    re.IGNORECASE,
)
"""Where in the video somebody says they are, or to go ("I paused it at 0:06; what ...")."""
_IT_STARTS = re.compile(rf"when (?:it|the {MEDIUM}) (?:starts|begins)", re.IGNORECASE)
_ABOUT = re.compile(
    r"^(?:about|as for|of|regarding|concerning|in|on|at|from|with|among)\b", re.IGNORECASE
)
"""A part that says what the question is about."""
_ASKS = re.compile(
    r"^(?:how|what|which|who|whose|where|is|are|was|were|does|do|did|has|have|can|could|would|will|"
    r"at|in|on|from|to|until|list|count|give|tell|name|say|check|find|state|please|"
    r"(?:i|we) must|i['’]d like|(?:i|we) (?:need|want|have to)|when (?!i\b|we\b))\b",
    re.IGNORECASE,
)
"""How a question, or what is wanted, begins."""
_LIMITS_ALWAYS = re.compile(
    r"\b(?:only|ignor\w+|except\w*|apart|not|don['’]t|without|exclud\w+|disregard\w*|first|last|"
    r"final|moment at|until|mean|(?!interest|\w{0,3}est\b)\w+est|most|least|longer|"
    r"shorter|more|fewer|less|larger|bigger|smaller|earlier|later|sooner|faster|slower|louder|"
    r"quieter|brighter|darker)\b|\d|[\"“«‘`]",
    re.IGNORECASE,
)
_LIMITS = re.compile(
    r"\b(?:but|consider|suppose|assume|count\w*|after|before|imagine|if|start|end|want|order|said|"
    r"says?|saying|spoken|speak\w*|speech|talk\w*|hear\w*|writ\w+|reads?)\b",
    re.IGNORECASE,
)
"""Words by which a sentence limits what the next one asks, if it is not of the asker's own aims."""

_SHORTEST = 4
"""Words. "Nobody speaks for a while. For how long?" asks for what was told."""
_TEXT = re.compile(r"[\"“«‘`]|\bwords?\b", re.IGNORECASE)
_COLOUR_OF_IT = re.compile(r"\bcolou?rs? .*\b(?:it|they|that|he|she)\b", re.IGNORECASE)
_WHOLE = re.compile(rf"\b(?:{MEDIUM}|picture|screen|background|image)\b", re.IGNORECASE)
"""What "it" is where nothing in the picture was told of."""
_MEDIUM = re.compile(
    r"\b(?:said|says?|spoken|speak\w*|speech|voice|heard|written|writing|reads?|subtitles?|titles?"
    r"|letter\w*|signs?|boards?|captions?|labels?)\b",
    re.IGNORECASE,
)
"""Where a text is to be looked for."""


def at_its_time(question: str) -> str:
    """A question after which one is told to go to a time, or of being there, as asked of it.

    Example:
        >>> at_its_time("Pause at 0:20. How many people are there?")
        'At 0:20, How many people are there?'
    """
    paused = _PAUSED.match(question.strip())
    if paused is None:
        return question
    time = _IT_STARTS.sub("the start", paused["time"])
    rest, times = take_times(f"at {time.lower()}", 60.0)
    if len(times) != 1 or times[0].kind != "at" or rest.strip() != mark(0):
        return question
    return f"At {time}, {paused['asked']}"


def without_background(question: str) -> tuple[str, str] | None:
    """A question without what stands around it, and this; None if that may limit what it asks.

    Example:
        >>> without_background("Our player shows no length. How long is it?")
        ('How long is it?', 'Our player shows no length.')
    """
    text = question.strip()
    told, asked = _parts(sentences(text))
    while (aside := _ASIDE.match(asked)) is not None and _is_statement(aside["told"], asked):
        if _ASKS.match(aside["told"]) and not _OF_ONESELF.match(aside["told"]):
            return None
        told.append(aside["told"])
        asked = re.sub(r"^(?:so|and) ", "", aside["asked"])
    if not told or any("?" in sentence or _limits(sentence) for sentence in told):
        return None
    if len(asked.split()) < _SHORTEST or _names_again(asked, " ".join(told)):
        return None
    if _COLOUR_OF_IT.search(asked) and not _WHOLE.search(" ".join(told)):
        return None
    if _TEXT.search(asked) and not _MEDIUM.search(asked) and _MEDIUM.search(" ".join(told)):
        return None
    return asked, " ".join(told)


_POINTS_AT = re.compile(r"\b(?:that|those|these|such)(?: an?)? ([a-z]{3,})", re.IGNORECASE)

_TOLD_AND_ASKED = re.compile(
    r"^(?P<told>.+?)(?:\s*[.!,;:–—]|\s+[-–—]) +(?:and )?(?P<asked>[^.!,;:–—]+?)\s*\??$",
    re.DOTALL,
)
_OF_IT = re.compile(
    r"(?P<ask>when|where|for how long|how long|how many times|how often|"
    r"(?:at|from|in|over|during|between) (?:what|which) (?:exact |precise )?"
    r"(?:times?|moments?|points?(?: in time)?|instants?|seconds?|timestamps?|interval|span|period)|"
    r"(?:what|which) (?:time|moment|second)|which (?:one|way)|what is it)(?: exactly| precisely)?"
    r"(?: (?:is|are|was|were|does|do|did|would) (?:that|this|it|they|those|these|he|she))?"
    r"(?: (?:be|happen|occur|last|at|take place|exactly))*",
    re.IGNORECASE,
)
"""A question for what was just told: "..., when is that?"."""
_THERE_IS = re.compile(r"\bthere(?:['’]s| is| are| was| were) ", re.IGNORECASE)
_AT_SOME = re.compile(
    r"\b(?:(?:at|for) (?:some|one|a certain) (?:point|stage|time|moment)|once"
    r"|(?:a|one|some) (?:point|moment|time|place) (?:where|when|at which))\b,? ?",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:it|they|he|she|them|its|their)\b", re.IGNORECASE)
_LONGEST_NAME = 6


def joined(question: str) -> Iterator[str]:
    """One question out of what is told and a short question about it, in the ways it may be meant.

    Example:
        >>> list(joined("The picture turns white at some point. When is that?"))
        ['When The picture turns white?']
        >>> list(joined("The dog - what colour is it?"))
        ['what colour is The dog?']
    """
    hit = _TOLD_AND_ASKED.match(question.strip())
    if hit is None:
        return
    told, asked = hit["told"].strip(), hit["asked"].strip()
    if "?" in told or len(sentences(told)) > 1:
        return
    of_it = _OF_IT.fullmatch(asked)
    if of_it is not None:
        said = _AT_SOME.sub("", _THERE_IS.sub("", told)).strip(" ,")
        ask = re.sub(r"(?i)^which one$|^what is it$", "what", of_it["ask"])
        yield f"{ask} {said}?"
    elif len(told.split()) <= _LONGEST_NAME and _PRONOUN.search(asked):
        yield f"{_PRONOUN.sub(told, asked, count=1)}?"


def sentences(text: str) -> list[str]:
    """The sentences of a text, one at least."""
    return _SENTENCE_END.split(text.strip())


def _parts(sentences: list[str]) -> tuple[list[str], str]:
    """The sentences that tell, and the one that asks: the last, or the one question among them."""
    asking = [at for at, sentence in enumerate(sentences) if sentence.endswith("?")]
    at = asking[0] if len(asking) == 1 else len(sentences) - 1
    return [*sentences[:at], *sentences[at + 1 :]], sentences[at]


def _is_statement(told: str, whole: str) -> bool:
    """Whether a clause only tells something: of the asker, or, before a colon, of anything."""
    if _OF_ONESELF.match(told):
        rest = whole[len(told) :].lstrip(" ,;:")
        return whole[len(told)] in ";:" or bool(_ASKS.match(re.sub(r"^(?:so|and) ", "", rest)))
    joint = whole[len(told) :].lstrip()
    return joint[:1] in ";:" or bool(re.match(r", so\b", joint))


def _names_again(asked: str, told: str) -> bool:
    """Whether what is asked points at a thing that was told of: "what does that sign say"."""
    known = {stem(word) for word in re.findall(r"[a-z]{3,}", told.lower())}
    return any(stem(hit[1]) in known for hit in _POINTS_AT.finditer(asked))


def _limits(told: str) -> bool:
    """Whether what is told may limit what is asked."""
    if _LIMITS_ALWAYS.search(told) or take_times(told.lower(), 60.0)[1]:
        return True
    if _OF_ONESELF.match(told):
        return False
    values = any(token.slots for token in tokens_of(told.lower(), is_question=False))
    is_clause = not told.endswith((".", "!", "?", ";"))
    return bool(_LIMITS.search(told) or _ABOUT.match(told) or (is_clause and values))
