"""Questions over the facts of all files of an index: read into conditions and what is asked.

"How many files have speech?", "Which videos have no sound?", "Which is the longest?". A question
is one of these only if every word of it is accounted for; all others are searched for as before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

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
        is_of_videos: whether only files with a picture are meant ("videos", not "files").
    """

    asked: Asked
    conditions: tuple[Condition, ...] = ()
    quantity: Quantity = "duration"
    is_of_videos: bool = False


_FILES = r"(?:files?|videos?|clips?|films?|recordings?|ones?)"
_HEADS: tuple[tuple[str, Asked], ...] = (
    (rf"how many (?:of (?:the|these|my) )?{_FILES}(?: are there)?", "count"),
    (
        rf"how long are (?:all )?(?:of )?(?:the|these|my)?\s*{_FILES}(?: all)?"
        r" (?:together|in total|in all)",
        "sum",
    ),
    (rf"what is the total (?:length|duration) of (?:all )?(?:the|these|my)?\s*{_FILES}", "sum"),
    (rf"(?:in )?(?:which|what|list|find)(?: of)?(?: all| the| these| my)*(?: {_FILES})?", "list"),
)
_SPEAKING = r"someone (?:speaks|talks|speaking|talking)"
_KINDS: tuple[tuple[str, Test], ...] = (
    (rf"(?:some |any )?(?:speech|spoken words|talking|voices?|{_SPEAKING})", "speech"),
    (r"(?:an? |any )?(?:sound track|soundtrack|sound|audio(?: track)?)", "sound"),
    (r"(?:any )?subtitles", "subtitles"),
    (r"(?:any )?(?:text|writing|words in the picture)", "text"),
    (r"(?:an? |any )?(?:pictures?|video track)", "picture"),
)
_OF_A_FILE: tuple[tuple[str, Asked, Quantity], ...] = (
    ("longest", "most", "duration"),
    ("shortest", "least", "duration"),
    ("largest|biggest", "most", "bytes"),
    ("smallest", "least", "bytes"),
)
"""What a file is itself: "is the longest". Behind "has", it is something in the file."""
_IN_A_FILE: tuple[tuple[str, Asked, Quantity], ...] = (
    (r"(?:highest|largest|biggest) resolution", "most", "pixels"),
    (r"(?:lowest|smallest) resolution", "least", "pixels"),
    (r"highest frame rate", "most", "fps"),
    (r"lowest frame rate", "least", "fps"),
    (r"most shots", "most", "shots"),
    (r"(?:fewest|least) shots", "least", "shots"),
    (r"most (?:speech|talking)", "most", "speech length"),
    (r"most (?:text|writing)", "most", "text"),
)
_MORE = r"(?:more|longer|over|above|at least)"
_LESS = r"(?:less|fewer|shorter|under|below|at most)"
_LENGTH = re.compile(
    rf"(?P<side>{_MORE}|{_LESS})(?: than)? (?P<number>{NUMBER})"
    r" ?(?P<unit>s|seconds?|m|min|minutes?|h|hours?)(?: long)?"
)
_AMOUNT = re.compile(
    rf"(?P<side>{_MORE}|{_LESS})(?: than)? (?P<number>{NUMBER})"
    r" ?(?P<unit>shots?|fps|frames per second)"
)
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_LINKS = (
    r"(?:,|and(?! a (?:half|quarter)\b)|but|that|which|where|in which|is|are|there|lasts?|have|has"
    r"|with|contains?|shows?|both|without|no|not|do|does|lacks?|lacking)(?:\s|$)"
)
_CLAUSE = re.compile(rf"(?P<link>(?:{_LINKS})*)(?P<said>(?:(?!{_LINKS})\S+(?:\s|$))*)")
"""The words that join one thing that is said of the files, and what is said."""
_HAS = r"(?:have|has|with|contains?|shows?|there (?:is|are)|(?:is|are) there)"
_LINK = re.compile(
    r"(?P<joiner>(?:and|but|,) )?(?P<that>(?:that|which|where|in which) )?"
    rf"(?:(?P<lacks>(?:lacks?|lacking|(?:do|does) not {_HAS}) )"
    rf"|(?P<no>(?:(?:is |are )?without|(?:{_HAS} )?no|not) )"
    rf"|(?P<has>{_HAS} (?:both )?)"
    r"|(?P<be>(?:is|are|lasts?) ))?"
)


def read_fact_question(question: str) -> FactQuestion | None:
    """A question as one over the facts of files; None where any word of it says more.

    Example:
        >>> read_fact_question("How many files have speech?")
        FactQuestion(asked='count', conditions=(Condition(test='speech', ...),), ...)
        >>> read_fact_question("Which videos show a red fox?")
    """
    text = re.sub(r",(?=\s|$)", " , ", re.sub(r"[?!.]+(?=\s|$)", " ", question.lower()))
    text = " ".join(text.replace("n't", " not").replace("'s ", " is ").split())
    text = re.sub(r" , (and|but)\b", r" \1", text)
    for pattern, asked in _HEADS:
        if match := re.match(rf"{pattern}(?=\s|$)", text):
            return _read_rest(match[0], asked, text[match.end() :].strip())
    return None


