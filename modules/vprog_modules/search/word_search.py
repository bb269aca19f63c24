"""Search by words, with times: phrases first, then all words, then some of them.

SQLite's FTS5 splits and stems (porter), so that "jumps" finds "jumping", and ranks what holds
only some of the words. What words count as the same before that is for wording.py. Where words
may be misread, a text is found that holds nearly the letters: a reader of text takes one letter for
another ("Possword", "EXlT", "Enter Pass word"). Figures are another matter: 13 is not nearly 18.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from typing import NamedTuple

from vprog.errors import ModuleInputError
from vprog.types import Match
from vprog_modules.search.wording import COMMON, Term, terms

PHRASE_SCORE = 1.0
ALL_SCORE = 0.8
SOME_SCORE = 0.6
"""Times the share of the words that were found."""

NEAR_SCORE = 0.6
"""Times the similarity of the letters, where words may be misread."""

FAR_SCORE = 0.2
"""The same for the nearest text where nothing holds the words."""

JOIN_S = 2.0
"""Texts that follow each other within this many seconds may hold a phrase together."""

NEAR = 0.8
"""Similarity from which on a text may be the wanted one: one letter in five is another."""

_LOOK_ALIKE = str.maketrans("01i58926", "ollsbgzb")
"""Figures and letters that readers take for each other, each pair as one letter."""

_LOOKS_LIKE = 0.95


class SearchWord(NamedTuple):
    """When a word of a text is said; its score in [0, 1]."""

    start: float
    end: float
    score: float


class SearchText(NamedTuple):
    """What is searched: `words` has an entry for each word of `text`, or is empty."""

    text: str
    start: float
    end: float
    score: float
    source: str
    words: Sequence[SearchWord] = ()
    continues: bool = False
    """Whether it goes on in the next text, as subtitles do."""


class _Place(NamedTuple):
    """One stem of a text, and which words of it (counted by spaces) it is from."""

    stem: str
    text: int
    first: int
    last: int


class _Hit(NamedTuple):
    quality: float
    places: tuple[_Place, ...]
    rank: float


def find_words(
    texts: Sequence[SearchText],
    query: str,
    count: int,
    where: str,
    *,
    may_be_misread: bool = False,
    nearest: bool = False,
) -> list[Match]:
    """Where the words of a query stand, best first.

    Args:
        texts: what to search, in order of time.
        query: words; punctuation and capitals do not matter.
        count: the most matches to give.
        where: the call, for messages.
        may_be_misread: also give texts that hold nearly the same letters.
        nearest: where nothing is found, give the text that is most like the query.

    Raises:
        ModuleInputError: the query holds no word.
    """
    asked = terms(query)
    if not asked:
        raise ModuleInputError(
            f'{where}: expected at least one word to search, got "{query}".',
            hint="Give letters or digits.",
        )
    if not texts:
        return []
    with closing(sqlite3.connect(":memory:")) as base:
        places, wanted = _stemmed(base, texts, asked)
        hits = _phrases(texts, places, wanted)
        hits += _gathered(texts, places, _telling(asked, wanted), _ranks(base, asked), hits)
    if may_be_misread or nearest:
        near = _near(texts, asked, hits, nearest=nearest, may_be_misread=may_be_misread)
        replaced = {hit.places[0].text for hit in near}
        hits = [hit for hit in hits if hit.places[0].text not in replaced] + near
    found = [(hit, _match(texts, hit)) for hit in hits]
    found.sort(key=lambda each: (-each[1].score, each[0].rank, each[1].start))
    return [match for _, match in found[:count]]


def _stemmed(
    base: sqlite3.Connection, texts: Sequence[SearchText], asked: list[Term]
) -> tuple[list[_Place], list[str]]:
    """Every stem of the texts, in order, and the stems that are asked for."""
    lines = [terms(text.text) for text in texts]
    each = sorted({term.text for line in [*lines, asked] for term in line})
    base.execute("CREATE VIRTUAL TABLE said USING fts5(words, tokenize='porter unicode61')")
    base.execute("CREATE VIRTUAL TABLE term USING fts5(word, tokenize='porter unicode61')")
    base.execute("CREATE VIRTUAL TABLE stems USING fts5vocab(term, instance)")
    base.executemany("INSERT INTO term(rowid, word) VALUES (?, ?)", enumerate(each))
    base.executemany(
        "INSERT INTO said(rowid, words) VALUES (?, ?)",
        [(at, " ".join(term.text for term in line)) for at, line in enumerate(lines)],
    )
    stem = {word: word for word in each}  # for letters that SQLite does not know
    for found, at in base.execute("SELECT term, doc FROM stems ORDER BY doc, offset DESC"):
        if each[at].isascii():
            stem[each[at]] = found
    places = [
        _Place(stem[term.text], at, term.first, term.last)
        for at, line in enumerate(lines)
        for term in line
    ]
    return places, [stem[term.text] for term in asked]


def _phrases(texts: Sequence[SearchText], places: list[_Place], wanted: list[str]) -> list[_Hit]:
    """Where the stems stand next to each other, in order; also from one text into the next."""
    hits: list[_Hit] = []
    at = 0
    while at <= len(places) - len(wanted):
        run = places[at : at + len(wanted)]
        fits = all(place.stem == stem for place, stem in zip(run, wanted, strict=True))
        if fits and all(_goes_on(texts, a, b) for a, b in itertools.pairwise(run)):
            hits.append(_Hit(PHRASE_SCORE, tuple(run), 0.0))
            at += len(wanted)
        else:
            at += 1
    return hits


def _goes_on(texts: Sequence[SearchText], a: _Place, b: _Place) -> bool:
    if a.text == b.text:
        return True
    gap = texts[b.text].start - texts[a.text].end
    return texts[a.text].continues and b.text == a.text + 1 and gap <= JOIN_S


def _gathered(
    texts: Sequence[SearchText],
    places: list[_Place],
    telling: set[str],
    ranks: dict[int, float],
    phrases: list[_Hit],
) -> list[_Hit]:
    """Texts that hold all or some of the words anywhere; those with a phrase are left out."""
    done = {place.text for hit in phrases for place in hit.places}
    by_text: dict[int, list[_Place]] = {}
    for place in places:
        if place.stem in telling and place.text not in done:
            by_text.setdefault(place.text, []).append(place)
    hits: list[_Hit] = []
    for number, found in by_text.items():
        share = len({place.stem for place in found}) / len(telling)
        quality = ALL_SCORE if share == 1 else SOME_SCORE * share
        hits.append(_Hit(quality, _closest(found), ranks.get(number, 0.0)))
    return hits


def _near(
    texts: Sequence[SearchText],
    asked: list[Term],
    hits: list[_Hit],
    *,
    may_be_misread: bool,
    nearest: bool,
) -> list[_Hit]:
    """Texts that hold nearly the wanted letters; without any, if need be the nearest one."""
    held = {place.text: hit.quality for hit in hits for place in hit.places}
    wanted = [term.text for term in asked]
    near: list[_Hit] = []
    best: _Hit | None = None
    alike: dict[str, NearWords | None] = {}  # a counter's label stands in a thousand lines
    for number, text in enumerate(texts):
        words = terms(text.text)
        if text.text not in alike:
            alike[text.text] = nearest_words(wanted, words)
        found = alike[text.text]
        if found is None:
            continue
        places = tuple(
            _Place(word.text, number, word.first, word.last)
            for word in words[found.first : found.last + 1]
        )
        quality = NEAR_SCORE * found.similarity
        if may_be_misread and found.similarity >= NEAR and held.get(number, 0.0) < quality:
            near.append(_Hit(quality, places, 0.0))
        elif best is None or FAR_SCORE * found.similarity > best.quality:
            best = _Hit(FAR_SCORE * found.similarity, places, 0.0)
    if nearest and best is not None and not hits and not near:
        return [best]
    return near


def _closest(found: list[_Place]) -> tuple[_Place, ...]:
    """The shortest run of places that holds every stem among them."""
    n_stems = len({place.stem for place in found})
    best = tuple(found)
    for first in range(len(found)):
        seen: set[str] = set()
        for last in range(first, len(found)):
            seen.add(found[last].stem)
            if len(seen) == n_stems:
                length = found[last].last - found[first].first
                if length < best[-1].last - best[0].first:
                    best = tuple(found[first : last + 1])
                break
    return best


def _telling(asked: list[Term], wanted: list[str]) -> set[str]:
    """The stems by which something can be found: not "the", unless nothing else is asked."""
    telling = {stem for term, stem in zip(asked, wanted, strict=True) if term.text not in COMMON}
    return telling or set(wanted)


def _ranks(base: sqlite3.Connection, asked: list[Term]) -> dict[int, float]:
    """FTS5's rank of each text that holds a word: the lower, the better."""
    question = " OR ".join(f'"{text}"' for text in sorted({term.text for term in asked}))
    rows = base.execute("SELECT rowid, rank FROM said WHERE said MATCH ?", (question,))
    return dict(rows.fetchall())


