"""Syntax tree to text: every statement begins on the line it had, each on one line.

Comments and line breaks within statements go; what stays exact is which line of the
original every call stands on, which `Emitted.line_of` answers by byte offset. The text is
ASCII, so that byte offsets and columns are the same thing.
"""

from __future__ import annotations

import ast
import bisect
from dataclasses import dataclass


@dataclass(frozen=True)
class Emitted:
    """A text and, for each expression in it, the original line."""

    text: str
    starts: tuple[int, ...]
    lines: tuple[int, ...]

    def line_of(self, offset: int) -> int:
        """The original line of what stands at a byte offset of the text."""
        at = bisect.bisect_right(self.starts, offset) - 1
        emitted = self.text.count("\n", 0, max(0, offset)) + 1
        if at < 0 or self.text.find("\n", self.starts[at], offset) >= 0:
            return emitted
        return self.lines[at]


def emit(tree: ast.Module, *, annotations: bool = False) -> Emitted:
    """The text of a tree whose statements keep their lines.

    Args:
        tree: of a program that the gate has passed.
        annotations: whether to write them, for the type check; they do nothing when run.
    """
    emitter = _Emitter(annotations)
    emitter.block(tree.body, 0)
    emitter.write("\npass\n")
    return Emitted("".join(emitter.parts), tuple(emitter.starts), tuple(emitter.lines))


