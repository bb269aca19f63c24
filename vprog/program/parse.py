"""Text to syntax tree, with the limits that must hold before anything walks the tree."""

from __future__ import annotations

import ast
import threading
import unicodedata
import warnings

from vprog.program.problem import Problem

MAX_BYTES = 20_000
MAX_NODES = 4_000
MAX_DEPTH = 40
MAX_FUNCTIONS = 5
MAX_CHAINED = 40
"""Of `elif`, or of operators as in `a + b + c`."""

_KEPT_CONTROLS = "\n\t\r"
_PARSING = threading.Lock()


def parse_text(source: str) -> ast.Module | Problem:
    """The syntax tree of a text, of whatever size, or why it is not Python.

    Before 3.13 CPython counts the depth of trees for all threads together: two that parse at
    once get a SystemError (https://github.com/python/cpython/issues/106905).
    """
    try:
        with _PARSING, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        message = (error.msg or "invalid syntax").rstrip(".")
        return Problem(error.lineno or 1, f"not valid Python: {message}.")
    except (ValueError, MemoryError, RecursionError):
        return Problem(1, "the program cannot be parsed: it is nested too deeply.")


def own_tree(text: str) -> ast.Module:
    """The syntax tree of a text that vprog itself wrote; in one thread at a time, as above."""
    with _PARSING:
        return ast.parse(text)


def own_expression(text: str) -> ast.expr:
    """The same of one expression."""
    with _PARSING:
        return ast.parse(text, mode="eval").body


def compile_problem(tree: ast.Module) -> Problem | None:
    """What CPython's compiler refuses in a text that parses, e.g. `return` outside a function."""
    try:
        with _PARSING, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(tree, "<program>", "exec", dont_inherit=True)
    except SyntaxError as error:
        message = (error.msg or "invalid syntax").rstrip(".")
        return Problem(error.lineno or 1, f"not valid Python: {message}.")
    except (ValueError, MemoryError, RecursionError):
        return Problem(1, "the program cannot be compiled: it is nested too deeply.")
    return None


def copy_tree(tree: ast.Module) -> ast.Module:
    """A tree to change; several times faster than copy.deepcopy, and trees are trees."""
    copied = _copied(tree)
    assert isinstance(copied, ast.Module)
    return copied


def _copied(value: object) -> object:
    if isinstance(value, ast.AST):
        if isinstance(value, _SHARED):
            return value
        copied = type(value).__new__(type(value))
        copied.__dict__.update({name: _copied(part) for name, part in vars(value).items()})
        return copied
    return [_copied(part) for part in value] if isinstance(value, list) else value


_SHARED = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
"""Load, Add and their like: the parser puts the one object of a kind everywhere."""


def text_problem(source: str, n_cells: int) -> Problem | None:
    """A text that is too long, empty, or holds characters that hide what it says."""
    try:
        size = len(source.encode("utf-8"))
    except UnicodeEncodeError:
        return Problem(1, "the program holds half a character (a lone surrogate). Remove it.")
    if size > MAX_BYTES * n_cells:
        return Problem(
            1,
            f"the program has {size} bytes; at most {MAX_BYTES} are allowed. Write a shorter one.",
        )
    if not source.strip():
        return Problem(1, "the program is empty.")
    line = 1
    for character in source:
        if character == "\n":
            line += 1
        kind = unicodedata.category(character)
        if kind in ("Cc", "Cf", "Zl", "Zp") and character not in _KEPT_CONTROLS:
            name = unicodedata.name(character, f"U+{ord(character):04X}")
            return Problem(line, f"the text holds an invisible character ({name}). Remove it.")
    return None


def size_problem(tree: ast.Module, n_cells: int) -> Problem | None:
    """Too many nodes, or nested too deeply. An `elif` is counted apart, not as depth.

    The VM's compiler takes 2.6 times longer with each function inside a function, and
    no limit of time holds there: twelve take 40 ms, eighteen are for ever.
    """
    n_nodes = 0
    stack: list[tuple[ast.AST, int, int, int]] = [(tree, 0, 0, 0)]
    line = 1
    while stack:
        node, depth, n_chained, n_functions = stack.pop()
        n_nodes += 1
        line = getattr(node, "lineno", line)
        n_functions += isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if n_nodes > MAX_NODES * n_cells:
            return Problem(1, f"the program has more than {MAX_NODES} parts. Write a shorter one.")
        if depth > MAX_DEPTH:
            return Problem(
                line, "the program is nested too deeply here. Name a part of it in a line above."
            )
        if n_functions > MAX_FUNCTIONS:
            return Problem(
                line, f"more than {MAX_FUNCTIONS} functions inside each other. Move this one out."
            )
        if n_chained > MAX_CHAINED:
            return Problem(line, f"more than {MAX_CHAINED} in a chain. Use a dict or a loop.")
        chained = _chained(node)
        for child in ast.iter_child_nodes(node):
            if child is chained:
                stack.append((child, depth, n_chained + 1, n_functions))
            else:
                stack.append((child, depth + 1, n_chained, n_functions))
    return None


def _chained(node: ast.AST) -> ast.AST | None:
    """The part of a node that reads as its continuation: an `elif`, the left of `a + b + c`."""
    if isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        return node.orelse[0]
    if isinstance(node, ast.BinOp) and isinstance(node.left, ast.BinOp):
        return node.left
    return None
