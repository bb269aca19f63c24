"""Questions over the facts of all files of an index: read into conditions and what is asked.

"How many files have speech?", "Which videos have no sound?", "Which is the longest?". A question
is one of these only if every word of it is accounted for; all others are searched for as before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from vprog.program.allowed import words
from vprog.rules.numbers import NUMBER, read_number
from vprog.rules.tokens import thing_named, tokens_of

Asked = Literal["count", "list", "most", "least", "sum"]
Quantity = Literal["duration", "pixels", "fps", "bytes", "shots", "speech length", "speech", "text"]
Test = Literal["sound", "subtitles", "picture", "speech", "text", "label", "above", "below"]


@dataclass(frozen=True)
class Condition:
    """What a file must have.

    Attributes:
        test: what is compared.
        is_denied: whether it must not be so.
        label: of "label".
        quantity: of "above" and "below".
        number: likewise, in the unit of the quantity; files of just that are neither.
    """

    test: Test
    is_denied: bool = False
    label: str = ""
    quantity: Quantity = "duration"
    number: float = 0.0


@dataclass(frozen=True)
class FactQuestion:
    """What is asked of which files.

    Attributes:
        asked: how many, which ones, the one with most or least, or all together.
        conditions: which hold of the files that count; all of them.
        quantity: of "most", "least" and "sum".
    """

    asked: Asked
    conditions: tuple[Condition, ...] = ()
    quantity: Quantity = "duration"


_FILES = r"(?:files?|videos?|clips?|films?|recordings?|ones?)"
_HEADS: tuple[tuple[str, Asked], ...] = (
    (rf"how many (?:of (?:the|these|my) )?{_FILES}(?: are there)?", "count"),
    (rf"(?:in )?(?:which|what|list|find)(?: of)?(?: all| the| these| my)*(?: {_FILES})?", "list"),
    (
        rf"how long are (?:all )?(?:of )?(?:the|these|my)?\s*{_FILES}(?: all)?"
        r" (?:together|in total|in all)",
        "sum",
    ),
    (rf"what is the total (?:length|duration) of (?:all )?(?:the|these|my)?\s*{_FILES}", "sum"),
)
_DENIED = (
    r"(?P<denied>(?:without|lacks?|lacking|no|not|(?:do|does) not have|have no|has no)(?: any)? )?"
)
_SPEAKING = r"someone (?:speaks|talks|speaking|talking)"
_TESTS: tuple[tuple[str, Test], ...] = (
    (rf"(?:some |any )?(?:speech|spoken words|talking|voices?|{_SPEAKING})", "speech"),
    (r"(?:an? |any )?(?:sound track|soundtrack|sound|audio(?: track)?)", "sound"),
    (r"(?:any )?subtitles", "subtitles"),
    (r"(?:any )?(?:text|writing|words in the picture)", "text"),
    (r"(?:an? |any )?(?:pictures?|video track)", "picture"),
)
_DENIED_BOTH = re.compile(
    rf"\b{_DENIED.removesuffix('?')}(?:{'|'.join(pattern for pattern, _ in _TESTS)}) and"
    r"(?! (?:no|not|without|have no|has no)\b)"
)
"""E.g. "without sound and subtitles": without both, or without one and with the other."""
_SUPERLATIVES: tuple[tuple[str, Asked, Quantity], ...] = (
    ("longest", "most", "duration"),
    ("shortest", "least", "duration"),
    (r"(?:highest|largest|biggest) resolution", "most", "pixels"),
    (r"(?:lowest|smallest) resolution", "least", "pixels"),
    (r"highest frame rate", "most", "fps"),
    (r"lowest frame rate", "least", "fps"),
    (r"most shots", "most", "shots"),
    (r"(?:fewest|least) shots", "least", "shots"),
    (r"most (?:speech|talking)", "most", "speech length"),
    (r"most (?:text|writing)", "most", "text"),
    (r"largest|biggest", "most", "bytes"),
    (r"smallest", "least", "bytes"),
)
_MORE = r"(?:more|longer|over|above|at least)"
_LESS = r"(?:less|fewer|shorter|under|below|at most)"
_LENGTH = re.compile(
    rf"(?P<side>{_MORE}|{_LESS})(?: than)? (?P<number>{NUMBER})"
    r" ?(?P<unit>s|seconds?|m|min|minutes?|h|hours?)(?: long)?\b"
)
_AMOUNT = re.compile(
    rf"(?P<side>{_MORE}|{_LESS})(?: than)? (?P<number>{NUMBER})"
    r" ?(?P<unit>shots?|fps|frames per second)\b"
)
_OWN = frozenset(("that", "which", "are", "is", "last", "lasts", "lasting", "run", "runs", "there"))
"""What may stand between the word for files and a measure of them."""
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_PLAIN = words(
    "a an the is are but there with have has that and of in by do does it its long which where show"
    " shows see can be seen contain contains both file files video videos clip clips"
)


def read_fact_question(question: str) -> FactQuestion | None:
    """A question as one over the facts of files; None where any word of it says more.

    Example:
        >>> read_fact_question("How many files have speech?")
        FactQuestion(asked='count', conditions=(Condition(test='speech', ...),), ...)
        >>> read_fact_question("Which videos show a red fox?")
    """
    text = " ".join(
        re.sub(r"[?!.,]+(?=\s|$)", " ", question.lower())
        .replace("n't", " not")
        .replace("'s ", " is ")
        .split()
    )
    asked: Asked | None = None
    for pattern, kind in _HEADS:
        if match := re.match(rf"{pattern}(?=\s|$)", text):
            asked, text = kind, text[match.end() :].strip()
            break
    if asked is None or re.search(r"\bor\b", text) or _DENIED_BOTH.search(text):
        return None
    if _measures_a_thing(text) or _denies_doubtfully(text, has_comma="," in question):
        return None
    quantity: Quantity = "duration"
    for pattern, side, measured in _SUPERLATIVES:
        if asked == "list" and (match := re.search(rf"\b(?:the )?(?:{pattern})\b", text)):
            is_had = re.search(r"\b(?:has|have|shows?|with) $", text[: match.start()])
            is_of_file = re.match(rf"\s*(?:{_FILES}\b|$)", text[match.end() :])
            if not is_of_file or (is_had and measured in ("duration", "bytes")):
                return None  # "has the longest", "the longest speech": no file's length
            asked, quantity, text = side, measured, _cut(text, match)
            break
    conditions, text = _conditions(text)
    labels = _labels(text)
    if labels is None:
        return None
    conditions += [Condition("label", label=label) for label in labels]
    if asked == "list" and (not conditions or (len(labels) == len(conditions) == 1)):
        return None  # one thing alone: where it was seen says more
    return FactQuestion(asked, tuple(conditions), quantity)


def _measures_a_thing(text: str) -> bool:
    """Whether a measure may be of something in a file, as in "more than 5 s of speech".

    It is the file's own where it stands right behind the word for files, or where nothing else is
    asked; anywhere else the words do not tell.
    """
    match = _LENGTH.search(text) or _AMOUNT.search(text)
    if match is None:
        return False
    if re.match(r"\s*of\b", text[match.end() :]):
        return True
    if re.search(r"(?<!that )(?<!which )\bare $", text[: match.start()]):
        return False  # "files without sound are longer than": what is asked of the files
    before = " ".join(word for word in text[: match.start()].split() if word not in _OWN)
    conditions, rest = _conditions(_cut(text, match))
    return bool(before) and bool(conditions or _labels(rest) != [])


def _denies_doubtfully(text: str, *, has_comma: bool) -> bool:
    """Whether it is not sure which of several things a denial denies: "no sound, text".

    What stands before it is asked for; behind it each thing must be denied by a word of its own.
    """
    match = re.search(rf"\b{_DENIED.removesuffix('?')}", text)
    if match is None:
        return False
    tail, rest = _conditions(text[match.start() :])
    tail = [condition for condition in tail if condition.test not in ("above", "below")]
    several = has_comma or "but not" in text or not all(one.is_denied for one in tail)
    things, left = _conditions(text)
    n_named = len(things) + len(_labels(left) or ())
    return (several and n_named > 1) or (bool(_labels(rest)) and n_named > 1)


def _conditions(text: str) -> tuple[list[Condition], str]:
    """What the words of a text ask of a file, and the words that are left."""
    conditions = []
    while match := _LENGTH.search(text) or _AMOUNT.search(text):
        number = read_number(match["number"])
        if number is None:
            break
        unit, is_more = match["unit"], re.fullmatch(_MORE, match["side"]) is not None
        quantity: Quantity = "shots" if unit.startswith("shot") else "fps"
        if match.re is _LENGTH:
            quantity, number = "duration", number * _SECONDS[unit[0]]
        # "At least" is "not below", "at most" is "not above".
        is_closed = match["side"].startswith("at ")
        test: Test = "above" if is_more is not is_closed else "below"
        conditions.append(Condition(test, is_closed, quantity=quantity, number=number))
        text = _cut(text, match)
    for pattern, test in _TESTS:
        if match := re.search(rf"\b{_DENIED}{pattern}\b", text):
            conditions.append(Condition(test, match["denied"] is not None))
            text = _cut(text, match)
    return conditions, text


def _cut(text: str, match: re.Match[str]) -> str:
    return " ".join(f"{text[: match.start()]} {text[match.end() :]}".split())


def _labels(text: str) -> list[str] | None:
    """The things that the detector knows that are named; None where other words are left."""
    labels = []
    for part in re.split(r"\band\b|\bwith\b", text):
        named = " ".join(word for word in part.split() if word not in _PLAIN)
        if not named:
            continue
        # "Two dogs", "most people", "no dog" say more than that there is one.
        has_more = any(not token.slots for token in tokens_of(named, is_question=False))
        label = None if has_more else thing_named(named)
        if label is None or label == "face":
            return None
        labels.append(label)
    return list(dict.fromkeys(labels))
