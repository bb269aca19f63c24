"""What a program may import, and what to say of the rest."""

from __future__ import annotations

import ast
from collections.abc import Collection

from vprog.program.language import IMPORTS, MODULE_NAMES, REFUSED_IMPORTS
from vprog.program.problem import did_you_mean


def import_problems(node: ast.Import, given: Collection[str]) -> list[str]:
    """What is wrong with `import a, b`.

    Args:
        node: the statement.
        given: names that programs have without importing them.
    """
    return [
        _refusal(name.name, (), given)
        for name in node.names
        if name.name not in IMPORTS or "." in name.name or name.name == "__future__"
    ]


def from_problems(node: ast.ImportFrom, given: Collection[str]) -> list[str]:
    """What is wrong with `from a import b, c`."""
    module = node.module or ""
    if node.level or module not in IMPORTS:
        return [_refusal(module, [name.name for name in node.names], given)]
    found: list[str] = []
    for name in node.names:
        if name.name == "*":
            found.append(f"name what you import from {module}; * is not available.")
        elif name.name not in MODULE_NAMES[module]:
            near = did_you_mean(name.name, MODULE_NAMES[module])
            if not near and module == "collections":
                near = f" Only {', '.join(sorted(MODULE_NAMES[module]))}."
            found.append(f'{module} has no "{name.name}" here.{near}')
    return found


def _refusal(module: str, names: Collection[str], given: Collection[str]) -> str:
    top = module.split(".")[0]
    at_hand = sorted(set(names) & set(given)) or ([top] if top in given else [])
    if at_hand:
        return f'"{at_hand[0]}" needs no import. Remove this line.'
    advice = REFUSED_IMPORTS.get(top)
    can = "math, re, itertools, typing, and Counter and defaultdict of collections"
    return f'"{module}" cannot be imported; only {can}.' + (f" {advice}." if advice else "")
