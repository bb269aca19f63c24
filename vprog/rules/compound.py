"""Two programs as one, without their names disturbing each other."""

from __future__ import annotations

import ast
from collections.abc import Collection

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


class _Renamed(ast.NodeTransformer):
    def __init__(self, made: Collection[str], number: int) -> None:
        self.names = {name: f"{name}_{number}" for name in made}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.get(node.id, node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self.names.get(node.arg, node.arg), node.annotation)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.names.get(node.name, node.name)
        return self.generic_visit(node)


def renamed(text: str, number: int) -> str:
    """A program with a number behind each name that it makes."""
    tree = own_tree(text)
    made = {
        name
        for node in ast.walk(tree)
        for name in (
            getattr(node, "id", "") if isinstance(getattr(node, "ctx", None), ast.Store) else "",
            node.name if isinstance(node, ast.FunctionDef) else "",
            node.arg if isinstance(node, ast.arg) else "",
        )
        if name
    }
    return ast.unparse(ast.fix_missing_locations(_Renamed(made, number).visit(tree))) + "\n"
