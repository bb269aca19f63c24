"""Calls of what exists: modules, value algebra, value classes, builtins, each as it is called.

What is required comes first and by place, what is optional by name in any order, nothing
twice. Functions that are called alike share their rules.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass

from vprog.program import algebra
from vprog.program.allowed_imports import COLLECTIONS
from vprog.program.allowed_syntax import BUILTINS
from vprog.program.grammar.notation import NOTHING, Node, Ref, Rules, alt, opt, seq, words
from vprog.program.prelude import FUNCTIONS
from vprog.registry.signature import Signature
from vprog.types import VALUE_TYPES

MAX_FIELDS = 5
"""Programs make spans and boxes; classes with more fields come from modules alone."""

_REFUSED_BUILTINS = frozenset({"isinstance", "type"})


@dataclass(frozen=True)
class CallShape:
    """How a function is called: required arguments, and the names of optional ones."""

    required: int
    by_place: tuple[str, ...] = ()
    by_name: frozenset[str] = frozenset()


def known_calls(signatures: Iterable[Signature]) -> dict[CallShape, list[str]]:
    """The names of all functions with a signature, by how they are called."""
    found: dict[CallShape, list[str]] = {}
    for signature in signatures:
        required = sum(one.is_required for one in signature.parameters)
        optional = [one for one in signature.parameters if not one.is_required]
        placed = tuple(one.name for one in optional if not one.keyword_only)
        named = frozenset(one.name for one in optional if one.keyword_only)
        found.setdefault(CallShape(required, placed, named), []).append(signature.name)
    for name in FUNCTIONS:
        parameters = inspect.signature(getattr(algebra, name)).parameters.values()
        placed = tuple(one.name for one in parameters if one.default is not one.empty)
        found.setdefault(CallShape(len(parameters) - len(placed), placed), []).append(name)
    for cls in VALUE_TYPES:
        fields: tuple[str, ...] = cls._fields  # type: ignore[attr-defined]
        placed = tuple(cls._field_defaults)  # type: ignore[attr-defined]
        if len(fields) <= MAX_FIELDS:
            found.setdefault(CallShape(len(fields) - len(placed), placed), []).append(cls.__name__)
    return found


class CallRules:
    """Writes the rules of calls for one depth of brackets after the other.

    Args:
        rules: where they are added; terminals for names too.
        shapes: from `known_calls`.
    """

    def __init__(self, rules: Rules, shapes: dict[CallShape, list[str]]) -> None:
        self._rules = rules
        self._shapes = list(shapes.items())
        for at, (_, names) in enumerate(self._shapes):
            rules[f"KNOWN_{at}"] = seq(words(sorted(names)), "(")
        rules["PLAIN_CALL"] = seq(words(sorted(BUILTINS - _REFUSED_BUILTINS | COLLECTIONS)), "(")

    def add(self, level: int) -> Node:
        """The rules of calls whose arguments are expressions of the level below."""
        inner = level - 1
        options: list[Node] = []
        for at, (shape, _) in enumerate(self._shapes):
            parts: list[Node] = [Ref(f"KNOWN_{at}"), opt("<BREAK>")]
            for number in range(shape.required):
                parts += [*([Ref("COMMA")] if number else []), Ref(f"argument_{inner}")]
            if shape.required:
                parts.append(self._rest(shape.by_place, shape.by_name, inner))
            options.append(seq(*parts, "<ROUND_CLOSE>"))
        generic = Ref(f"arguments_{inner}")
        options.append(seq("<PLAIN_CALL>", generic))
        options.append(seq("<OWN_CALL>", generic))
        options.append(seq("<LIBRARY>", opt("(", generic)))
        return alt(*options)

    def _rest(self, by_place: tuple[str, ...], by_name: frozenset[str], inner: int) -> Node:
        """The optional arguments that may still follow, as a rule shared by all alike."""
        names = [*by_place, *sorted(by_name)]
        if not names:
            return NOTHING
        rule = "_".join([f"rest_{inner}", *(f"p{item}" for item in by_place), *sorted(by_name)])
        if rule not in self._rules:
            options: list[Node] = []
            if by_place:
                after = self._rest(by_place[1:], by_name, inner)
                options.append(seq("<COMMA>", f"<argument_{inner}>", after))
            for name in names:
                left = frozenset(names) - {name}
                key = f"KEY_{name.upper()}"
                self._rules[key] = seq(f"{name}=")
                options.append(
                    seq("<COMMA>", Ref(key), f"<argument_{inner}>", self._rest((), left, inner))
                )
            self._rules[rule] = opt(alt(*options))
        return Ref(rule)
