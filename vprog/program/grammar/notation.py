"""What rules of a grammar are made of: texts, characters, sequences, choices, repetitions.

Rules in capitals are *terminals*: they refer to no other rule, so a lexer can read each as
one token; program_grammar.py writes all of them in the notations of backends.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class LiteralText:
    """Exactly this text."""

    text: str


@dataclass(frozen=True)
class Chars:
    """One character of these ranges, ends included."""

    ranges: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Seq:
    """One part after the other; without parts, nothing."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Alt:
    """One of several."""

    options: tuple[Node, ...]


@dataclass(frozen=True)
class Rep:
    """A part `low` to `high` times; without `high`, any number."""

    part: Node
    low: int = 0
    high: int | None = None


@dataclass(frozen=True)
class Ref:
    """What the rule of this name says."""

    name: str


Node = LiteralText | Chars | Seq | Alt | Rep | Ref
Rules = dict[str, Node]

NOTHING = Seq(())


def seq(*parts: Node | str) -> Node:
    """Parts in a row; a text stands for itself, a name in `<...>` for its rule."""
    return Seq(tuple(_node(part) for part in parts))


def alt(*options: Node | str) -> Node:
    """One of these."""
    return Alt(tuple(_node(option) for option in options))


def opt(*parts: Node | str) -> Node:
    """These parts or nothing."""
    return Rep(seq(*parts), 0, 1)


def many(*parts: Node | str, low: int = 0, high: int | None = None) -> Node:
    """These parts again and again."""
    return Rep(seq(*parts), low, high)


def chars(*ranges: str) -> Node:
    """One character, e.g. of chars("az", "09", "_")."""
    return Chars(tuple((span_range[0], span_range[-1]) for span_range in ranges))


def words(texts: Collection[str]) -> Node:
    """One of many texts, by common beginnings: a parser follows one way, not a hundred."""
    ends = "" in texts
    heads = sorted({text[0] for text in texts if text})
    options: list[Node] = []
    for head in heads:
        tails = sorted({text[1:] for text in texts if text[:1] == head})
        options.append(_headed(head, tails))
    one = options[0] if len(options) == 1 else Alt(tuple(options))
    return Rep(one, 0, 1) if ends else one


def reachable(rules: Rules, start: str) -> Rules:
    """The rules that a text of `start` can need."""
    found: Rules = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = rules[name]
            waiting += reversed(_names(rules[name]))
    return found


def _names(node: Node) -> list[str]:
    if isinstance(node, Ref):
        return [node.name]
    if isinstance(node, Rep):
        return _names(node.part)
    parts = node.parts if isinstance(node, Seq) else getattr(node, "options", ())
    return [name for part in parts for name in _names(part)]


def _headed(head: str, tails: Collection[str]) -> Node:
    while "" not in tails and len({tail[0] for tail in tails}) == 1:
        head += next(iter(tails))[0]
        tails = [tail[1:] for tail in tails]
    if not any(tails):
        return LiteralText(head)
    return Seq((LiteralText(head), words(tails)))


def _node(part: Node | str) -> Node:
    if not isinstance(part, str):
        return part
    if len(part) > 2 and part[0] == "<" and part[-1] == ">" and part[1:-1].isidentifier():
        return Ref(part[1:-1])
    return LiteralText(part)
