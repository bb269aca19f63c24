"""Which literal texts may be formatted: their fields reach no attribute and no item."""

from __future__ import annotations

import ast
import string


def format_problem(text: ast.expr) -> str:
    """Why a literal's `.format` cannot be allowed: its fields must be plain names or numbers."""
    if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
        return ""
    try:
        fields = list(string.Formatter().parse(text.value))
        inner = [part for _, _, spec, _ in fields for part in string.Formatter().parse(spec or "")]
    except ValueError as error:
        return f"this format text is not well formed: {error}."
    for _, name, _, _ in [*fields, *inner]:
        if name and not (name.isidentifier() or name.isdigit()):
            return f"the format field {{{name}}} is not plain. Use an f-string."
    return ""
