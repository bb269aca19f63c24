"""Expressions as text; statements are emit.py's.

Whatever binds looser than a call stands in parentheses. Texts are written in ASCII.
"""

from __future__ import annotations

import ast


class ExpressionWriter:
    """Writes expressions one after another and notes which original line each began on."""

    def __init__(self, annotations: bool) -> None:
        self.annotations = annotations
        self.parts: list[str] = []
        self.offset = 0
        self.starts: list[int] = []
        self.lines: list[int] = []

    def write(self, text: str) -> None:
        self.parts.append(text)
        self.offset += len(text)

    def expr(self, node: ast.expr) -> None:
        self.starts.append(self.offset)
        self.lines.append(node.lineno)
        kind = type(node).__name__
        method = getattr(self, f"on_{kind}", None)
        if method is None:
            raise AssertionError(f"the gate lets no {kind} pass")
        method(node)

    def listed(self, nodes: list[ast.expr]) -> None:
        for index, node in enumerate(nodes):
            if index:
                self.write(", ")
            self.expr(node)

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
        self.write(f" {OPERATORS[type(node.op)]} ")
        self.expr(node.right)
        if not bare:
            self.write(")")

    def on_BoolOp(self, node: ast.BoolOp) -> None:
        self.write("(")
        word = " and " if isinstance(node.op, ast.And) else " or "
        for index, operand in enumerate(node.values):
            if index:
                self.write(word)
            self.expr(operand)
        self.write(")")

    def on_UnaryOp(self, node: ast.UnaryOp) -> None:
        self.write(f"({_UNARY[type(node.op)]}")
        self.expr(node.operand)
        self.write(")")

    def on_Compare(self, node: ast.Compare) -> None:
        self.write("(")
        self.expr(node.left)
        for operator, operand in zip(node.ops, node.comparators, strict=True):
            self.write(f" {_COMPARISONS[type(operator)]} ")
            self.expr(operand)
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
        if isinstance(node.slice, ast.Tuple) and node.slice.elts:
            self.listed(node.slice.elts)
            self.write("," if len(node.slice.elts) == 1 else "")
        else:
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
        for index, keyword in enumerate(node.keywords):
            if index or node.args:
                self.write(", ")
            self.write(f"{keyword.arg}=" if keyword.arg else "**")
            self.expr(keyword.value)
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
        for loop in loops:
            self.write(" for ")
            self.expr(loop.target)
            self.write(" in ")
            self.expr(loop.iter)
            for test in loop.ifs:
                self.write(" if ")
                self.expr(test)
        self.write(closing)

    def on_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.write('f"')
        self.template(node)
        self.write('"')

    def template(self, node: ast.JoinedStr) -> None:
        for value in node.values:
            if isinstance(value, ast.Constant):
                text = str(value.value).encode("unicode_escape").decode("ascii")
                text = text.replace('"', '\\"').replace("{", "{{").replace("}", "}}")
                self.write(text)
            elif isinstance(value, ast.FormattedValue):
                self.write("{(")
                self.expr(value.value)
                self.write(")")
                if value.conversion != -1:
                    self.write(f"!{chr(value.conversion)}")
                if isinstance(value.format_spec, ast.JoinedStr):
                    self.write(":")
                    self.template(value.format_spec)
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
        for index, parameter in enumerate(plain):
            comma()
            self.write(parameter.arg)
            self.annotated(parameter.annotation)
            if index >= n_required:
                self.write("=")
                self.expr(node.defaults[index - n_required])
            if index + 1 == len(node.posonlyargs):
                self.write(", /")
        if node.vararg is not None or node.kwonlyargs:
            comma()
            self.write("*" + (node.vararg.arg if node.vararg is not None else ""))
            if node.vararg is not None:
                self.annotated(node.vararg.annotation)
        for parameter, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            comma()
            self.write(parameter.arg)
            self.annotated(parameter.annotation)
            if default is not None:
                self.write("=")
                self.expr(default)
        if node.kwarg is not None:
            comma()
            self.write("**" + node.kwarg.arg)
            self.annotated(node.kwarg.annotation)


OPERATORS: dict[type[ast.operator], str] = {
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
