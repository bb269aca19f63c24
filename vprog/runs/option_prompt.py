"""Multiple-choice prompts as harnesses send them, taken apart: question, options, their labels.

    Select the best answer to the following multiple-choice question based on the video.
    What does the man hold?
    (A) a cup
    (B) a book
    Answer with the option's letter from the given choices directly.

What is an option follows a strict grammar: labels of one form, consecutive from A or from 1, at
least two, each at the beginning of a line, or all in one line behind the question's end. What is
left out are sentences that say how to answer, of a few closed kinds; a sentence with any word
beside these stays in the question. Whatever does not fit is no such prompt, and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, takewhile
from string import ascii_lowercase, ascii_uppercase

from vprog.runs.inputs import MOST_CHOICES


@dataclass(frozen=True)
class OptionPrompt:
    """A multiple-choice prompt.

    Attributes:
        question: what is asked, without the sentences that say how to answer.
        choices: the texts of the options.
        labels: their letters or numbers, bare: "A", "B", ...
        text: the whole prompt.
    """

    question: str
    choices: tuple[str, ...]
    labels: tuple[str, ...]
    text: str


def split_prompt(prompt: str) -> OptionPrompt | None:
    """A multiple-choice prompt taken apart; None where it is none.

    Args:
        prompt: the whole text.

    Example:
        >>> split_prompt("Which way does it move?\\nA. left\\nB. right\\nThe best answer is:")
        OptionPrompt(question='Which way does it move?', choices=('left', 'right'),
                     labels=('A', 'B'), text=...)
    """
    if len(prompt) > _MOST_PROMPT:
        return None  # no question is so long: who checks it says so
    text = prompt.replace("\r\n", "\n").replace("\r", "\n")
    for form in _FORMS:
        for is_inline in (False, True):
            marks = _marks(text, form, is_inline=is_inline)
            if len(marks) >= _LEAST:
                split = _split_at(text, marks, form, is_inline=is_inline)
                if split is not None:
                    return split
    return None


_LEAST = 2
_MOST_PROMPT = 40_000
"""Characters: the longest question with as many of the longest choices as there may be, twice."""


@dataclass(frozen=True)
class _Form:
    """A way to write labels: `around` is a pattern with one place for the label."""

    around: str
    labels: Sequence[str]


_NUMBERS = tuple(str(number) for number in range(1, MOST_CHOICES + 1))
_FORMS = tuple(
    _Form(around, labels)
    for labels in (ascii_uppercase, _NUMBERS, ascii_lowercase)
    for around in (r"\({}\)", r"{}\)", r"{}\.", "{}:")
)


@dataclass(frozen=True)
class _Mark:
    """A label in the text: where it begins, and where what it labels does."""

    start: int
    end: int
    label: str


def _marks(text: str, form: _Form, *, is_inline: bool) -> list[_Mark]:
    """The labels of a form in their order, as far as they go on from the first."""
    before = r"(?:(?<=\s)|^)" if is_inline else r"^[ \t]*(?:[-*•][ \t]+)?"
    position = 0
    marks: list[_Mark] = []
    for label in form.labels:
        # A label in brackets may stand close to its text; a letter with a dot may not: "B.C."
        after = r"[ \t]*(?=\S)" if form.around.startswith(r"\(") else r"[ \t]+(?=\S)"
        pattern = re.compile(before + form.around.format(label) + after, re.MULTILINE)
        hit = pattern.search(text, position)
        if hit is None:
            break
        marks.append(_Mark(hit.start(), hit.end(), label))
        position = hit.end()
        if pattern.search(text, position):
            return []  # a label that comes twice leaves open where its option ends
    return marks


def _split_at(
    text: str, marks: Sequence[_Mark], form: _Form, *, is_inline: bool
) -> OptionPrompt | None:
    ends = [mark.start for mark in marks[1:]] + [len(text)]
    pieces = [text[mark.end : end] for mark, end in zip(marks, ends, strict=True)]
    pieces[-1], tail = _without_tail(pieces[-1], is_inline=is_inline)
    stem, has_header = _stem_of(text[: marks[0].start])
    follows_end = has_header or stem.rstrip().endswith(("?", "?:"))
    is_numbered = form.labels is _NUMBERS
    if (is_inline or is_numbered) and not follows_end:
        return None  # "Who is A. Smith?", a list of steps
    choices = tuple(_choice_of(piece, is_inline=is_inline) for piece in pieces)
    if not all(choices) or len({choice.casefold() for choice in choices}) < len(choices):
        return None
    if is_inline and any(re.search(r"(?:\b(?:or|and|than)|[?])$", choice) for choice in choices):
        return None  # "Who came? A. Smith or B. Jones?"
    if sum(choice.endswith("?") for choice in choices) * 2 > len(choices):
        return None  # several questions
    rest = _sentences(tail)
    asked = [sentence for sentence in rest if not _is_instruction(sentence)]
    if any(not sentence.endswith("?") for sentence in asked):
        return None  # something is said behind the options, and may matter
    question = " ".join([stem, *asked]).strip()
    if not re.search(r"\w", question):
        return None
    return OptionPrompt(question, choices, tuple(mark.label for mark in marks), text)


def _choice_of(piece: str, *, is_inline: bool) -> str:
    text = " ".join(piece.split())
    return text.rstrip(",;").rstrip() if is_inline else text


def _without_tail(piece: str, *, is_inline: bool) -> tuple[str, str]:
    """The last option, and what stands behind it: from its next line on, or the sentences at its
    end that say how to answer."""
    option, newline, tail = piece.lstrip().partition("\n")
    for hit in re.finditer(r"\s+(?=[A-Z])" if is_inline else r"(?<=[.!?;])\s+(?=[A-Z])", option):
        sentences = _sentences(option[hit.end() :])
        if all(len(it.split()) > _SHORT and _is_instruction(it) for it in sentences):
            return option[: hit.start()], f"{option[hit.end() :]}{newline}{tail}"
    return option, tail


_SHORT = 2
"""Words. So short a text may be an option's own end: "Answer:"."""