def _match(texts: Sequence[SearchText], hit: _Hit) -> Match:
    first, last = hit.places[0], hit.places[-1]
    numbers = list(dict.fromkeys(place.text for place in hit.places))
    start, end = texts[first.text].start, texts[last.text].end
    certain: list[float] = []
    for number in numbers:
        text = texts[number]
        if not text.words:
            certain.append(text.score)
            continue
        inside = [place for place in hit.places if place.text == number]
        certain += [
            text.words[at].score for place in inside for at in range(place.first, place.last + 1)
        ]
        if number == first.text:
            start = text.words[first.first].start
        if number == last.text:
            end = text.words[last.last].end
    score = hit.quality * sum(certain) / len(certain)
    return Match(
        " ".join(texts[number].text for number in numbers),
        start,
        max(start, end),
        round(min(1.0, max(0.0, score)), 4),
        texts[first.text].source,
    )


class NearWords(NamedTuple):
    """The run of words of a text that is most like the wanted ones; similarity in [0, 1]."""

    similarity: float
    first: int
    last: int


def nearest_words(wanted: Sequence[str], words: Sequence[Term]) -> NearWords | None:
    """The words of one text that are most like the wanted ones; None if it has no words.

    Args:
        wanted: comparable words.
        words: those of the text; first and last of the result count in them.
    """
    sought = "".join(wanted)
    best: NearWords | None = None
    for n_words in range(max(1, len(wanted) - 1), len(wanted) + 2):
        for first in range(max(1, len(words) - n_words + 1)):
            last = min(first + n_words, len(words)) - 1
            found = "".join(word.text for word in words[first : last + 1])
            if not found or (best is not None and _bound(sought, found) <= best.similarity):
                continue
            alike = similarity(sought, found)
            if best is None or alike > best.similarity:
                best = NearWords(alike, first, last)
    return best


def similarity(a: str, b: str) -> float:
    """The share of the letters that two texts have in common, in order; other figures halve it."""
    if a == b:
        return 1.0
    if len(a) > 2 and a.translate(_LOOK_ALIKE) == b.translate(_LOOK_ALIKE):
        return _LOOKS_LIKE
    share = 1 - _distance(a, b) / max(len(a), len(b))
    figures_a, figures_b = ([sign for sign in text if sign.isdigit()] for text in (a, b))
    return share if figures_a == figures_b else share / 2


def _bound(a: str, b: str) -> float:
    """What similarity cannot be above, told from which letters there are."""
    shared = (Counter(a) & Counter(b)).total()
    return max(_LOOKS_LIKE if len(a) == len(b) else 0.0, shared / max(len(a), len(b)))


def _distance(a: str, b: str) -> int:
    """How many letters to change, leave out or add (Levenshtein)."""
    row = list(range(len(b) + 1))
    for number, letter in enumerate(a, 1):
        above, row[0] = row[0], number
        for at, other in enumerate(b, 1):
            above, row[at] = (
                row[at],
                min(row[at] + 1, row[at - 1] + 1, above + (letter != other)),
            )
    return row[-1]
