"""What honest programs write and pydantic-monty 1.4 lacks, rewritten with the same result.

Goes when the VM has lazy map, filter, zip and enumerate, exact `round(x, n)`, errors made of any
value, `re.sub` with a function and `_replace`; each line below goes with its own.

- Bound methods as values: `max(d, key=d.get)`, `map(str.strip, lines)`.
- Generators: inside, generator expressions, map, filter, zip and enumerate give whole
  lists. Where the program takes items one by one (`next`, `any`, `all`, a loop with a
  break, a variable), they are made one by one here, so that no module is called for an
  item that is never asked for.
- Callbacks that call the host: `max(frames, key=lambda f: len(detect(f, "dog")))`,
  `list(map(caption, frames))`: see suspends.py.
- `ValueError(x, n)`: the VM takes one text. It is that of CPython; `args` is the text alone.
- `round(x, n)`, `re.sub` with a function, `type(x).__name__`, `value._replace(...)`.
- Modules as values: `map(caption, frames)`.
"""

from __future__ import annotations

import ast

from vprog.program.allowed_syntax import EXCEPTIONS, words
from vprog.program.monty_compat.bound_methods import ProgramNames, ReadIdioms
from vprog.program.monty_compat.build_nodes import Marks, at, call, load
from vprog.program.monty_compat.suspends import Suspending, changes, flow, stopping

_DRAINS = words("list tuple set frozenset dict sum sorted min max Counter print")
_DRAIN_METHODS = words(
    """
    join extend update union intersection difference symmetric_difference issubset issuperset
    isdisjoint intersection_update difference_update fromkeys
    """
)
_PAIRING = words("map filter zip enumerate reversed")
_TOOLS_CALLING_FIRST = words("takewhile dropwhile filterfalse starmap")
_MUTATORS = words(
    """
    append clear extend insert pop remove reverse sort popitem setdefault update add discard
    """
)
_MAY_BE_FLOW = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.IfExp, ast.BoolOp)
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def rewrite_idioms(tree: ast.Module, names: ProgramNames) -> tuple[ast.Module, bool]:
    """The tree rewritten in place, and whether it makes generators that call the host.

    New nodes have the positions of those that they replace.
    """
    rewriting = _Idioms(tree, names)
    rewritten = rewriting.visit(tree)
    assert isinstance(rewritten, ast.Module)
    return ast.fix_missing_locations(rewritten), rewriting.makes_flows


