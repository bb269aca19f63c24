"""Names that no program can know: those of support code, with a mark that is new in each run.

What `exec` or a fault in the gate lets a program bind, it binds beside the probes and not in
their place. Functions are defined under their plain names, which messages show, and known under
the marked ones alone: so no message gives the mark away, and two runs have the same messages.
"""

from __future__ import annotations

import ast
import functools
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
    between, defined = _cut(text)
    aliases = [f"{marked}{name} = {SUPPORT}{name}\n{SUPPORT}{name} = None\n" for name in defined]
    return marked.join(between) + "".join(aliases)


@functools.lru_cache(maxsize=8)  # the prelude and what is read back: the same in every run
def _cut(text: str) -> tuple[list[str], list[str]]:
    """A text where marks go in, and the names that it defines."""
    return _READ.split(text), _DEFINED.findall(text)


def mark_names(tree: ast.Module, written: Marks, mark: str) -> ast.Module:
    """Put the mark into the names of support code, in place.

    Args:
        tree: as it was lowered.
        written: the nodes that the program itself wrote: their names are its own.
        mark: "" for none.
    """
    if not mark:
        return tree
    for node in dict.fromkeys(ast.walk(tree)):  # a node may stand in several places
        if node in written:
            continue
        if isinstance(node, ast.arg):
            node.arg = _marked(node.arg, mark)
        elif isinstance(node, ast.Name):
            node.id = _marked(node.id, mark)
        elif isinstance(node, ast.Global):
            node.names = [_marked(name, mark) for name in node.names]
    return tree


def _marked(name: str, mark: str) -> str:
    if not name.startswith(SUPPORT):
        return name
    return f"{SUPPORT}{mark}_{name.removeprefix(SUPPORT)}"
