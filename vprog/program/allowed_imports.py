"""What a program may import: one table, and what to say of the rest.

Gate, lowering, grammar, prompt and the calls that the VM denies all follow the table: a module
or a name is added here and nowhere else.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass

from vprog.program.allowed_syntax import words
from vprog.program.problem import Suggestions


@dataclass(frozen=True)
class Importable:
    """One module that programs may import from.

    Attributes:
        names: what it offers.
        by_name: whether these are but a few of the module's names, which texts then name.
        by_from: whether it is imported by `from` alone: `import a.b` would bind `a`.
        is_typing: whether it is for annotations: nothing of it is there when a program runs.
    """

    names: frozenset[str]
    by_name: bool = False
    by_from: bool = False
    is_typing: bool = False


IMPORTABLE: dict[str, Importable] = {
    "math": Importable(words(
        """
        acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees dist
        e erf exp expm1 fabs factorial floor fmod fsum gcd hypot inf isclose isfinite isinf
        isnan isqrt lcm log log10 log1p log2 modf nan perm pi pow prod radians remainder sin
        sinh sqrt tan tanh tau trunc
        """
    )),
    "re": Importable(words(
        """
        A ASCII DOTALL I IGNORECASE M MULTILINE S compile escape findall finditer fullmatch
        match search split sub
        """
    )),
    "itertools": Importable(words(
        """
        accumulate chain combinations combinations_with_replacement compress count cycle
        dropwhile filterfalse groupby islice pairwise permutations product repeat starmap
        takewhile tee zip_longest
        """
    )),
    "typing": Importable(words(
        """
        Any Callable Dict FrozenSet Iterable Iterator List Literal Mapping NoReturn Optional
        Sequence Set Tuple Union
        """
    ), is_typing=True),
    "collections": Importable(words("Counter defaultdict"), by_name=True),
    "collections.abc": Importable(words(
        """
        Callable Iterable Iterator Mapping Sequence Set
        """
    ), by_from=True, is_typing=True),
    "__future__": Importable(words("annotations"), by_name=True, by_from=True, is_typing=True),
}  # fmt: skip
"""Every module that programs may import from, in the order in which texts name them."""

TYPING_MODULES = frozenset(
    module for module, importable in IMPORTABLE.items() if importable.is_typing
)
"""Modules whose imports go before a program runs."""

LIBRARIES = tuple(
    module
    for module, importable in IMPORTABLE.items()
    if not (importable.is_typing or importable.by_name)
)
"""Modules that are imported whole and called as `math.floor(...)`."""

COLLECTIONS = IMPORTABLE["collections"].names
"""Classes that are called by their plain name once imported."""


REFUSED_IMPORTS: dict[str, str] = {
    "numpy": "Use lists, sum, max, sorted and `import math`",
    "statistics": "Use sum(xs) / len(xs), or sorted(xs)[len(xs) // 2]",
    "functools": "Write a loop or a dict",
    "heapq": "Use sorted(xs)[:n]",
    "operator": "Use a lambda: key=lambda x: x[1]",
    "datetime": "Times are plain seconds",
    "time": "Times are plain seconds",
    "json": "Values are Python values already",
    "random": "A program must give the same answer each time",
    "string": 'Write the characters: "abc"',
    "dataclasses": "Use tuples and dicts",
    "enum": "Use plain text",
    "copy": "Use list(xs) or dict(d)",
    "bisect": "Use a loop or min(..., key=...)",
    "cv2": "Use the modules on frames; pixels do not enter programs",
    "os": "Programs do not touch the system",
    "sys": "Programs do not touch the system",
}


def importable_text() -> str:
    """What may be imported, in words: `math, re, ..., collections (Counter, defaultdict)`."""
    return ", ".join(
        f"{module} ({', '.join(sorted(importable.names))})" if importable.by_name else module
        for module, importable in IMPORTABLE.items()
        if not importable.by_from
    )


def import_problems(node: ast.Import, at_hand: Collection[str]) -> list[str]:
    """What is wrong with `import a, b`.

    Args:
        node: the statement.
        at_hand: names that programs have without importing them.
    """
    return [
        _refusal(alias.name, (), at_hand)
        for alias in node.names
        if alias.name not in IMPORTABLE or IMPORTABLE[alias.name].by_from
    ]


def from_problems(
    node: ast.ImportFrom, at_hand: Collection[str], suggestions: Suggestions
) -> list[str]:
    """What is wrong with `from a import b, c`; see `import_problems`."""
    module = node.module or ""
    if node.level or module not in IMPORTABLE:
        return [_refusal(module, [alias.name for alias in node.names], at_hand)]
    offered = IMPORTABLE[module]
    problems: list[str] = []
    for alias in node.names:
        if alias.name == "*":
            problems.append(f"name what you import from {module}; * is not available.")
        elif alias.name not in offered.names:
            near = suggestions.near(alias.name, offered.names)
            if not near and offered.by_name:
                near = f" Only {', '.join(sorted(offered.names))}."
            problems.append(f'{module} has no "{alias.name}" here.{near}')
    return problems


def where_from(name: str) -> str:
    """` Add: from math import floor` for a name that one of the modules offers; else nothing."""
    for module, importable in sorted(IMPORTABLE.items(), key=lambda row: not row[1].by_name):
        # A single letter is a variable that was forgotten, not math.e or re.I.
        if name in importable.names and len(name) > 1 and not importable.by_from:
            return f" Add: from {module} import {name}"
    return ""


def _refusal(module: str, names: Collection[str], at_hand: Collection[str]) -> str:
    top = module.split(".")[0]
    known = sorted(set(names) & set(at_hand)) or ([top] if top in at_hand else [])
    if known:
        return f'"{known[0]}" needs no import. Remove this line.'
    advice = REFUSED_IMPORTS.get(top)
    message = f'"{module}" cannot be imported; only {importable_text()}.'
    return message + (f" {advice}." if advice else "")
