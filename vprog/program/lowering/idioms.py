"""What honest programs write and pydantic-monty 1.4.0 lacks, rewritten with the same result.

- Bound methods as values: `max(d, key=d.get)`, `map(str.strip, lines)`.
- Generators: inside, generator expressions, map, filter, zip and enumerate give whole
  lists. Where the program takes items one by one (`next`, `any`, `all`, a loop with a
  break, a variable), they are made one by one here, so that no module is called for an
  item that is never asked for.
- Callbacks that call the host: `max(frames, key=lambda f: len(detect(f, "dog")))`,
  `list(map(caption, frames))`: see suspends.py.
- `round(x, n)`, `re.sub` with a function, `type(x).__name__`, `value._replace(...)`.
- Modules as values: `map(caption, frames)`.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from vprog.program.earlier import imported_modules, names_from
from vprog.program.language import FIELDS, METHODS, PLAIN_TYPES, words
from vprog.program.lowering.suspends import Suspending

CALL = "__vp_"
"""What names of support functions begin with."""

_DRAINS = words(
    """
    list tuple set frozenset dict sum sorted min max Counter
    """
)
_DRAIN_METHODS = frozenset({"join", "extend", "update"})
_CONSUMERS = _DRAINS | words("any all map filter zip enumerate reversed")
_EITHER = METHODS & FIELDS
_TOOLS_CALLING_FIRST = words("takewhile dropwhile filterfalse starmap")
_FLOWS = words("__vp_lazy_map __vp_lazy_filter __vp_lazy_zip __vp_lazy_enumerate")
_MAY_BE_FLOW = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.IfExp, ast.BoolOp)
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_MUTATORS = words(
    """
    append clear extend insert pop remove reverse sort popitem setdefault update add discard
    """
)


@dataclass(frozen=True)
class Given:
    """What the rewriting has to know of the names in a program.

    Attributes:
        modules: names that are host functions.
        imports: names that stand for importable modules, e.g. {"m": "math"}.
        from_names: names imported from one, e.g. {"groups": "itertools.groupby"}.
        harmless: other names whose call never reaches the host.
        has_flows: whether an earlier cell has made a generator that calls the host.
    """

    modules: frozenset[str]
    imports: Mapping[str, str]
    from_names: Mapping[str, str]
    harmless: frozenset[str]
    has_flows: bool = False


def rewrite_idioms(tree: ast.Module, given: Given) -> tuple[ast.Module, bool]:
    """The tree rewritten, and whether it makes generators that call the host.

    New nodes have the positions of those that they replace.
    """
    rewriting = _Idioms(copy.deepcopy(tree), given)
    rewritten = rewriting.visit(rewriting.tree)
    if rewriting.makes_flows and not given.has_flows:
        rewriting = _Idioms(tree, replace(given, has_flows=True))
        rewritten = rewriting.visit(tree)
    assert isinstance(rewritten, ast.Module)
    return ast.fix_missing_locations(rewritten), rewriting.makes_flows


class _Idioms(ast.NodeTransformer):
    def __init__(self, tree: ast.Module, given: Given) -> None:
        self.tree = tree
        self.modules = given.modules
        self.has_flows = given.has_flows
        self.makes_flows = False
        self.drained: set[int] = set()
        self.callees: set[int] = set()
        self.n_states = 0
        self.imports = dict(given.imports) | imported_modules(tree)
        self.from_names = dict(given.from_names) | names_from(tree)
        self.suspending = Suspending(given.harmless | frozenset(self.from_names))

    # Calls

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.callees.add(id(node.func))
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        tool = self._tool(node.func)
        if name in _DRAINS or method in _DRAIN_METHODS or method == "Counter" or tool:
            self.drained |= {id(each) for each in node.args}
        if name in ("any", "all", "next") and node.args and not node.keywords:
            generator = node.args[0]
            if isinstance(generator, ast.GeneratorExp):
                return _at(node, self._stopping(name, generator, node.args[1:]))
        is_drained = id(node) in self.drained
        callback = self._callback(node, name, method, tool)
        suspends = self.suspending.in_callback(callback)
        makes_flow = not is_drained and (suspends or _has_generator(self.suspending, node.args))
        self.generic_visit(node)
        if (name in _CONSUMERS and name not in ("any", "all")) or method in _DRAIN_METHODS or tool:
            node.args = [self._items(each) for each in node.args]
        new = self._rewritten_call(node, name, method, tool, is_drained, suspends)
        if isinstance(new, ast.Call) and isinstance(new.func, ast.Name):
            self.makes_flows |= makes_flow and new.func.id in _FLOWS
        return _at(node, new)

    def _tool(self, function: ast.expr) -> str:
        """The function of itertools that is called, or nothing."""
        if isinstance(function, ast.Name):
            module, _, name = self.from_names.get(function.id, "").partition(".")
            return name if module == "itertools" else ""
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            base = function.value.id
            if self.imports.get(base) == "itertools":
                return function.attr
            if self.from_names.get(base) == "itertools.chain":
                return f"chain.{function.attr}"
        return ""

    @staticmethod
    def _callback(node: ast.Call, name: str, method: str, tool: str) -> ast.expr | None:
        """The argument that a builtin would call back."""
        if name in ("map", "filter") or tool in (
            "takewhile",
            "dropwhile",
            "filterfalse",
            "starmap",
        ):
            return node.args[0] if node.args else None
        if name in ("sorted", "min", "max") or method == "sort" or tool == "groupby":
            return next((each.value for each in node.keywords if each.arg == "key"), None)
        return None

    def _rewritten_call(
        self, node: ast.Call, name: str, method: str, tool: str, is_drained: bool, suspends: bool
    ) -> ast.expr:
        if name in ("map", "filter", "zip", "enumerate") and not is_drained:
            return _call(f"lazy_{name}", node.args, node.keywords)
        if name == "reversed" and not is_drained:
            return ast.Call(ast.Name("iter", ast.Load()), [node], [])
        if suspends and (name or tool):
            return _call(f"now_{tool or name}", node.args, node.keywords)
        if suspends and isinstance(node.func, ast.Attribute):
            return _call("now_sort", [node.func.value, *node.args], node.keywords)
        if name in ("any", "all") and self.has_flows:
            return _call(f"{name}_of", node.args)
        if name == "round" and (len(node.args) == 2 or node.keywords):
            return _call("round_to", node.args, node.keywords)
        if method == "sub" or self.from_names.get(name) == "re.sub":
            return self._substitution(node, name)
        if method == "_replace" and isinstance(node.func, ast.Attribute):
            changed = ast.Dict(
                [ast.Constant(each.arg) if each.arg else None for each in node.keywords],
                [each.value for each in node.keywords],
            )
            return _call("replace", [node.func.value, changed])
        return node

    def _items(self, node: ast.expr) -> ast.expr:
        """An iterable as it may be given to the machine's own loops."""
        if not self.has_flows or not isinstance(node, _MAY_BE_FLOW):
            return node
        return _at(node, _call("items", [node]))

    def _substitution(self, node: ast.Call, name: str) -> ast.expr:
        base = node.func.value if isinstance(node.func, ast.Attribute) else None
        of_module = bool(name) or (isinstance(base, ast.Name) and base.id in self.imports)
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
        if isinstance(base, ast.Name) and (base.id in self.imports or base.id in self.from_names):
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
            return self._whole(node)
        if any(isinstance(each, ast.NamedExpr) for each in ast.walk(node)):
            whole = self._whole(ast.copy_location(ast.ListComp(node.elt, node.generators), node))
            return _at(node, ast.Call(_load("iter"), [whole], []))
        self.makes_flows |= self.suspending.in_value(node)
        self.generic_visit(node)
        return _at(node, _flow(node.elt, node.generators, 0))

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        return self._whole(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.expr:
        return self._whole(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        return self._whole(node)

    def _whole(self, node: _Comprehension) -> _Comprehension:
        self.drained |= {id(each.iter) for each in node.generators}
        self.generic_visit(node)
        for each in node.generators:
            each.iter = self._items(each.iter)
        return node

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
            is_only = ast.Constant(len(loops) == 1)
            each.iter = _call("over", [_load(state), ast.Constant(level), each.iter, is_only])
            opened.append(each)
        last = opened[-1]
        tests = list(last.ifs)
        if name != "next":
            element = generator.elt
            tests.append(ast.UnaryOp(ast.Not(), element) if name == "all" else element)
        if len(tests) > 1:
            hit: ast.expr = ast.BoolOp(ast.And(), tests)
        else:
            hit = tests[0] if tests else ast.Constant(True)
        last.ifs = [_call("ends", [_load(state), hit])]
        if name == "next":
            found = ast.ListComp(generator.elt, opened)
            return _call("first", [found, *[self.visit(each) for each in default]])
        found = ast.ListComp(ast.Constant(1), opened)
        is_any = ast.NotEq() if name == "any" else ast.Eq()
        return ast.Compare(found, [is_any], [ast.List([], ast.Load())])

    # Statements

    def visit_For(self, node: ast.For) -> ast.For:
        source = node.iter
        is_paired = (
            isinstance(source, ast.Call)
            and isinstance(source.func, ast.Name)
            and source.func.id in ("enumerate", "zip")
        )
        if isinstance(source, ast.Call) and is_paired:
            self.drained |= {id(each) for each in source.args}
        if not is_paired or not _changes(node.body, [source]):
            self.drained.add(id(source))
        self.generic_visit(node)
        if (
            is_paired
            and isinstance(source, ast.Call)
            and isinstance(source.func, ast.Name)
            and id(source) in self.drained
        ):
            name = source.func.id
            node.iter = _at(source, _call(f"loop_{name}", source.args, source.keywords))
        else:
            node.iter = self._items(node.iter)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        is_unpacked = any(isinstance(each, ast.Tuple | ast.List) for each in node.targets)
        if is_unpacked:
            self.drained.add(id(node.value))
        self.generic_visit(node)
        if is_unpacked:
            node.value = self._items(node.value)
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.Starred:
        self.drained.add(id(node.value))
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = self._items(node.value)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.Compare:
        contains = [isinstance(each, ast.In | ast.NotIn) for each in node.ops]
        pairs = list(zip(contains, node.comparators, strict=True))
        self.drained |= {id(each) for is_in, each in pairs if is_in}
        self.generic_visit(node)
        node.comparators = [
            self._items(each) if is_in else each
            for is_in, each in zip(contains, node.comparators, strict=True)
        ]
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


def _has_generator(suspending: Suspending, nodes: list[ast.expr]) -> bool:
    return any(isinstance(each, ast.GeneratorExp) and suspending.in_value(each) for each in nodes)


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
