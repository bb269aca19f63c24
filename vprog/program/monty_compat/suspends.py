"""Which expressions may call the host: those cannot run where the VM calls back.

Goes when the VM can suspend in a callback of its builtins.

pydantic-monty 1.4 can wait for the host in the program's own functions, lambdas and
comprehensions, not in a callback of its builtins ("cannot suspend in this synchronous
context"): `sorted(frames, key=lambda f: len(detect(f, "dog")))`.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from vprog.program.allowed import BUILTINS, EXCEPTIONS, VALUE_CLASSES


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
