"""A question as tokens: words with their meanings, and the slots that they can fill."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from vprog.rules.lexicon import Phrase, lexicon, spellings, stem
from vprog.rules.numbers import read_number, read_ordinal
from vprog.rules.rule_data import pattern
from vprog.rules.times import IS_MARK, read_length

Role = Literal["content", "light", "function", "ask"]
QUOTE_MARK = re.compile(r"quote(\d+)mark")
OPTIONS_MARK = "optionsmark"
_WORD = re.compile(r"\{\w+\}|[^\W_][\w'.:+/-]*[^\W_]|[^\W_]")
_HEAD = 3
_MARK = re.compile(r"\{\w+\}|(time|quote|options)(\d*)mark")


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


@functools.lru_cache(maxsize=4096)
def tokens_of(text: str, *, is_question: bool = True) -> tuple[QuestionToken, ...]:
    """The tokens of a text in lower case, in their order.

    Args:
        text: a question, or a wording with slots in braces.
        is_question: whether its first word may ask for a yes or a no.
    """
    words = tuple(_WORD.findall(text))
    stems = tuple(map(stem, words))
    tokens: list[QuestionToken] = []
    at = 0
    while at < len(words):
        size = _size(words, stems, at)
        tokens.append(_token(words[at : at + size], stems[at : at + size]))
        at += size
    for at, (ask, noun) in enumerate(itertools.pairwise(tokens)):
        if ask.meanings == {"#count"} and noun.role == "light":  # what is counted
            tokens[at + 1] = replace(noun, role="content")
    plain = [at for at, token in enumerate(tokens) if not IS_MARK.match(token.text)]
    for at, token in enumerate(tokens[:-1]):
        if at not in plain[:_HEAD] and pattern("only_at_head").fullmatch(token.text):
            # "what is said when it is black"
            tokens[at] = QuestionToken(token.text, frozenset({token.text}), "content")
        before, noun = tokens[max(0, at - 1)], tokens[at + 1]
        is_place = is_question and at > 0 and token.text == "second" and noun.role == "content"
        if is_place and not pattern("of_each").fullmatch(before.text):
            tokens[at] = replace(token, meanings=frozenset({"2nd"}))  # "the second loudest moment"
    if is_question and plain:
        first, second, last = (tokens[at] for at in (plain[0], plain[:2][-1], plain[-1]))
        asks_first = pattern("yes_no").fullmatch(first.text)
        is_named = len(plain) > 2 and second.text not in ("there", "it")
        if asks_first and is_named and pattern("is_true").fullmatch(last.text):
            tokens[plain[-1]] = replace(last, role="content")
        if wanted := _short_ask(tokens):
            tokens.insert(0, QuestionToken("", frozenset({wanted}), "ask"))
        elif asks_first:
            tokens[plain[0]] = QuestionToken(first.text, frozenset({"#yes or no"}), "ask")
    if asks_of(tokens) == {"#what"}:  # "what can be seen": seeing is what is asked about
        tokens = [replace(it, role="content") if it.meanings == {"see"} else it for it in tokens]
    return tuple(tokens)


def _short_ask(tokens: Sequence[QuestionToken]) -> str:
    """What a thing and no more asks for: "dog at 3 s?" whether, "dogs at 3 s?" how many; or ""."""
    content = [token for token in tokens if token.role in ("content", "ask")]
    thing = content[0] if len(content) == 1 and content[0].role == "content" else None
    if thing is None or "thing" not in thing.slots or pattern("yes_no").fullmatch(tokens[0].text):
        return ""
    if not pattern("several").fullmatch(thing.text):
        return "#yes or no"
    # alone: how many, or when?
    return "#count" if any(IS_MARK.match(token.text) for token in tokens) else ""


def thing_named(text: str) -> str | None:
    """The label of the one thing that some words name ("the two dogs"), or None."""
    tokens = tokens_of(text.lower(), is_question=False)
    named = [token for token in tokens if token.slots or token.role == "content"]
    return named[0].slots.get("thing") if len(named) == 1 else None


def asks_of(tokens: Sequence[QuestionToken]) -> frozenset[str]:
    """The kinds of answer that are asked for; "what" says nothing beside another."""
    asks = {meaning for token in tokens if token.role == "ask" for meaning in token.meanings}
    return frozenset(asks if len(asks) == 1 else asks - {"#what"})


def _size(words: Phrase, stems: Phrase, at: int) -> int:
    """How many words from there on are one phrase, or one length ("5 and a half seconds")."""
    known = lexicon()
    may_be_length = words[at][0].isdigit() or read_number(words[at]) is not None
    for size in range(min(known.longest, len(words) - at), 1, -1):
        here = slice(at, at + size)
        if words[here] in known.asks or words[here] in known.function_phrases:
            return size
        if stems[here] in known.meanings or stems[here] in known.slots:
            return size
        if may_be_length and read_length(" ".join(words[here])) is not None:
            return size
    return 1


@functools.lru_cache(maxsize=8192)
def _token(words: Phrase, phrase: Phrase) -> QuestionToken:
    known = lexicon()
    text = " ".join(words)
    if mark := _MARK.fullmatch(text):
        role: Role = "function" if mark[1] == "time" else "content"
        slots = {mark[1]: mark[2]} if mark[1] in ("quote", "options") else {}
        return QuestionToken(text, frozenset({text}), role, slots)
    slots = dict(known.slots.get(phrase, {}))
    if len(words) == 1 and pattern("of_a_verb").fullmatch(text) and text not in spellings():
        slots.pop("thing", None)  # "training" is no train
    length = read_length(text) if text[0].isdigit() or len(words) > 1 else None
    if length is not None:
        slots["length"] = f"{length:g}"
    meanings = known.meanings.get(phrase, frozenset())
    if len(words) == 1:
        slots |= _number_slots(text)
        meanings |= {phrase[0]}
    if words in known.asks:
        return QuestionToken(text, frozenset({f"#{known.asks[words]}"}), "ask", slots)
    role = "content"
    if not slots or pattern("plain_too").fullmatch(text):
        if len(words) == 1 and phrase[0] in known.light:
            role = "light"
        elif words in known.function_phrases or phrase[0] in known.function:
            role = "content" if phrase in known.meanings else "function"
    return QuestionToken(text, meanings, role, slots)


def _number_slots(word: str) -> dict[str, str]:
    """The values of one word that is a number, a place, a time on a clock, a size of a picture."""
    nth = read_ordinal(word)
    number = read_number(word) if word not in ("a", "an", "half", "one") else None
    found = {
        "clock_time": word if re.fullmatch(r"\d{1,3}(?:[:;]\d{2})+", word) else None,
        "dimensions": word if re.fullmatch(r"\d{2,5}[x×]\d{2,5}", word) else None,
        "nth": None if nth is None else str(nth),
        "number": None if number is None else word if word[0].isdigit() else f"{number:g}",
    }
    return {slot: value for slot, value in found.items() if value is not None}