def _stem_of(text: str) -> tuple[str, bool]:
    """The question before the options, and whether a header such as "Options:" follows it."""
    bare = re.sub(_HEADER, "", text.rstrip())
    has_header = bare != text.rstrip()
    paragraphs = [_sentences(line) for line in bare.split("\n") if line.strip()]
    sentences = [sentence for paragraph in paragraphs for sentence in paragraph]
    n_first = sum(1 for _ in takewhile(_is_instruction, sentences))
    n_last = sum(1 for _ in takewhile(_is_instruction, reversed(sentences[n_first:])))
    kept = sentences[n_first : len(sentences) - n_last]
    return re.sub(_QUESTION, "", " ".join(kept)), has_header


_HEADER = re.compile(
    r"(?:^|(?<=\s))\(?(?:the )?(?:answer |possible |given )?"
    r"(?:options|choices|candidates|candidate answers|answers)(?: are)?\)?\s*:\s*$",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"^(?:question|q)\s*:\s*", re.IGNORECASE)


def _sentences(text: str) -> list[str]:
    """The sentences of a text; lines end them."""
    return [
        sentence.strip()
        for line in text.split("\n")
        for sentence in re.split(r"(?<=[.!?:])\s+(?=[\"'(]*[A-Z])", line)
        if sentence.strip()
    ]


def _is_instruction(sentence: str) -> bool:
    """Whether a sentence says how to answer, and nothing else."""
    text = sentence.strip().casefold().replace("’", "'")
    if any(re.fullmatch(pattern, text) for pattern in _WHOLE):
        return True
    bare = re.sub(r"\([a-z1-9](?:[,/ ]+(?:or |and )?[a-z1-9])*\)", " ", text)  # (A, B, C, or D)
    listed = re.findall(r"[a-z]+(?:'s|-[a-z]+)*|[^\sa-z,.:;'\"()-]+", bare)
    while listed and listed[0] in _POLITE:
        listed.pop(0)
    if listed[:1] == ["based"]:  # "Based on the video, choose the best option."
        order = next(takewhile(lambda at: at < len(listed), _orders(listed)), None)
        if order is None or not set(listed[:order]) <= _WORDS:
            return False
        listed = listed[order:]
    return (
        listed[:1] != []
        and listed[0] in _ORDERS
        and set(listed) <= _WORDS | _ORDERS
        and bool(set(listed) & _ANSWERS)
    )


def _orders(listed: Sequence[str]) -> list[int]:
    return [at for at, word in zip(count(), listed, strict=False) if word in _ORDERS]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_POLITE = _words("please now only just then directly simply")
_ORDERS = _words("answer select choose pick respond reply give provide state output return write")
_ANSWERS = _words(
    "answer answers option options option's choice choices letter letters number candidate "
    "candidates"
)
_WORDS = _ANSWERS | _POLITE | _words(
    "the a an of to from for by with in on as your you and or its single best correct right most "
    "appropriate suitable accurate one following given provided above below listed multiple-choice "
    "multiple question video clip frames subtitles corresponding based directly alone stating "
    "followed full selected chosen"
)  # fmt: skip
"""All that a sentence of how to answer may consist of. No word that could turn a question round
(not, except, wrong, least, first) is among them, and none that could name a thing in a video."""
_WHOLE = (
    r"(?:the )?(?:best |correct |final )?(?:answer|option|choice)(?: is)?:? ?\(?",
    r"(?:please )?(?:do not|don't) (?:explain|give any explanation|provide any explanation"
    r"|include any explanation|output anything else|say anything else)"
    r"(?: your (?:answer|choice))?[.!]?",
    r"no explanation(?: is)?(?: needed)?[.!]?",
    r"(?:you must |you should )?(?:answer|respond|reply) without (?:any )?explanation[.!]?",
    r"(?:your )?answer (?:must|should) be (?:only )?(?:one of )?the (?:option )?letters?"
    r"(?: of the (?:correct|best) (?:option|answer|choice))?[.!]?",
    r"carefully watch (?:the|this) video and pay attention to the cause and sequence of events, "
    r"the detail and movement of objects,? and the action and pose of persons\.",
    r"based on your observations, select the best option that accurately addresses the question\.",
    r"(?:please )?(?:watch|look at) (?:the|this) video(?: carefully)?"
    r"(?: and answer the (?:following )?(?:multiple-choice )?question)?[.:]",
)  # fmt: skip
"""Further sentences, word for word, in the forms that known harnesses send."""
