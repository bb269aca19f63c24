"""The kinds of question that the reader knows: wordings and programs, read from `kinds/*.toml`.

A file of that folder is one family. It holds whole kinds (`[[kind]]`), and things to find
(`[[find]]`): each of these is asked for in all the ways of `aspects.toml` (whether, when, how
often, how long ...), so that its file says only what it is called and how it is found.
"""

from __future__ import annotations

import functools
import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any, Literal

from vprog.once import once
from vprog.rules.lexicon import phrase_of
from vprog.rules.tokens import QuestionToken, asks_of, tokens_of

Answer = Literal["number", "seconds", "span", "yes or no", "text", "state", "event"]
TimeKind = Literal["none", "at", "span", "two"]
SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Wording:
    """One way to ask: what it says, and the tokens by which a question is compared with it.

    Attributes:
        text: a question in plain words, slots in braces; a light word that counts in brackets.
        asks: the kinds of answer that it asks for.
        needed: the tokens that a question should hold.
        side: of a kind with two states, the one that it names: 0, 1, or 2 for both.
        is_whole: whether a question must hold all of its words.
    """

    text: str
    asks: frozenset[str]
    needed: tuple[QuestionToken, ...]
    side: int = 0
    is_whole: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of question and the program that answers it.

    Attributes:
        family: the name of its file.
        name: unique within the family.
        reading: how a question of this kind was understood; slots in braces.
        answer: what the program leaves in `value`; a bool for "state". "event" is a thing to find
            as a part of another question ("before the sound stops"): it leaves `found` alone.
        program: its text. The names of slots stand for their values: `span`, `time`, `label` ...
        wordings: the ways to ask.
        evidence: an expression: the list that supports the answer.
        tolerance: how far from the value a given choice may lie and still be it.
        times: which times a question may name.
        also: further words that a question may hold.
        states: the names of its two states.
        constants: further names of the program and their values.
        not_beside: of a kind that takes any other words, since its options settle the answer: those
            that it does not take. Its options are things that a detector knows, all of them.
        needs: meanings of which a question must hold one, whatever else of a wording it lacks.
        unless_says: a pattern, or several, of which `[patterns]` names some, and those of its
            family; a question in which one is found is of another kind.
        n_events: how many of the question's options are events, each found by a program of its
            own; what they find is in `found_1` and `found_2`, when in `moment_1` and `moment_2`.
        options_are: the slot that each of the question's options must be a value of, e.g. "colour";
            "word" for what could be said or written; "said" for anything, where the wording itself
            tells that it is said.
        around: seconds before and after an instant that still count as at it.
        given: what the video must have ("picture", "sound") or lack ("no sound").
        unless: words that a question of this kind does not hold.
        is_plain_word: its free word must be none that the lexicon knows.
    """

    family: str
    name: str
    reading: str
    answer: Answer
    program: str
    wordings: tuple[Wording, ...] = ()
    evidence: str = ""
    tolerance: float = 0.0
    times: tuple[TimeKind, ...] = ("none",)
    also: frozenset[str] = frozenset()
    states: tuple[tuple[str, ...], ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict, compare=False)
    n_events: int = 0
    options_are: str = ""
    around: float = 0.0
    given: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    is_plain_word: bool = False
    not_beside: frozenset[str] = frozenset()
    unless_says: str = ""
    needs: frozenset[str] = frozenset()

    def excludes(self, text: str) -> bool:
        """Whether a question says that it is of another kind."""
        return bool(self.unless_says and re.search(self.unless_says, text))


@once
def all_kinds() -> tuple[Kind, ...]:
    """Every kind, in the order of the files' names."""
    folder = resources.files(__package__).joinpath("kinds")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda it: it.name
    )
    tables = {
        file.name.removesuffix(".toml"): tomllib.loads(file.read_text("utf-8")) for file in files
    }
    aspects = tables.pop("aspects")["aspect"]
    shared = tables.pop("shared_programs")
    patterns = shared.pop("patterns")
    for aspect in aspects:
        aspect["unless_says"] = _pattern(aspect, patterns)
    kinds: list[Kind] = []
    for family, table in tables.items():
        programs = shared | table.get("programs", {})
        also = _also(table.get("also", ""))
        for entry in (*table.get("kind", ()), *table.get("find", ())):
            entry["unless_says"] = _pattern(entry, patterns, table.get("unless_says", ()))
        for entry in table.get("kind", ()):
            if isinstance(entry["wordings"], str):  # several kinds are asked for in the same words
                entry["wordings"] = table["wordings"][entry["wordings"]]
            kinds.append(_kind(family, entry, programs, also))
        for entry in table.get("find", ()):
            kinds.extend(_found(family, entry, programs, also, aspects))
    further = {family: _further(family) for family in tables}
    return tuple(
        replace(kind, wordings=kind.wordings + further[kind.family].get(kind.name, ()))
        for kind in kinds
    )


