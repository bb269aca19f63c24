"""What honest programs write and pydantic-monty 1.4.0 lacks, rewritten with the same result.

- Bound methods as values: `max(d, key=d.get)`, `map(str.strip, lines)`.
- Generators: inside, generator expressions, map, filter, zip and enumerate give whole
  lists. Where the program takes items one by one (`next`, `any`, `all`, a loop with a
  break, a variable), they are made one by one here, so that no module is called for an
  item that is never asked for.
- `round(x, n)`, `re.sub` with a function, `type(x).__name__`, `value._replace(...)`.
- Modules as values: `map(caption, frames)`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from vprog.program.language import FIELDS, METHODS, PLAIN_TYPES, words

CALL = "__vp_"
"""What names of support functions begin with."""

_DRAINS = words(
    """
    list tuple set frozenset dict sum sorted min max Counter
    """
)
_DRAIN_METHODS = frozenset({"join", "extend", "update"})
_EITHER = METHODS & FIELDS
_MUTATORS = words(
    """
    append clear extend insert pop remove reverse sort popitem setdefault update add discard
    """
)


def rewrite_idioms(
    tree: ast.Module, modules: frozenset[str], imports: Mapping[str, str]
) -> ast.Module:
    """Rewrite the whole tree in place; new nodes have the positions of those they replace."""
    rewritten = _Idioms(tree, modules, imports).visit(tree)
    assert isinstance(rewritten, ast.Module)
    return ast.fix_missing_locations(rewritten)


class _Idioms(ast.NodeTransformer):
    def __init__(
        self, tree: ast.Module, modules: frozenset[str], imports: Mapping[str, str]
    ) -> None:
        self.modules = modules
        self.drained: set[int] = set()
        self.callees: set[int] = set()
        self.n_states = 0
        self.import_names, self.sub_names = _imports(tree)
        self.import_names |= set(imports)

    # Calls

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.callees.add(id(node.func))
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in _DRAINS or method in _DRAIN_METHODS or method == "Counter":
            self.drained |= {id(each) for each in node.args}
        if name in ("any", "all", "next") and node.args and not node.keywords:
            generator = node.args[0]
            if isinstance(generator, ast.GeneratorExp):
                return _at(node, self._stopping(name, generator, node.args[1:]))
        if _is_type_call(node):
            return node
        is_drained = id(node) in self.drained
        self.generic_visit(node)
        return _at(node, self._rewritten_call(node, name, method, is_drained))

    def _rewritten_call(self, node: ast.Call, name: str, method: str, is_drained: bool) -> ast.expr:
        if name in ("map", "filter", "zip", "enumerate") and not is_drained:
            return _call(f"lazy_{name}", node.args, node.keywords)
        if name == "reversed" and not is_drained:
            return ast.Call(ast.Name("iter", ast.Load()), [node], [])
        if name == "round" and (len(node.args) == 2 or node.keywords):
            return _call("round_to", node.args, node.keywords)
        if method == "sub" or name in self.sub_names:
            return self._substitution(node, name)
        if method == "_replace" and isinstance(node.func, ast.Attribute):
            changed = ast.Dict(
                [ast.Constant(each.arg) if each.arg else None for each in node.keywords],
                [each.value for each in node.keywords],
            )
            return _call("replace", [node.func.value, changed])
        return node

    def _substitution(self, node: ast.Call, name: str) -> ast.expr:
        base = node.func.value if isinstance(node.func, ast.Attribute) else None
        of_module = name in self.sub_names or (
            isinstance(base, ast.Name) and base.id in self.import_names
        )
        at = 1 if of_module else 0
        given = node.args[at] if len(node.args) > at else None
        if given is None or isinstance(given, ast.Constant | ast.JoinedStr):
            return node
        if of_module:
            return _call("sub", node.args, node.keywords)
        assert base is not None
        return _call("pattern_sub", [base, *node.args], node.keywords)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        is_callee = id(node) in self.callees
        if node.attr == "__name__" and isinstance(node.value, ast.Call):
            return _at(node, _call("type_name", [self.visit(node.value.args[0])]))
        self.generic_visit(node)
        if is_callee or node.attr not in METHODS:
            return node
        base = node.value
        if isinstance(base, ast.Name) and base.id in self.import_names:
            return node
        if isinstance(base, ast.Name) and base.id in PLAIN_TYPES:
            return _at(node, _method_lambda(node.attr, unbound=True))
        bound: ast.expr = _method_lambda(node.attr, unbound=False)
        if node.attr in _EITHER:
            taken = ast.Attribute(_load("__vp_o"), node.attr, ast.Load())
            bound = ast.IfExp(_call("is_plain", [_load("__vp_o")]), bound, taken)
        outer = ast.Lambda(_arguments("__vp_o"), bound)
        return _at(node, ast.Call(outer, [base], []))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if (
            node.id in self.modules
            and isinstance(node.ctx, ast.Load)
            and id(node) not in self.callees
        ):
            inner = ast.Call(
                _load(node.id),
                [ast.Starred(_load("__vp_a"), ast.Load())],
                [ast.keyword(None, _load("__vp_k"))],
            )
            return _at(node, ast.Lambda(_arguments(vararg="__vp_a", kwarg="__vp_k"), inner))
        return node

    # Generators

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        if id(node) in self.drained:
            self._drain_inner(node.generators)
            self.generic_visit(node)
            return node
        if any(isinstance(each, ast.NamedExpr) for each in ast.walk(node)):
            self._drain_inner(node.generators)
            self.generic_visit(node)
            whole = ast.ListComp(node.elt, node.generators)
            return _at(node, ast.Call(_load("iter"), [whole], []))
        self.generic_visit(node)
        return _at(node, _flow(node.elt, node.generators, 0))

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        return self._whole(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.expr:
        return self._whole(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        return self._whole(node)

    def _whole(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> ast.expr:
        self._drain_inner(node.generators)
        self.generic_visit(node)
        return node

    def _drain_inner(self, generators: list[ast.comprehension]) -> None:
        self.drained |= {id(each.iter) for each in generators}

    def _stopping(
        self, name: str, generator: ast.GeneratorExp, default: list[ast.expr]
    ) -> ast.expr:
        """`any`, `all` or `next` of a generator, as a list comprehension that ends itself."""
        self.generic_visit(generator)
        self.n_states += 1
        state = f"__vp_s{self.n_states}"
        loops = generator.generators
        levels: list[ast.expr] = [ast.Constant(0) for _ in range(len(loops) + 1)]
        fresh = ast.List([ast.List(levels, ast.Load())], ast.Load())
        opened = [ast.comprehension(ast.Name(state, ast.Store()), fresh, [], 0)]
        for level, each in enumerate(loops, start=1):
            each.iter = _call("over", [_load(state), ast.Constant(level), each.iter])
            opened.append(each)
        ends = _call("stop", [_load(state)])
        if name == "next":
            opened[-1].ifs = [*opened[-1].ifs, ends]
            found = ast.ListComp(generator.elt, opened)
            return _call("first", [found, *[self.visit(each) for each in default]])
        test = generator.elt
        if name == "all":
            test = ast.UnaryOp(ast.Not(), test)
        opened[-1].ifs = [*opened[-1].ifs, test, ends]
        found = ast.ListComp(ast.Constant(1), opened)
        is_any = ast.NotEq() if name == "any" else ast.Eq()
        return ast.Compare(found, [is_any], [ast.List([], ast.Load())])

    # Statements

    def visit_For(self, node: ast.For) -> ast.For:
        source = node.iter
        if isinstance(source, ast.Call) and isinstance(source.func, ast.Name):
            name = source.func.id
            if name == "reversed":
                self.drained.add(id(source))
            if name in ("enumerate", "zip") and not _changes(node.body, source.args):
                self.drained.add(id(source))
                self.generic_visit(node)
                node.iter = _at(source, _call(f"loop_{name}", source.args, source.keywords))
                return node
        self.generic_visit(node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        if any(isinstance(each, ast.Tuple | ast.List) for each in node.targets):
            self.drained.add(id(node.value))
        self.generic_visit(node)
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.Starred:
        self.drained.add(id(node.value))
        self.generic_visit(node)
        return node


def _flow(element: ast.expr, loops: list[ast.comprehension], depth: int) -> ast.expr:
    """`(E for T in XS if C ...)` as `flow(XS, lambda t: [E for T in [t] if C])`."""
    item = f"__vp_t{depth}"
    loop = loops[0]
    bound = ast.comprehension(loop.target, ast.List([_load(item)], ast.Load()), loop.ifs, 0)
    inner = element if len(loops) == 1 else _flow(element, loops[1:], depth + 1)
    step: ast.expr = ast.ListComp(inner, [bound])
    if len(loops) > 1:
        step = _call("one", [step])
    return _call("flow", [loop.iter, ast.Lambda(_arguments(item), step)])


def _changes(body: list[ast.stmt], sources: Iterable[ast.expr]) -> bool:
    """Whether a loop's body may change what the loop runs over."""
    names = {
        each.id for source in sources for each in ast.walk(source) if isinstance(each, ast.Name)
    }
    for statement in body:
        for node in ast.walk(statement):
            changed: ast.expr | None = None
            if (isinstance(node, ast.Attribute) and node.attr in _MUTATORS) or (
                isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
            ):
                changed = node.value
            elif isinstance(node, ast.AugAssign):
                changed = node.target
            if isinstance(changed, ast.Name) and changed.id in names:
                return True
    return False