class _Emitter:
    def __init__(self, annotations: bool) -> None:
        self.annotations = annotations
        self.parts: list[str] = []
        self.offset = 0
        self.line = 1
        self.is_fresh = True
        self.starts: list[int] = []
        self.lines: list[int] = []

    def write(self, text: str) -> None:
        self.parts.append(text)
        self.offset += len(text)

    # Statements

    def go_to(self, line: int, indent: int) -> None:
        """Begin a statement: on its line, or after what stands on that line already."""
        if self.is_fresh or line > self.line:
            self.write("\n" * max(0, line - self.line))
            self.line = max(line, self.line)
            self.write("    " * indent)
            self.is_fresh = False

    def block(self, body: list[ast.stmt], indent: int, *, inline: bool = False) -> None:
        """Statements one after another; `inline` if a header stands before them on the line."""
        after_header = inline
        for node in body:
            same_line = not self.is_fresh and node.lineno <= self.line
            if same_line:
                self.write(" " if after_header else "; ")
            else:
                self.go_to(node.lineno, indent)
            after_header = False
            self.statement(node, indent)

    def suite(self, body: list[ast.stmt], indent: int) -> None:
        self.write(":")
        self.block(body, indent + 1, inline=True)

    def clause(self, word: str, body: list[ast.stmt], indent: int) -> None:
        """`else:` and `finally:`, whose own line the tree does not keep."""
        self.go_to(max(self.line + 1, body[0].lineno - 1), indent)
        self.write(word)
        self.suite(body, indent)

    def statement(self, node: ast.stmt, indent: int) -> None:
        kind = type(node).__name__
        method = getattr(self, f"do_{kind}", None)
        if method is None:
            raise AssertionError(f"the gate lets no {kind} pass")
        method(node, indent)

    def do_Expr(self, node: ast.Expr, indent: int) -> None:
        if isinstance(node.value, ast.Constant):
            self.write("pass")
        else:
            self.expr(node.value)

    def do_Assign(self, node: ast.Assign, indent: int) -> None:
        for each in node.targets:
            self.expr(each)
            self.write(" = ")
        self.expr(node.value)

    def do_AugAssign(self, node: ast.AugAssign, indent: int) -> None:
        self.expr(node.target)
        self.write(f" {_OPERATORS[type(node.op)]}= ")
        self.expr(node.value)

    def do_AnnAssign(self, node: ast.AnnAssign, indent: int) -> None:
        if node.value is None and not self.annotations:
            self.write("pass")
            return
        self.expr(node.target)
        self.annotated(node.annotation)
        if node.value is None:
            return
        self.write(" = ")
        self.expr(node.value)

    def do_For(self, node: ast.For, indent: int) -> None:
        self.write("for ")
        self.expr(node.target)
        self.write(" in ")
        self.expr(node.iter)
        self.suite(node.body, indent)
        if node.orelse:
            self.clause("else", node.orelse, indent)

    def do_While(self, node: ast.While, indent: int) -> None:
        self.write("while ")
        self.expr(node.test)
        self.suite(node.body, indent)
        if node.orelse:
            self.clause("else", node.orelse, indent)

    def do_If(self, node: ast.If, indent: int) -> None:
        self.write("if ")
        self.expr(node.test)
        self.suite(node.body, indent)
        rest = node.orelse
        while (
            len(rest) == 1
            and isinstance(rest[0], ast.If)
            and rest[0].col_offset == (node.col_offset)
        ):
            each = rest[0]
            self.go_to(max(self.line + 1, each.lineno), indent)
            self.write("elif ")
            self.expr(each.test)
            self.suite(each.body, indent)
            rest = each.orelse
        if rest:
            self.clause("else", rest, indent)

    def do_FunctionDef(self, node: ast.FunctionDef, indent: int) -> None:
        self.write(f"def {node.name}(")
        self.arguments(node.args)
        self.write(")")
        if self.annotations and node.returns is not None:
            self.write(" -> ")
            self.expr(node.returns)
        self.suite(node.body, indent)

    def do_Return(self, node: ast.Return, indent: int) -> None:
        self.write("return")
        if node.value is not None:
            self.write(" ")
            self.expr(node.value)

    def do_Raise(self, node: ast.Raise, indent: int) -> None:
        self.write("raise")
        if node.exc is not None:
            self.write(" ")
            self.expr(node.exc)
        if node.cause is not None:
            self.write(" from ")
            self.expr(node.cause)

    def do_Assert(self, node: ast.Assert, indent: int) -> None:
        self.write("assert ")
        self.expr(node.test)
        if node.msg is not None:
            self.write(", ")
            self.expr(node.msg)

    def do_Try(self, node: ast.Try, indent: int) -> None:
        self.write("try")
        self.suite(node.body, indent)
        for each in node.handlers:
            self.go_to(max(self.line + 1, each.lineno), indent)
            self.write("except")
            if each.type is not None:
                self.write(" ")
                self.expr(each.type)
            if each.name:
                self.write(f" as {each.name}")
            self.suite(each.body, indent)
        if node.orelse:
            self.clause("else", node.orelse, indent)
        if node.finalbody:
            self.clause("finally", node.finalbody, indent)

    def do_Import(self, node: ast.Import, indent: int) -> None:
        self.write("import " + ", ".join(_alias(each) for each in node.names))

    def do_ImportFrom(self, node: ast.ImportFrom, indent: int) -> None:
        self.write(f"from {node.module} import " + ", ".join(_alias(each) for each in node.names))

    def do_Global(self, node: ast.Global, indent: int) -> None:
        self.write("global " + ", ".join(node.names))

    def do_Nonlocal(self, node: ast.Nonlocal, indent: int) -> None:
        self.write("nonlocal " + ", ".join(node.names))

    def do_Pass(self, node: ast.Pass, indent: int) -> None:
        self.write("pass")

    def do_Break(self, node: ast.Break, indent: int) -> None:
        self.write("break")

    def do_Continue(self, node: ast.Continue, indent: int) -> None:
        self.write("continue")

    # Expressions: whatever binds looser than a call stands in parentheses

    def expr(self, node: ast.expr) -> None:
        self.starts.append(self.offset)
        self.lines.append(node.lineno)
        kind = type(node).__name__
        method = getattr(self, f"on_{kind}", None)
        if method is None:
            raise AssertionError(f"the gate lets no {kind} pass")
        method(node)

    def listed(self, nodes: list[ast.expr]) -> None:
        for at, each in enumerate(nodes):
            if at:
                self.write(", ")
            self.expr(each)

    def on_Name(self, node: ast.Name) -> None:
        self.write(node.id)

    def on_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, str):
            self.write(ascii(value))
        elif isinstance(value, float) and value == float("inf"):
            self.write("1e999")
        else:
            self.write("..." if value is ... else repr(value))

    def on_Tuple(self, node: ast.Tuple) -> None:
        self.write("(")
        self.listed(node.elts)
        self.write(",)" if len(node.elts) == 1 else ")")

    def on_List(self, node: ast.List) -> None:
        self.write("[")
        self.listed(node.elts)
        self.write("]")

    def on_Set(self, node: ast.Set) -> None:
        self.write("{")
        self.listed(node.elts)
        self.write("}")

    def on_Dict(self, node: ast.Dict) -> None:
        self.write("{")
        for at, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            if at:
                self.write(", ")
            if key is None:
                self.write("**")
            else:
                self.expr(key)
                self.write(": ")
            self.expr(value)
        self.write("}")

    def on_BinOp(self, node: ast.BinOp, *, bare: bool = False) -> None:
        if not bare:
            self.write("(")
        left = node.left
        if isinstance(left, ast.BinOp) and type(left.op) is type(node.op) is not ast.Pow:
            self.on_BinOp(left, bare=True)
        else:
            self.expr(left)
        self.write(f" {_OPERATORS[type(node.op)]} ")
        self.expr(node.right)
        if not bare:
            self.write(")")

    def on_BoolOp(self, node: ast.BoolOp) -> None:
        self.write("(")
        word = " and " if isinstance(node.op, ast.And) else " or "
        for at, each in enumerate(node.values):
            if at:
                self.write(word)
            self.expr(each)
        self.write(")")

    def on_UnaryOp(self, node: ast.UnaryOp) -> None:
        self.write(f"({_UNARY[type(node.op)]}")
        self.expr(node.operand)
        self.write(")")

    def on_Compare(self, node: ast.Compare) -> None:
        self.write("(")
        self.expr(node.left)
        for operator, each in zip(node.ops, node.comparators, strict=True):
            self.write(f" {_COMPARISONS[type(operator)]} ")
            self.expr(each)
        self.write(")")

    def on_IfExp(self, node: ast.IfExp) -> None:
        self.write("(")
        self.expr(node.body)
        self.write(" if ")
        self.expr(node.test)
        self.write(" else ")
        self.expr(node.orelse)
        self.write(")")

    def on_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.write("(")
        self.expr(node.target)
        self.write(" := ")
        self.expr(node.value)
        self.write(")")

    def on_Lambda(self, node: ast.Lambda) -> None:
        self.write("(lambda ")
        self.arguments(node.args)
        self.write(": ")
        self.expr(node.body)
        self.write(")")

    def on_Starred(self, node: ast.Starred) -> None:
        self.write("*")
        self.expr(node.value)

    def on_Attribute(self, node: ast.Attribute) -> None:
        self.postfixed(node.value)
        self.write(f".{node.attr}")

    def on_Subscript(self, node: ast.Subscript) -> None:
        self.postfixed(node.value)
        self.write("[")
        self.expr(node.slice)
        self.write("]")

    def on_Slice(self, node: ast.Slice) -> None:
        if node.lower is not None:
            self.expr(node.lower)
        self.write(":")
        if node.upper is not None:
            self.expr(node.upper)
        if node.step is not None:
            self.write(":")
            self.expr(node.step)

    def on_Call(self, node: ast.Call) -> None:
        self.postfixed(node.func)
        self.write("(")
        self.listed(node.args)
        for at, each in enumerate(node.keywords):
            if at or node.args:
                self.write(", ")
            self.write(f"{each.arg}=" if each.arg else "**")
            self.expr(each.value)
        self.write(")")

    def postfixed(self, node: ast.expr) -> None:
        """What `.name`, `[...]` or `(...)` follows; a number needs parentheses."""
        if isinstance(node, ast.Constant):
            self.write("(")
            self.expr(node)
            self.write(")")
        else:
            self.expr(node)

    def on_ListComp(self, node: ast.ListComp) -> None:
        self.comprehension("[", node.elt, node.generators, "]")

    def on_SetComp(self, node: ast.SetComp) -> None:
        self.comprehension("{", node.elt, node.generators, "}")

    def on_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self.comprehension("(", node.elt, node.generators, ")")

    def on_DictComp(self, node: ast.DictComp) -> None:
        self.write("{")
        self.expr(node.key)
        self.write(": ")
        self.comprehension("", node.value, node.generators, "}")

    def comprehension(
        self, opening: str, element: ast.expr, loops: list[ast.comprehension], closing: str
    ) -> None:
        self.write(opening)
        self.expr(element)
        for each in loops:
            self.write(" for ")
            self.expr(each.target)
            self.write(" in ")
            self.expr(each.iter)
            for test in each.ifs:
                self.write(" if ")
                self.expr(test)
        self.write(closing)

    def on_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.write('f"')
        self.template(node)
        self.write('"')

    def template(self, node: ast.JoinedStr) -> None:
        for each in node.values:
            if isinstance(each, ast.Constant):
                text = str(each.value).encode("unicode_escape").decode("ascii")
                text = text.replace('"', '\\"').replace("{", "{{").replace("}", "}}")
                self.write(text)
            elif isinstance(each, ast.FormattedValue):
                self.write("{(")
                self.expr(each.value)
                self.write(")")
                if each.conversion != -1:
                    self.write(f"!{chr(each.conversion)}")
                if isinstance(each.format_spec, ast.JoinedStr):
                    self.write(":")
                    self.template(each.format_spec)
                self.write("}")

    def annotated(self, annotation: ast.expr | None) -> None:
        if self.annotations and annotation is not None:
            self.write(": ")
            self.expr(annotation)

    def arguments(self, node: ast.arguments) -> None:
        first = True

        def comma() -> None:
            nonlocal first
            if not first:
                self.write(", ")
            first = False

        plain = [*node.posonlyargs, *node.args]
        n_required = len(plain) - len(node.defaults)
        for at, each in enumerate(plain):
            comma()
            self.write(each.arg)
            self.annotated(each.annotation)
            if at >= n_required:
                self.write("=")
                self.expr(node.defaults[at - n_required])
            if at + 1 == len(node.posonlyargs):
                self.write(", /")
        if node.vararg is not None or node.kwonlyargs:
            comma()
            self.write("*" + (node.vararg.arg if node.vararg is not None else ""))
            if node.vararg is not None:
                self.annotated(node.vararg.annotation)
        for each, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            comma()
            self.write(each.arg)
            self.annotated(each.annotation)
            if default is not None:
                self.write("=")
                self.expr(default)
        if node.kwarg is not None:
            comma()
            self.write("**" + node.kwarg.arg)
            self.annotated(node.kwarg.annotation)


def _alias(node: ast.alias) -> str:
    return f"{node.name} as {node.asname}" if node.asname else node.name


_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitXor: "^",
    ast.BitAnd: "&",
}  # fmt: skip
_UNARY: dict[type[ast.unaryop], str] = {
    ast.Not: "not ", ast.USub: "-", ast.UAdd: "+", ast.Invert: "~",
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
