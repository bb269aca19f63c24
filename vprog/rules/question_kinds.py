"""The kinds of question that the reader knows: wordings and programs, read from `kinds/*.toml`.

A file of that folder is one family. It holds whole kinds (`[[kind]]`), and things to find
(`[[find]]`): each of these is asked for in all the ways of `aspects.toml` (whether, when, how
often, how long ...), so that its file says only what it is called and how it is found.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any, Literal

import msgspec

from vprog.once import once
from vprog.rules.lexicon import phrase_of
from vprog.rules.rule_data import completed, table
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
        needs: meanings of which a question must hold one, whatever else of a wording it lacks.
        unless_says: a pattern, or several, with those of `phrases.toml` in braces, and those of its
            family; a question in which one is found is of another kind.
        n_events: how many of the question's options are events, each found by a program of its
            own; what they find is in `found_1` and `found_2`, when in `moment_1` and `moment_2`.
        options_are: the slot that each of the question's options must be a value of, e.g. "colour";
            "word" for what could be said or written; "things" for different ones that a detector
            knows, which settle the answer: such a kind takes any other words but those of `unless`.
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
    unless_says: str = ""
    needs: frozenset[str] = frozenset()

    def is_of(self, time: TimeKind, given: frozenset[str]) -> bool:
        """Whether it is asked of such a time, and of a file that has and lacks this."""
        return time in self.times and self.given <= given

    def excludes(self, text: str) -> bool:
        """Whether a question says that it is of another kind."""
        return bool(self.unless_says and re.search(self.unless_says, text))


@once
def all_kinds() -> tuple[Kind, ...]:
    """Every kind, in the order of the files' names."""
    folder = resources.files(__package__).joinpath("kinds")
    names = sorted(file.name.removesuffix(".toml") for file in folder.iterdir())
    families = [name for name in names if name not in ("aspects", "shared_programs")]
    return tuple(kind for family in families for kind in _kinds(family))


def _kinds(family: str) -> Iterator[Kind]:
    """The kinds of a family: those that its file holds whole, then what its things to find make."""
    of_family = table(f"kinds/{family}.toml")
    programs = {**table("kinds/shared_programs.toml"), **of_family.get("programs", {})}
    has_more = resources.files(__package__).joinpath("wordings", f"{family}.toml").is_file()
    further = table(f"wordings/{family}.toml") if has_more else {}
    found = (entry for thing in of_family.get("find", ()) for entry in _ways_to_ask(thing))
    for entry in (*of_family.get("kind", ()), *found):
        texts = entry["wordings"]
        if isinstance(texts, str):  # several kinds are asked for in the same words
            texts = of_family["wordings"][texts]
        more = (replace(it, is_whole=True) for it in _wordings(further.get(entry["name"], ()), ()))
        says = (*_listed(entry, "unless_says"), *of_family.get("unless_says", ()))
        parts = (programs.get(part, part).strip("\n") for part in _listed(entry, "program"))
        made = {
            "family": family,
            "program": "".join(f"{part}\n" for part in parts),
            "wordings": (),
            "also": _also(of_family.get("also", ""), *_listed(entry, "also")),
            "unless": _words(entry.get("unless", "")),
            "unless_says": completed("|".join(says)),
        }
        kind = msgspec.convert({"answer": "state", **entry, **made}, Kind)
        # Of two that are alike, the one that must be held whole.
        alike = {(it.text, it.side): it for it in (*_wordings(texts, kind.states), *more)}
        yield replace(kind, wordings=tuple(alike.values()))


def _ways_to_ask(thing: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The kinds of a thing to find: it is asked for in each of its ways."""
    says = thing["says"]
    absent = "never" if thing.get("exhaustive") else "none_found"
    constants = {"missing": f"{says}: none was found", "tells_absence": True}
    constants |= {name: thing[name] for name in constants if name in thing}
    for aspect in table("kinds/aspects.toml")["aspect"]:
        name = aspect["name"]
        is_asked = aspect.get("wherever", name) in ("", *thing["aspects"])
        if not is_asked or name in thing.get("without", ()):
            continue
        nouns = (*thing["wordings"], *_listed(thing, f"{aspect['answer']}_wordings"))
        wordings = [text.replace("{it}", noun) for text in aspect["wordings"] for noun in nouns]
        program = [absent if part == "absent" else part for part in _listed(aspect, "program")]
        times = thing.get("times", ("none",))
        yield {
            "evidence": "found[:20]",
            **thing,
            **aspect,
            "name": f"{thing['name']} {name}",
            "reading": aspect["reading"].replace("{it}", says),
            "program": (*_listed(thing, "program"), *program),
            "wordings": (*wordings, *_listed(thing, f"ask_{name}")),
            "times": [time for time in times if time in aspect["times"]] or ("none",),
            "also": (*_listed(thing, "also"), *_listed(aspect, "also")),
            "unless_says": (*_listed(thing, "unless_says"), *_listed(aspect, "unless_says")),
            "constants": constants | thing.get("constants", {}),
        }


def _listed(entry: Mapping[str, Any], name: str) -> Sequence[str]:
    """What an entry holds under a name: one text, or several."""
    held = entry.get(name, ())
    return (held,) if isinstance(held, str) else held


def _words(text: str) -> frozenset[str]:
    return frozenset(
        meaning for token in tokens_of(text, is_question=False) for meaning in token.meanings
    )


def _also(*texts: str) -> frozenset[str]:
    """The meanings of words that a kind passes over. A word that is listed beneath a meaning of
    another name stands for itself alone: where "take" is passed over, "shot" is not."""
    return frozenset(
        meaning
        for text in texts
        for token in tokens_of(text, is_question=False)
        for meaning in token.meanings
        if " " in token.text or phrase_of(token.text) in ((meaning,), phrase_of(meaning))
    )


def _wordings(texts: Iterable[str], states: tuple[tuple[str, ...], ...]) -> Iterator[Wording]:
    """The ways to ask, with each name of each state, and of both, in the place of such a slot."""
    for text in dict.fromkeys(texts):
        if "{both}" in text or "{state}" in text:
            for side, names in enumerate(states):
                for name in names if "{state}" in text else ():
                    yield replace(_wording(text.replace("{state}", name)), side=side)
            for pair in itertools.product(*states):
                both = " or ".join(pair)
                named = text.replace("{state}", both).replace("{both}", both)
                yield replace(_wording(named), side=2)
        else:
            yield _wording(text)


@functools.cache
def _wording(text: str) -> Wording:
    tokens = tokens_of(text.lower())
    named = set(re.findall(r"\[(\w+)\]", text.lower()))
    content = tuple(token for token in tokens if token.role == "content" or token.text in named)
    light = tuple(token for token in tokens if token.role == "light")
    # "are there 3 cuts": a number of nothing is of no kind
    return Wording(text, asks_of(tokens), content or light, is_whole="{number}" in text)
