"""Words by meaning: what each word or phrase of a question stands for, after `words.toml`."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import snowballstemmer

from vprog.once import once
from vprog.rules.numbers import ORDINALS, TENS, UNITS
from vprog.rules.rule_data import table

_STEMMER = snowballstemmer.stemmer("english")
_STEMMING = threading.Lock()
"""It keeps the word that it works on."""
Phrase = tuple[str, ...]
"""The stems of one or more words that stand together."""


@functools.lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The part that forms of one word share: "cuts" and "cutting" are "cut", "went" is "go"."""
    plain = word.lower()
    with _STEMMING:
        return str(_STEMMER.stemWord(_irregular().get(plain, plain)))


@once
def _irregular() -> Mapping[str, str]:
    """The base of each form that no rule of spelling leads back to it."""
    return {
        form: base for base, forms in table("words.toml")["forms"].items() for form in forms.split()
    }


def phrase_of(text: str) -> Phrase:
    """The stems of a text's words."""
    return tuple(stem(word) for word in re.findall(r"[\w'.+/:-]+", text.lower()))


@dataclass(frozen=True)
class Lexicon:
    """The words that the reader knows.

    Attributes:
        function: words that carry nothing of a question.
        function_phrases: phrases that carry nothing either.
        beside: words that limit nothing where a wording does not hold them.
        limits: words that say what no likeness of sentences sees.
        light: words of the medium and of seeing, which a question may hold or not.
        essential: words of a wording that a question of its kind cannot lack.
        asks: words that say which kind of answer is wanted, e.g. "how many" for "count"; they
            are taken as they stand: "what time" asks for one, "what times" for all.
        meanings: phrases by what they mean; one phrase may have several meanings.
        slots: phrases that are values: of "thing", "colour", "side", "nth" and the like.
        longest: words of the longest phrase.
    """

    function: frozenset[str]
    function_phrases: frozenset[str]
    beside: frozenset[str]
    limits: frozenset[str]
    light: frozenset[str]
    essential: frozenset[str]
    asks: Mapping[Phrase, str]
    meanings: Mapping[Phrase, frozenset[str]]
    slots: Mapping[Phrase, Mapping[str, str]]
    longest: int

    @functools.cached_property
    def words(self) -> frozenset[str]:
        """Every stem that occurs."""
        phrases = (*self.meanings, *self.slots)
        asks = {stem(word) for words in self.asks for word in words}
        ordinals = {stem(word) for word in (*ORDINALS, *UNITS, *TENS, "last")}
        listed = {word for phrase in phrases for word in phrase}
        return self.function | self.light | asks | ordinals | listed


@once
def spellings() -> frozenset[str]:
    """Every word of the table, as it stands there."""

    def spelled(part: Mapping[str, Any] | str) -> Iterator[str]:
        texts = [part] if isinstance(part, str) else part
        for text in texts:
            yield from re.findall(r"[a-z]{3,}", text)
        for held in part.values() if isinstance(part, Mapping) else ():
            yield from spelled(held)

    return frozenset(spelled(table("words.toml")))


@once
def lexicon() -> Lexicon:
    """The table, read once."""
    words = table("words.toml")
    asks = {
        tuple(text.split()): ask
        for ask, listed in words["ask"].items()
        for text in re.split(r", *", listed)
    }
    meanings: dict[Phrase, frozenset[str]] = {}
    for meaning, phrase in _phrases(words["meanings"]):
        meanings[phrase] = meanings.get(phrase, frozenset()) | {meaning}
    slots: dict[Phrase, dict[str, str]] = {}
    for slot, values in words["slots"].items():
        for value, phrase in _phrases(values):
            slots.setdefault(phrase, {})[slot] = value
    return Lexicon(
        function=frozenset(phrase_of(words["function"])),
        function_phrases=frozenset(re.split(r",\s*", words["function_phrases"].strip())),
        beside=frozenset(phrase_of(words["beside"])),
        limits=frozenset(phrase_of(f"{words['essential']} {words['limits']}")),
        light=frozenset(phrase_of(words["light"])),
        essential=frozenset(words["essential"].split()),
        asks=asks,
        meanings=meanings,
        slots=slots,
        longest=max(map(len, (*asks, *meanings, *slots))),
    )


def _phrases(table: Mapping[str, str]) -> Iterator[tuple[str, Phrase]]:
    """Each value with each of its phrases; the value itself is one."""
    for value, listed in table.items():
        for text in (value, *listed.split(",")):
            if phrase := phrase_of(text):
                yield value, phrase