class _Idioms(ReadIdioms):
    def __init__(self, tree: ast.Module, names: ProgramNames) -> None:
        super().__init__(tree, names)
        self.drains = _DRAINS | names.algebra
        self.has_flows = names.has_flows
        self.makes_flows = False
        self.drained = Marks()
        self.n_states = 0
        self.suspending = Suspending(names.algebra | frozenset(self.from_names))

    # Calls

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.callees.add([node.func])
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        tool = self._tool(node.func)
        is_drained = node in self.drained
        takes_whole = (
            name in self.drains
            or method in _DRAIN_METHODS
            or self._is_imported(node.func)
            or (is_drained and name in _PAIRING)
        )
        if takes_whole:
            self.drained.add(node.args[tool == "islice" :])
        if name in ("any", "all", "next") and node.args and not node.keywords:
            generator = node.args[0]
            if isinstance(generator, ast.GeneratorExp):
                self.generic_visit(generator)
                self.n_states += 1
                default = [self.visit(arg) for arg in node.args[1:]]
                return at(node, stopping(name, generator, default, self.n_states))
        callback = self._callback(node, name, method, tool)
        suspends = self.suspending.in_callback(callback)
        self.generic_visit(node)
        if takes_whole and tool != "islice":
            node.args = [self._items(arg) for arg in node.args]
        self.makes_flows |= suspends and name in ("map", "filter") and not is_drained
        return at(node, self._rewritten_call(node, name, method, tool, is_drained, suspends))

    def _is_imported(self, function: ast.expr) -> bool:
        """Whether a function of an importable module is called: math.fsum, Counter, chain."""
        if isinstance(function, ast.Attribute):
            return isinstance(function.value, ast.Name) and (
                function.value.id in self.imports or function.value.id in self.from_names
            )
        return isinstance(function, ast.Name) and function.id in self.from_names

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
        if name in ("map", "filter") or tool in _TOOLS_CALLING_FIRST:
            return node.args[0] if node.args else None
        if name in ("sorted", "min", "max") or method == "sort" or tool == "groupby":
            return next((keyword.value for keyword in node.keywords if keyword.arg == "key"), None)
        return None

    def _rewritten_call(
        self, node: ast.Call, name: str, method: str, tool: str, is_drained: bool, suspends: bool
    ) -> ast.expr:
        if name in ("map", "filter", "zip", "enumerate") and not is_drained:
            return call(f"lazy_{name}", node.args, node.keywords)
        if name == "reversed" and not is_drained:
            return ast.Call(ast.Name("iter", ast.Load()), [node], [])
        if tool == "islice" and self.has_flows:
            return call("now_islice", node.args, node.keywords)
        if suspends and (name or tool):
            return call(f"now_{tool or name}", node.args, node.keywords)
        if suspends and isinstance(node.func, ast.Attribute):
            return call("now_sort", [node.func.value, *node.args], node.keywords)
        if name in ("any", "all") and self.has_flows:
            return call(f"{name}_of", node.args)
        if name in EXCEPTIONS and not node.keywords and not _is_text_alone(node.args):
            return ast.Call(node.func, [call("error_text", node.args)], [])
        if name == "round" and (len(node.args) == 2 or node.keywords):
            return call("round_to", node.args, node.keywords)
        if method == "sub" or self.from_names.get(name) == "re.sub":
            return self._substitution(node, name)
        if method == "_replace" and isinstance(node.func, ast.Attribute):
            changed = ast.Dict(
                [ast.Constant(keyword.arg) if keyword.arg else None for keyword in node.keywords],
                [keyword.value for keyword in node.keywords],
            )
            return call("replace", [node.func.value, changed])
        return node

    def _items(self, node: ast.expr) -> ast.expr:
        """An iterable as it may be given to the VM's own loops."""
        if not self.has_flows or not isinstance(node, _MAY_BE_FLOW):
            return node
        return at(node, call("items", [node]))

    def _substitution(self, node: ast.Call, name: str) -> ast.expr:
        base = node.func.value if isinstance(node.func, ast.Attribute) else None
        of_module = bool(name) or (isinstance(base, ast.Name) and base.id in self.imports)
        at = 1 if of_module else 0
        given = node.args[at] if len(node.args) > at else None
        if given is None or isinstance(given, ast.Constant | ast.JoinedStr):
            return node
        if of_module:
            return call("sub", node.args, node.keywords)
        assert base is not None
        return call("pattern_sub", [base, *node.args], node.keywords)

    # Generators

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        if node in self.drained:
            return self._whole(node)
        if any(isinstance(statement, ast.NamedExpr) for statement in ast.walk(node)):
            whole = self._whole(ast.copy_location(ast.ListComp(node.elt, node.generators), node))
            return at(node, ast.Call(load("iter"), [whole], []))
        self.makes_flows |= self.suspending.in_value(node)
        self.generic_visit(node)
        return at(node, flow(node.elt, node.generators))

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        return self._whole(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.expr:
        return self._whole(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        return self._whole(node)

    def _whole(self, node: _Comprehension) -> _Comprehension:
        self.drained.add(generator.iter for generator in node.generators)
        self.generic_visit(node)
        for generator in node.generators:
            generator.iter = self._items(generator.iter)
        return node

    # Statements

    def visit_For(self, node: ast.For) -> ast.For:
        source = node.iter
        is_paired = (
            isinstance(source, ast.Call)
            and isinstance(source.func, ast.Name)
            and source.func.id in ("enumerate", "zip")
        )
        if isinstance(source, ast.Call) and is_paired:
            self.drained.add(source.args)
        if not is_paired or not changes(node.body, source, _MUTATORS):
            self.drained.add([source])
        self.generic_visit(node)
        if (
            is_paired
            and isinstance(source, ast.Call)
            and isinstance(source.func, ast.Name)
            and source in self.drained
        ):
            name = source.func.id
            node.iter = at(source, call(f"loop_{name}", source.args, source.keywords))
        else:
            node.iter = self._items(node.iter)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        is_unpacked = any(
            isinstance(target, ast.Tuple | ast.List)
            or (isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice))
            for target in node.targets
        )
        if is_unpacked:
            self.drained.add([node.value])
        self.generic_visit(node)
        if is_unpacked:
            node.value = self._items(node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AugAssign:
        self.drained.add([node.value])
        self.generic_visit(node)
        node.value = self._items(node.value)
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.Starred:
        self.drained.add([node.value])
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = self._items(node.value)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.Compare:
        contains = [isinstance(operator, ast.In | ast.NotIn) for operator in node.ops]
        pairs = list(zip(contains, node.comparators, strict=True))
        self.drained.add(container for is_in, container in pairs if is_in)
        self.generic_visit(node)
        node.comparators = [
            self._items(operand) if is_in else operand
            for is_in, operand in zip(contains, node.comparators, strict=True)
        ]
        return node


def _is_text_alone(arguments: list[ast.expr]) -> bool:
    """Whether an error is made of nothing or of one text, as the VM wants it."""
    first = arguments[0] if arguments else ast.Constant("")
    is_text = isinstance(first, ast.Constant) and isinstance(first.value, str)
    return len(arguments) < 2 and (is_text or isinstance(first, ast.JoinedStr))
