"""Names that no program can know: those of support code, with a mark that is new in each run.

What `exec` or a fault in the gate lets a program bind, it binds beside the probes and not in
their place. Functions are defined under their plain names, which messages show, and known under
the marked ones alone: so no message gives the mark away, and two runs have the same messages.
"""

from __future__ import annotations

import ast
import re
import secrets

from vprog.program.monty_compat.build_nodes import SUPPORT, Marks

_READ = re.compile(rf"(?<!\bdef )(?<!\bclass )(?<!')\b{SUPPORT}(?=\w)")
_DEFINED = re.compile(rf"^(?:def|class) {SUPPORT}(\w+)", re.MULTILINE)


def new_mark() -> str:
    """A mark that nobody can guess; traces never hold it."""
    return secrets.token_hex(8)


def mark_text(text: str, mark: str) -> str:
    """The prelude, or a text that calls it, with the mark in what it reads of support code."""
    if not mark:
        return text
    marked = f"{SUPPORT}{mark}_"
    aliases = [
        f"{marked}{name} = {SUPPORT}{name}\n{SUPPORT}{name} = None\n"
        for name in _DEFINED.findall(text)
    ]
    return _READ.sub(marked, text) + "".join(aliases)


def mark_names(tree: ast.Module, written: Marks, mark: str) -> ast.Module:
    """Put the mark into the names of support code, in place.

    Args:
        tree: as it was lowered.
        written: the nodes that the program itself wrote: their names are its own.
        mark: "" for none.
    """
    for node, name in _support_names(tree):
        if mark and node not in written:
            marked = f"{SUPPORT}{mark}_{name.removeprefix(SUPPORT)}"
            if isinstance(node, ast.arg):
                node.arg = marked
            elif isinstance(node, ast.Global):
                node.names = [marked]
            else:
                node.id = marked
    return tree


def _support_names(tree: ast.Module) -> list[tuple[ast.arg | ast.Name | ast.Global, str]]:
    names: list[tuple[ast.arg | ast.Name | ast.Global, str]] = [
        (
            node,
            node.arg
            if isinstance(node, ast.arg)
            else node.id
            if isinstance(node, ast.Name)
            else node.names[0],
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.arg | ast.Name | ast.Global)
    ]
    return [(node, name) for node, name in names if name.startswith(SUPPORT)]