def _read_rest(head: str, asked: Asked, rest: str) -> FactQuestion | None:
    """What is asked of files, by the words behind the head of a question."""
    noun, quantity = "", FactQuestion(asked).quantity
    superlative = _superlative(rest) if asked == "list" else None
    if superlative is not None:
        rest, noun, asked, quantity = superlative
    has_verb = head.startswith(("list", "find", "how long", "what is")) or " there" in head
    conditions = _conditions(rest, has_verb=has_verb)
    if conditions is None:
        return None
    tests = [condition.test for condition in conditions]
    if asked == "list" and tests in ([], ["label"]):
        return None  # one thing alone: where it was seen says more
    is_of_videos = re.search(r"\b(?:videos?|films?)\b", f"{head} {noun}") is not None
    return FactQuestion(asked, conditions, quantity, is_of_videos and "picture" not in tests)


def _superlative(rest: str) -> tuple[str, str, Asked, Quantity] | None:
    """The words before the superlative that ends a question, its noun, and what is compared."""
    of_all = rf"(?: of (?:all )?(?:the )?{_FILES})?"
    for verb, noun, table in (
        (r"(?:is|are)", rf"(?P<noun>(?: {_FILES})?)", _OF_A_FILE),
        (r"(?:has|have|with)", "(?P<noun>)", _IN_A_FILE),
    ):
        for pattern, asked, quantity in table:
            last = rf"(?:the )?(?:{pattern}){noun}{of_all}"
            match = re.fullmatch(rf"(?P<before>(?:.+ )?){verb} {last}", rest)
            if table is _OF_A_FILE:
                match = match or re.fullmatch(rf"(?P<before>){last}", rest)
            if match:
                before = match["before"].strip().removesuffix(" and")
                return before, match["noun"], asked, quantity
    return None


def _conditions(text: str, *, has_verb: bool) -> tuple[Condition, ...] | None:
    """What is asked of a file; None where a clause may be of something in the file.

    Args:
        text: the words between the head of a question and its superlative.
        has_verb: whether the files have their verb already, so that the next needs "and".
    """
    conditions: list[Condition] = []
    last, has_that = "", False
    while text:
        match = _CLAUSE.match(text)
        link = None if match is None else _LINK.fullmatch(match["link"])
        if match is None or link is None or not match["said"]:
            return None
        said, text = match["said"].strip(), text[match.end() :]
        verb = next((name for name in ("lacks", "no", "has", "be") if link[name]), "")
        found = _measured(said)
        kind = "kind" if found is None else "length" if found.quantity == "duration" else "amount"
        if found is None:
            found = _kind(said, is_denied=verb in ("lacks", "no"))
        is_main = verb in ("has", "be") and link[verb] != "with " and not link["that"]
        may_follow = _may_follow(last, link, verb, kind, has_that=has_that)
        if found is None or not may_follow or (not link["joiner"] and is_main and has_verb):
            return None
        conditions.append(found)
        denied = link["no"] or link["lacks"] or ""
        has_verb = has_verb or is_main or denied not in ("", "without ", "with no ")
        has_that = has_that or link["that"] is not None
        last = (verb or last or "has") if kind == "kind" else kind
    return tuple(dict.fromkeys(conditions))


def _may_follow(last: str, link: re.Match[str], verb: str, kind: str, *, has_that: bool) -> bool:
    """Whether a clause is surely one of the file, behind a clause of a verb or measure `last`."""
    joiner, is_not = (link["joiner"] or "").strip(), link["no"] == "not "
    fits = {
        "length": verb == "be" or (not verb and last in ("", "length")),
        "amount": verb == "has" or (not verb and last == "amount"),
        "kind": verb != "be" and (verb != "" or link["that"] is not None or last == "has"),
    }[kind]
    if not last:
        return fits and not joiner and not is_not
    # "A dog that is longer than 5 s", "lack speech but not sound".
    if not fits or last == "lacks" or (link["that"] and not (joiner and has_that)):
        return False
    if not joiner:  # "with speech last over 10 s": the verb of the files
        return verb in ("has", "be") and link[verb] != "with "
    if joiner == ",":
        return kind == "kind" and verb == "" and last == "has"
    if verb in ("no", "lacks") and last == "no":
        return joiner == "and" and verb == "no" and not is_not
    return not is_not or last == "has"


def _measured(said: str) -> Condition | None:
    """The condition that "longer than 10 s" or "more than 3 shots" is."""
    match = _LENGTH.fullmatch(said) or _AMOUNT.fullmatch(said)
    number = None if match is None else read_number(match["number"])
    if match is None or number is None:
        return None
    unit, is_more = match["unit"], re.fullmatch(_MORE, match["side"]) is not None
    quantity: Quantity = "shots" if unit.startswith("shot") else "fps"
    if match.re is _LENGTH:
        quantity, number = "duration", number * _SECONDS[unit[0]]
    # "At least" is "not below", "at most" is "not above".
    is_closed = match["side"].startswith("at ")
    test: Test = "above" if is_more is not is_closed else "below"
    return Condition(test, is_closed, quantity=quantity, number=number)


def _kind(said: str, *, is_denied: bool) -> Condition | None:
    """The condition that one kind is, or one thing that the detector knows."""
    for pattern, test in _KINDS:
        if re.fullmatch(pattern, said):
            return Condition(test, is_denied)
    named = re.sub(r"^(?:an?|the) ", "", said)
    # "Two dogs", "most people", "no dog" say more than that there is one.
    has_more = is_denied or any(not token.slots for token in tokens_of(named, is_question=False))
    label = None if has_more else thing_named(named)
    return None if label is None or label == "face" else Condition("label", label=label)
