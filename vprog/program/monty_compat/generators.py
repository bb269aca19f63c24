"""Generator expressions as what the VM can stop early: see idioms.py.

Goes when the VM runs generator expressions item by item.
"""

from __future__ import annotations

import ast

from vprog.program.monty_compat.build_nodes import call, load, parameters


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
