"""Words by meaning: what each word or phrase of a question stands for, after `words.toml`."""

from __future__ import annotations

import functools
import re
import threading
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import snowballstemmer

from vprog.once import once
from vprog.rules.numbers import ORDINALS, TENS, UNITS

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
def _table() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text("utf-8"))


@once
def _irregular() -> Mapping[str, str]:
    """The base of each form that no rule of spelling leads back to it."""
    return {form: base for base, forms in _table()["forms"].items() for form in forms.split()}


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

    def texts(part: object) -> Iterable[str]:
        if isinstance(part, Mapping):
            for key, value in part.items():
                yield key
                yield from texts(value)
        else:
            yield str(part)

    found = (word for text in texts(_table()) for word in re.findall(r"[a-z]{3,}", text))
    return frozenset(found)


@once
def lexicon() -> Lexicon:
    """The table, read once."""
    table = _table()
    asks = {
        tuple(text.split()): ask
        for ask, listed in table["ask"].items()
        for text in re.split(r", *", listed)
    }
    meanings: dict[Phrase, frozenset[str]] = {}
    for meaning, phrase in _phrases(table["meanings"]):
        meanings[phrase] = meanings.get(phrase, frozenset()) | {meaning}
    slots: dict[Phrase, dict[str, str]] = {}
    for slot, values in table["slots"].items():
        for value, phrase in _phrases(values):
            slots.setdefault(phrase, {})[slot] = value
    return Lexicon(
        function=frozenset(word for text in table["function"].split() for word in phrase_of(text)),
        function_phrases=frozenset(re.split(r",\s*", table["function_phrases"].strip())),
        beside=frozenset(word for text in table["beside"].split() for word in phrase_of(text)),
        limits=frozenset(phrase_of(f"{table['essential']} {table['limits']}")),
        light=frozenset(word for text in table["light"].split() for word in phrase_of(text)),
        essential=frozenset(table["essential"].split()),
        asks=asks,
        meanings=meanings,
        slots=slots,
        longest=max(len(phrase) for phrase in (*asks, *meanings, *slots)),
    )


def _phrases(table: Mapping[str, str]) -> Iterable[tuple[str, Phrase]]:
    """Each value with each of its phrases; the value itself is one."""
    for value, listed in table.items():
        for text in {value, *listed.split(",")}:
            phrase = phrase_of(text)
            if phrase:
                yield value, phrase
