"""Where the VM cannot wait for the host, or stop early: callbacks of its builtins, and generators.

Each part goes when the VM can do it itself.

pydantic-monty 1.4 can wait for the host in the program's own functions, lambdas and
comprehensions, not in a callback of its builtins ("cannot suspend in this synchronous
context"): `sorted(frames, key=lambda f: len(detect(f, "dog")))`. Its generator expressions run to
their end before the first item is used. What is written instead: see idioms.py.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from vprog.program.allowed_syntax import BUILTINS, EXCEPTIONS, VALUE_CLASSES
from vprog.program.monty_compat.build_nodes import call, load, parameters


class Suspending:
    """Tells whether an expression may call the host, given the names that cannot."""

    def __init__(self, harmless: Collection[str]) -> None:
        self.harmless = BUILTINS | EXCEPTIONS | VALUE_CLASSES | frozenset(harmless)

    def in_value(self, node: ast.AST) -> bool:
        """Whether evaluating an expression may call the host."""
        return any(
            isinstance(part, ast.Call)
            and (self._is_doubtful(part.func) or self._gives_doubtful(part))
            for part in ast.walk(node)
        )

    def in_callback(self, node: ast.expr | None) -> bool:
        """Whether calling the value of an expression may call the host."""
        if node is None or isinstance(node, ast.Constant | ast.Attribute):
            return False
        if isinstance(node, ast.Lambda):
            return self.in_value(node.body)
        return self._is_doubtful(node)

    def _is_doubtful(self, function: ast.expr) -> bool:
        if isinstance(function, ast.Attribute):
            return False
        return not (isinstance(function, ast.Name) and function.id in self.harmless)

    def _gives_doubtful(self, node: ast.Call) -> bool:
        """Whether a call gives a function of the program's own to a builtin: as a key, a test."""
        keys = [keyword.value for keyword in node.keywords if keyword.arg == "key"]
        takes_function = isinstance(node.func, ast.Attribute) or (
            isinstance(node.func, ast.Name) and node.func.id in ("map", "filter")
        )
        given = [*keys, *(node.args[:1] if takes_function else [])]
        return any(isinstance(item, ast.Name) and self._is_doubtful(item) for item in given)


def flow(element: ast.expr, loops: list[ast.comprehension], depth: int = 0) -> ast.expr:
    """`(E for T in XS if C ...)` as `flow(XS, lambda t: [E for T in [t] if C])`."""
    item = f"vp__t{depth}"
    loop = loops[0]
    bound = ast.comprehension(loop.target, ast.List([load(item)], ast.Load()), loop.ifs, 0)
    inner = element if len(loops) == 1 else flow(element, loops[1:], depth + 1)
    step: ast.expr = ast.ListComp(inner, [bound])
    if len(loops) > 1:
        step = call("one", [step])
    return call("flow", [loop.iter, ast.Lambda(parameters(item), step)])


def stopping(
    name: str, generator: ast.GeneratorExp, default: list[ast.expr], number: int
) -> ast.expr:
    """`any`, `all` or `next` of a generator, as a list comprehension that ends itself.

    `any(E for T in XS if C)` becomes
    `[1 for s in [[0, 0]] for T in over(s, 1, XS, True) if ends(s, C and E)] != []`:
    names that E binds by := stay those of the scope around, as in a generator.

    Args:
        name: "any", "all" or "next".
        generator: its only or first argument.
        default: the second argument of `next`, if there is one.
        number: makes the name of the state one of its own.
    """
    state = f"vp__s{number}"
    loops = generator.generators
    levels: list[ast.expr] = [ast.Constant(0) for _ in range(len(loops) + 1)]
    fresh = ast.List([ast.List(levels, ast.Load())], ast.Load())
    opened = [ast.comprehension(ast.Name(state, ast.Store()), fresh, [], 0)]
    for level, loop in enumerate(loops, start=1):
        is_only = ast.Constant(len(loops) == 1)
        loop.iter = call("over", [load(state), ast.Constant(level), loop.iter, is_only])
        opened.append(loop)
    last = opened[-1]
    tests = list(last.ifs)
    if name != "next":
        element = generator.elt
        tests.append(ast.UnaryOp(ast.Not(), element) if name == "all" else element)
    if len(tests) > 1:
        hit: ast.expr = ast.BoolOp(ast.And(), tests)
    else:
        hit = tests[0] if tests else ast.Constant(True)
    last.ifs = [call("ends", [load(state), hit])]
    if name == "next":
        return call("first", [ast.ListComp(generator.elt, opened), *default])
    found = ast.ListComp(ast.Constant(1), opened)
    is_any = ast.NotEq() if name == "any" else ast.Eq()
    return ast.Compare(found, [is_any], [ast.List([], ast.Load())])


def changes(body: list[ast.stmt], source: ast.expr, mutators: frozenset[str]) -> bool:
    """Whether a loop's body may change what the loop runs over."""
    names = {node.id for node in ast.walk(source) if isinstance(node, ast.Name)}
    for statement in body:
        for node in ast.walk(statement):
            changed: ast.expr | None = None
            if (isinstance(node, ast.Attribute) and node.attr in mutators) or (
                isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
            ):
                changed = node.value
            elif isinstance(node, ast.AugAssign):
                changed = node.target
            if isinstance(changed, ast.Name) and changed.id in names:
                return True
    return False