def _imports(tree: ast.Module) -> tuple[set[str], set[str]]:
    """Names of imported modules, and names that stand for `re.sub`."""
    modules: set[str] = set()
    subs: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {each.asname or each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            for each in node.names:
                if node.module == "re" and each.name == "sub":
                    subs.add(each.asname or each.name)
                elif each.name == "chain":
                    modules.add(each.asname or each.name)
    return modules, subs


def _is_type_call(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "type"


def _method_lambda(name: str, *, unbound: bool) -> ast.Lambda:
    method = ast.Attribute(_load("__vp_o"), name, ast.Load())
    call = ast.Call(
        method,
        [ast.Starred(_load("__vp_a"), ast.Load())],
        [ast.keyword(None, _load("__vp_k"))],
    )
    names = ["__vp_o"] if unbound else []
    return ast.Lambda(_arguments(*names, vararg="__vp_a", kwarg="__vp_k"), call)


def _arguments(*names: str, vararg: str = "", kwarg: str = "") -> ast.arguments:
    return ast.arguments(
        posonlyargs=[],
        args=[ast.arg(each) for each in names],
        vararg=ast.arg(vararg) if vararg else None,
        kwonlyargs=[],
        kw_defaults=[],
        kwarg=ast.arg(kwarg) if kwarg else None,
        defaults=[],
    )


def _load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _call(
    support: str, arguments: list[ast.expr], keywords: list[ast.keyword] | None = None
) -> ast.Call:
    return ast.Call(_load(CALL + support), list(arguments), list(keywords or []))


def _at(old: ast.AST, new: ast.expr) -> ast.expr:
    return new if new is old else ast.copy_location(new, old)
