"""Syntax tree to text: every statement begins on the line it had, each on one line.

Comments and line breaks within statements go; what stays exact is which line of the
original every call stands on, which `Emitted.line_of` answers by byte offset. The text is
ASCII, so that byte offsets and columns are the same thing.
"""

from __future__ import annotations

import ast
import bisect
from dataclasses import dataclass

from vprog.program.lowering.emit_expressions import OPERATORS, ExpressionWriter


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


class _Emitter(ExpressionWriter):
    def __init__(self, annotations: bool) -> None:
        super().__init__(annotations)
        self.line = 1
        self.is_fresh = True

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
        for target in node.targets:
            self.expr(target)
            self.write(" = ")
        self.expr(node.value)

    def do_AugAssign(self, node: ast.AugAssign, indent: int) -> None:
        self.expr(node.target)
        self.write(f" {OPERATORS[type(node.op)]}= ")
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
            branch = rest[0]
            self.go_to(max(self.line + 1, branch.lineno), indent)
            self.write("elif ")
            self.expr(branch.test)
            self.suite(branch.body, indent)
            rest = branch.orelse
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
        for handler in node.handlers:
            self.go_to(max(self.line + 1, handler.lineno), indent)
            self.write("except")
            if handler.type is not None:
                self.write(" ")
                self.expr(handler.type)
            if handler.name:
                self.write(f" as {handler.name}")
            self.suite(handler.body, indent)
        if node.orelse:
            self.clause("else", node.orelse, indent)
        if node.finalbody:
            self.clause("finally", node.finalbody, indent)

    def do_Import(self, node: ast.Import, indent: int) -> None:
        self.write("import " + ", ".join(_alias(name) for name in node.names))

    def do_ImportFrom(self, node: ast.ImportFrom, indent: int) -> None:
        self.write(f"from {node.module} import " + ", ".join(_alias(name) for name in node.names))

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


def _alias(node: ast.alias) -> str:
    return f"{node.name} as {node.asname}" if node.asname else node.name
