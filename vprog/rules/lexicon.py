"""Words by meaning: what each word or phrase of a question stands for, after `words.toml`."""

from __future__ import annotations

import functools
import itertools
import json
import re
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import snowballstemmer

from vprog.once import once
from vprog.rules.numbers import ORDINALS, TENS, UNITS
from vprog.rules.rule_data import table

_STEMMER = snowballstemmer.stemmer("english")
_STEMMING = threading.Lock()
"""It keeps the word that it works on."""
Phrase = tuple[str, ...]
"""One or more words that stand together, or their stems."""


@functools.lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The part that forms of one word share: "cuts" and "cutting" are "cut", "went" is "go"."""
    plain = _irregular().get(word.lower(), word.lower())
    stemmed = _snowball(plain)
    base = re.sub(r"(?:'?s|ed|ing)$", "", plain)
    # A longer word made of a noun is another one: "personality", "animation".
    return plain if len(base) > _noun_lengths().get(stemmed, len(base)) + 1 else stemmed


def _snowball(word: str) -> str:
    with _STEMMING:
        return str(_STEMMER.stemWord(word))


@once
def _noun_lengths() -> Mapping[str, int]:
    """The letters of each noun for a thing in the picture, by what the stemmer makes of it."""
    slots = table("words.toml")["slots"]
    named = (f"{noun},{listed}" for noun, listed in (slots["thing"] | slots["group"]).items())
    nouns = {noun.strip() for listed in named for noun in listed.split(",") if noun.strip()}
    return {_snowball(noun): len(noun) for noun in sorted(nouns, key=len, reverse=True)}


@once
def _irregular() -> Mapping[str, str]:
    """The base of each form that no rule of spelling leads back to it."""
    return {
        form: base for base, forms in table("words.toml")["forms"].items() for form in forms.split()
    }


def phrase_of(text: str) -> Phrase:
    """The stems of a text's words."""
    return tuple(stem(word) for word in re.findall(r"[\w'.+/:-]+", text.lower()))


class Lexicon:
    """The words that the reader knows.

    Attributes:
        function: words that carry nothing of a question.
        function_phrases: phrases that carry nothing either.
        beside: words that limit nothing where a wording does not hold them.
        essential: words of a wording that a question of its kind cannot lack.
        limits: words that say what no likeness of sentences sees; these are among them.
        light: words of the medium and of seeing, which a question may hold or not.
        asks: words that say which kind of answer is wanted, e.g. "how many" for "count"; they
            are taken as they stand: "what time" asks for one, "what times" for all.
        meanings: phrases by what they mean; one phrase may have several meanings.
        slots: phrases that are values: of "thing", "colour", "side", "nth" and the like.
        longest: words of the longest phrase.
        words: every stem that occurs.
    """

    def __init__(self, listed: Mapping[str, Any]) -> None:
        """Read a table such as `words.toml`."""
        self.function = frozenset(phrase_of(listed["function"]))
        self.function_phrases = {
            tuple(text.split()) for text in listed["function_phrases"].split(",")
        }
        self.beside = frozenset(phrase_of(listed["beside"]))
        self.essential = frozenset(listed["essential"].split())
        self.limits = frozenset(phrase_of(f"{listed['essential']} {listed['limits']}"))
        self.light = frozenset(phrase_of(listed["light"]))
        self.asks = {
            tuple(text.split()): ask
            for ask, texts in listed["ask"].items()
            for text in re.split(r", *", texts)
        }
        self.meanings: defaultdict[Phrase, frozenset[str]] = defaultdict(frozenset)
        for meaning, phrase in _phrases(listed["meanings"]):
            self.meanings[phrase] |= {meaning}
        self.slots: defaultdict[Phrase, dict[str, str]] = defaultdict(dict)
        for slot, values in listed["slots"].items():
            for value, phrase in _phrases(values):
                self.slots[phrase][slot] = value
        self.longest = max(map(len, (*self.asks, *self.meanings, *self.slots)))
        words = itertools.chain(ORDINALS, UNITS, TENS, ["last"], *self.asks)
        stems = itertools.chain(map(stem, words), *self.meanings, *self.slots)
        self.words = self.function | self.light | set(stems)


@once
def lexicon() -> Lexicon:
    """The table, read once."""
    return Lexicon(table("words.toml"))


@once
def spellings() -> frozenset[str]:
    """Every word of the table, as it stands there."""
    return frozenset(re.findall(r"[a-z]{3,}", json.dumps(table("words.toml")).replace("\\n", " ")))


def _phrases(table: Mapping[str, str]) -> Iterator[tuple[str, Phrase]]:
    """Each value with each of its phrases; the value itself is one."""
    for value, listed in table.items():
        for text in (value, *listed.split(",")):
            if phrase := phrase_of(text):
                yield value, phrase
