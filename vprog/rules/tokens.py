"""A question as tokens: words with their meanings, and the slots that they can fill."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from vprog.program.allowed_syntax import words
from vprog.rules.lexicon import Lexicon, lexicon, stem
from vprog.rules.numbers import read_number, read_ordinal
from vprog.rules.times import IS_MARK, read_length

Role = Literal["content", "light", "function", "ask"]
QUOTE_MARK = re.compile(r"quote(\d+)mark")
OPTIONS_MARK = "optionsmark"
_WORD = re.compile(r"\{\w+\}|[^\W_][\w'.:+/-]*[^\W_]|[^\W_]")
_YES_NO = words(
    "is are was were does do did can could has have had will would should am isn't aren't any"
)
_ONLY_AT_HEAD = frozenset({"when", "where", "who", "which"})
"""Further on in a sentence these join two parts of it, and ask for nothing."""
_OF_EACH = frozenset({"a", "an", "one", "per", "each", "every"})
"""After these "second" is a length of time: "a second"."""
_PLAIN_TOO = frozenset({"one", "fall", "falls"})
"""Values that are plain words as well: "that one", "where the cuts fall"."""
_HEAD = 3
_LONGEST_LENGTH = 6


@dataclass(frozen=True)
class QuestionToken:
    """A word, a phrase with a meaning of its own, or the mark of a time, a quotation or options.

    Attributes:
        text: as it stands in the question.
        meanings: what it means; the stem of a word that the lexicon does not list.
        role: whether a question is about it.
        slots: the values it has as a slot, by kind of slot.
    """

    text: str
    meanings: frozenset[str]
    role: Role
    slots: Mapping[str, str] = field(default_factory=dict, compare=False)


TRACK = QuestionToken("trackmark", frozenset({"{track}"}), "function", {"track": ""})
"""Stands behind a question that names a track of the file."""


def tokens_of(text: str, *, is_question: bool = True) -> tuple[QuestionToken, ...]:
    """The tokens of a text in lower case, in their order.

    Args:
        text: a question, or a wording with slots in braces.
        is_question: whether its first word may ask for a yes or a no.
    """
    words = _WORD.findall(text)
    table = lexicon()
    stems = [stem(word) for word in words]
    tokens: list[QuestionToken] = []
    at = 0
    while at < len(words):
        size = max(_phrase_size(words, stems, at, table), _length_size(words, at))
        tokens.append(_token(tuple(words[at : at + size]), tuple(stems[at : at + size])))
        at += size
    for at, (ask, noun) in enumerate(itertools.pairwise(tokens)):
        if ask.meanings == {"#count"} and noun.role == "light":  # what is counted
            tokens[at + 1] = replace(noun, role="content")
    plain = [at for at, token in enumerate(tokens) if not IS_MARK.match(token.text)]
    heads = plain[:_HEAD]
    for at, token in enumerate(tokens):
        inside = at not in heads and at != len(tokens) - 1
        if token.text in _ONLY_AT_HEAD and inside:  # "what is said when it is black"
            tokens[at] = QuestionToken(token.text, frozenset({token.text}), "content")
        if is_question and token.text == "second" and 0 < at < len(tokens) - 1:
            noun = tokens[at + 1]  # "the second loudest moment", where "the second it stops" is one
            if noun.role == "content" and tokens[at - 1].text not in _OF_EACH:
                tokens[at] = replace(token, meanings=frozenset({"2nd"}))
    if is_question and heads and _asks_for_truth([tokens[at].text for at in plain]):
        tokens[plain[-1]] = replace(tokens[plain[-1]], role="content")
    if is_question and (wanted := _short_ask(tokens)):
        tokens.insert(0, QuestionToken("", frozenset({wanted}), "ask"))
    if is_question:
        first = next((at for at, token in enumerate(tokens) if not IS_MARK.match(token.text)), None)
        if first is not None and tokens[first].text in _YES_NO:
            tokens[first] = QuestionToken(tokens[first].text, frozenset({"#yes or no"}), "ask")
    if asks_of(tokens) == {"#what"}:  # "what can be seen": seeing is what is asked about
        tokens = [replace(it, role="content") if it.meanings == {"see"} else it for it in tokens]
    return tuple(tokens)


def _asks_for_truth(texts: Sequence[str]) -> bool:
    """Whether the last word says of what stands before it that it is so: "are the cuts correct"."""
    is_plain = len(texts) > 2 and texts[0] in _YES_NO and texts[1] not in ("there", "it")
    return is_plain and texts[-1] in ("correct", "true")


def _short_ask(tokens: Sequence[QuestionToken]) -> str:
    """What a thing and no more asks for: "dog at 3 s?" whether, "dogs at 3 s?" how many; or ""."""
    content = [token for token in tokens if token.role in ("content", "ask")]
    if len(content) != 1 or "thing" not in content[0].slots or content[0].role == "ask":
        return ""
    if tokens and tokens[0].text in _YES_NO:
        return ""
    several = ("people", "ppl", "folk", "mice", "knives")
    text = content[0].text
    if text.endswith("s") or text in several:  # alone: how many, or when?
        return "#count" if any(IS_MARK.match(token.text) for token in tokens) else ""
    return "#yes or no"


def thing_named(text: str) -> str | None:
    """The label of the one thing that some words name ("the two dogs"), or None."""
    content = [token for token in tokens_of(text.lower(), is_question=False) if token.slots]
    others = [
        token
        for token in tokens_of(text.lower(), is_question=False)
        if token.role == "content" and not token.slots
    ]
    labels = {token.slots["thing"] for token in content if "thing" in token.slots}
    return labels.pop() if len(labels) == 1 and len(content) == 1 and not others else None


def asks_of(tokens: Sequence[QuestionToken]) -> frozenset[str]:
    """The kinds of answer that are asked for; "what" says nothing beside another."""
    asks = {meaning for token in tokens if token.role == "ask" for meaning in token.meanings}
    return frozenset(asks if len(asks) == 1 else asks - {"#what"})


def _phrase_size(words: Sequence[str], stems: Sequence[str], at: int, table: Lexicon) -> int:
    for size in range(min(table.longest, len(stems) - at), 1, -1):
        phrase, text = tuple(stems[at : at + size]), tuple(words[at : at + size])
        if text in table.asks or phrase in table.meanings or phrase in table.slots:
            return size
        if " ".join(text) in table.function_phrases:
            return size
    return 1


def _length_size(words: Sequence[str], at: int) -> int:
    """How many words from there on are one length of time ("5 and a half seconds"); else 1."""
    if read_number(words[at]) is None and not words[at][0].isdigit():
        return 1
    sizes = range(min(_LONGEST_LENGTH, len(words) - at), 1, -1)
    return next((n for n in sizes if read_length(" ".join(words[at : at + n])) is not None), 1)


@functools.lru_cache(maxsize=8192)
def _token(words: tuple[str, ...], phrase: tuple[str, ...]) -> QuestionToken:
    table = lexicon()
    text = " ".join(words)
    if text.startswith("{"):
        return QuestionToken(text, frozenset({text}), "content")
    if text == OPTIONS_MARK:
        return QuestionToken(text, frozenset({"{options}"}), "content", {"options": ""})
    quoted = QUOTE_MARK.fullmatch(text)
    if quoted:
        return QuestionToken(text, frozenset({text}), "content", {"quote": quoted[1]})
    if IS_MARK.fullmatch(text):
        return QuestionToken(text, frozenset({text}), "function")
    slots = dict(table.slots.get(phrase, {}))
    length = read_length(text) if text[:1].isdigit() or len(words) > 1 else None
    if length is not None:
        slots["length"] = f"{length:g}"
    meanings = table.meanings.get(phrase, frozenset())
    if len(words) == 1:
        slots.update(_number_slots(words[0]))
        meanings |= {phrase[0]}
    if words in table.asks:
        return QuestionToken(text, frozenset({f"#{table.asks[words]}"}), "ask", slots)
    role: Role = "content"
    if not slots or text in _PLAIN_TOO:
        if len(words) == 1 and phrase[0] in table.light:
            role = "light"
        elif phrase not in table.meanings and (
            text in table.function_phrases or phrase[0] in table.function
        ):
            role = "function"
    return QuestionToken(text, meanings, role, slots)


def _number_slots(word: str) -> dict[str, str]:
    slots: dict[str, str] = {}
    if re.fullmatch(r"\d{1,3}(?:[:;]\d{2})+", word):
        slots["clock_time"] = word
    if re.fullmatch(r"\d{2,5}[x×]\d{2,5}", word):
        slots["dimensions"] = word
    nth = read_ordinal(word)
    if nth is not None:
        slots["nth"] = str(nth)
    number = read_number(word) if word not in ("a", "an", "half", "one") else None
    if number is not None:
        slots["number"] = word if word[0].isdigit() else f"{number:g}"
    return slots
