"""Two programs as one, without their names disturbing each other."""

from __future__ import annotations

import ast

from vprog.program.bindings import binding_nodes
from vprog.program.parse import own_tree
from vprog.rules.draft import Draft
from vprog.rules.rule_data import shared_program

_SHOWN = {
    "number": "{value}",
    "seconds": "{round(value, 2)} s",
    "span": "{clock(value.start)}-{clock(value.end)}",
    "yes or no": "{'yes' if value else 'no'}",
    "text": "{value}",
}
"""How a value stands in an answer that has two."""


def both(first: Draft, second: Draft) -> Draft:
    """A draft that answers two questions, the first one first."""
    body, shown, cited = "", [], []
    for number, draft in enumerate((first, second), 1):
        evidence = draft.evidence or "[]"
        body += renamed(f"{draft.body}\nsupport = list({evidence})\n", number)
        shown.append(_SHOWN[draft.kind].replace("value", f"value_{number}"))
        cited.append(f"support_{number}")
    clock = shared_program("clock") if "span" in (first.kind, second.kind) else ""
    return Draft(
        reading=f"{first.reading} And: {second.reading}",
        body=f'{clock}{body}value = f"{"; ".join(shown)}"\n',
        kind="text",
        evidence=" + ".join(cited),
        tasks=tuple(dict.fromkeys(first.tasks + second.tasks)),
    )


_NAMED_IN: dict[type[ast.AST], str] = {ast.Name: "id", ast.arg: "arg", ast.FunctionDef: "name"}
"""The nodes that hold a name of a program's own."""


def renamed(text: str, number: int) -> str:
    """A program with a number behind each name that it makes."""
    tree = own_tree(text)
    made = {name for name, _, how in binding_nodes(tree) if how in ("variable", "parameter", "def")}
    for node in ast.walk(tree):
        field = _NAMED_IN.get(type(node), "")
        name = getattr(node, field, None)
        if name in made:
            setattr(node, field, f"{name}_{number}")
    return f"{ast.unparse(tree)}\n"