def _pattern(
    entry: Mapping[str, Any], patterns: Mapping[str, str], of_family: Sequence[str] = ()
) -> str:
    """What a question of a kind does not say, as one pattern."""
    said = entry.get("unless_says", [])
    parts = [*([said] if isinstance(said, str) else said), *of_family]
    return "|".join(patterns.get(part, part) for part in parts)


def _further(family: str) -> Mapping[str, tuple[Wording, ...]]:
    """Further wordings of the kinds of a family, by the name of the kind."""
    file = resources.files(__package__).joinpath("wordings", f"{family}.toml")
    if not file.is_file():
        return {}
    table = tomllib.loads(file.read_text("utf-8"))
    return {
        name: tuple(replace(wording, is_whole=True) for wording in _wordings(texts, ()))
        for name, texts in table.items()
    }


def shared_program(name: str) -> str:
    """A part of programs of `kinds/shared_programs.toml`, e.g. "all_labels"."""
    file = resources.files(__package__).joinpath("kinds", "shared_programs.toml")
    return str(tomllib.loads(file.read_text("utf-8"))[name]).strip("\n") + "\n"


def _kind(
    family: str, entry: Mapping[str, Any], programs: Mapping[str, str], also: frozenset[str]
) -> Kind:
    states = tuple(tuple(names) for names in entry.get("states", ()))
    return Kind(
        family=family,
        name=entry["name"],
        reading=entry["reading"],
        answer="state" if states else entry["answer"],
        program=_program(entry["program"], programs),
        wordings=tuple(_wordings(entry["wordings"], states)),
        evidence=entry.get("evidence", ""),
        tolerance=entry.get("tolerance", 0.0),
        times=tuple(entry.get("times", ("none",))),
        also=also | _also(entry.get("also", "")),
        states=states,
        constants=entry.get("constants", {}),
        n_events=entry.get("n_events", 0),
        options_are=entry.get("options_are", ""),
        around=entry.get("around", 0.0),
        given=frozenset(entry.get("given", ())),
        unless=_words(entry.get("unless", "")),
        is_plain_word=entry.get("is_plain_word", False),
        not_beside=_words(entry.get("not_beside", "")),
        unless_says=entry["unless_says"],
        needs=frozenset(entry.get("needs", ())),
    )


def _program(parts: str | list[str], programs: Mapping[str, str]) -> str:
    """A program from its parts, each the name of one of the family's or the text itself."""
    listed = [parts] if isinstance(parts, str) else parts
    return "".join(programs.get(part, part).strip("\n") + "\n" for part in listed)


_EVENTS = {
    "begin": "moment = span_of(found[0]).start if found else 0.0\n",
    "end": "moment = span_of(found[-1]).end if found else 0.0\n",
}
"""What an event's program adds: when the first of what was found begins, or the last ends."""


_ABSENT = """
if not found:
    abstain(missing)
"""
_NEVER = """
if not found and not choices:
    answer("never")
if not found:
    abstain(missing)
"""


def _found(
    family: str,
    entry: Mapping[str, Any],
    programs: Mapping[str, str],
    also: frozenset[str],
    aspects: Sequence[Mapping[str, Any]],
) -> Iterator[Kind]:
    """A thing to find, asked for in each of its ways."""
    program = _program(entry["program"], programs)
    absent = _NEVER if entry.get("exhaustive") else _ABSENT
    programs = {**programs, "absent": absent}
    constants = {
        "missing": entry.get("missing", f"{entry['says']}: none was found"),
        "tells_absence": entry.get("tells_absence", True),
        **entry.get("constants", {}),
    }
    for edge, lines in _EVENTS.items() if entry.get("is_event", True) else ():
        if edge == "end" and "ends" not in entry["aspects"]:
            continue
        nouns = (*entry["wordings"], *entry.get("event_wordings", ()))
        named = [f"{it} {edge}" for it in nouns]
        yield Kind(
            family=family,
            name=f"{entry['name']} {edge} event",
            reading=f"{entry['says']} (its {edge})" if edge == "end" else entry["says"],
            answer="event",
            program=program + lines,
            wordings=tuple(_wordings(named if edge == "end" else (*named, *nouns), ())),
            also=also | _also(entry.get("also", "")) | _also("first come"),
            constants=constants,
            around=entry.get("around", 0.0),
            given=frozenset(entry.get("given", ())),
            unless=_words(entry.get("unless", "")),
            is_plain_word=entry.get("is_plain_word", False),
        )
    for aspect in aspects:
        if aspect.get("wherever", aspect["name"]) not in entry["aspects"]:
            continue
        if aspect["name"] in entry.get("without", ()):
            continue
        wordings = [
            wording.replace("{it}", named)
            for wording in aspect["wordings"]
            for named in entry["wordings"]
        ] + entry.get(f"ask_{aspect['name']}", [])
        times = [time for time in entry.get("times", ("none",)) if time in aspect["times"]]
        yield Kind(
            family=family,
            name=f"{entry['name']} {aspect['name']}",
            reading=aspect["reading"].replace("{it}", entry["says"]),
            answer=aspect["answer"],
            program=program + _program(aspect["program"], programs),
            wordings=tuple(_wordings(wordings, ())),
            evidence=aspect.get("evidence", "found[:20]"),
            tolerance=aspect.get("tolerance", entry.get("tolerance", 0.0)),
            times=tuple(times) or ("none",),
            also=also | _also(entry.get("also", "")) | _also(aspect.get("also", "")),
            constants=constants,
            around=entry.get("around", 0.0),
            given=frozenset(entry.get("given", ())),
            unless=_words(entry.get("unless", "")),
            is_plain_word=entry.get("is_plain_word", False),
            unless_says="|".join(filter(None, (entry["unless_says"], aspect["unless_says"]))),
            needs=frozenset(entry.get("needs", ())),
        )


def _words(text: str) -> frozenset[str]:
    return frozenset(
        meaning for token in tokens_of(text, is_question=False) for meaning in token.meanings
    )


def _also(text: str) -> frozenset[str]:
    """The meanings of words that a kind passes over. A word that is listed beneath a meaning of
    another name stands for itself alone: where "take" is passed over, "shot" is not."""
    return frozenset(
        meaning
        for token in tokens_of(text, is_question=False)
        for meaning in token.meanings
        if " " in token.text or phrase_of(token.text) in ((meaning,), phrase_of(meaning))
    )


def _wordings(texts: Iterable[str], states: tuple[tuple[str, ...], ...]) -> Iterator[Wording]:
    for text in dict.fromkeys(texts):
        if "{state}" not in text and "{both}" not in text:
            yield _wording(text)
            continue
        if "{both}" in text:
            for pair in itertools.product(*states):
                yield replace(_wording(text.replace("{both}", " or ".join(pair))), side=2)
            continue
        for side, names in enumerate(states):
            for name in names:
                yield replace(_wording(text.replace("{state}", name)), side=side)
        for pair in itertools.product(*states):
            yield replace(_wording(text.replace("{state}", " or ".join(pair))), side=2)


@functools.cache
def _wording(text: str) -> Wording:
    tokens = tokens_of(text.lower())
    named = set(re.findall(r"\[(\w+)\]", text.lower()))
    content = tuple(token for token in tokens if token.role == "content" or token.text in named)
    light = tuple(token for token in tokens if token.role == "light")
    # "are there 3 cuts": a number of nothing is of no kind
    return Wording(text, asks_of(tokens), content or light, is_whole="{number}" in text)
