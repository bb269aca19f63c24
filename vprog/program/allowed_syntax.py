"""The language of programs as tables: what may be written, and what to write instead.

gate.py enforces them; the prompt and the lowering read them too.
"""

from __future__ import annotations

import ast

from vprog.types import VALUE_TYPES


def words(text: str) -> frozenset[str]:
    """A table written as a text of words."""
    return frozenset(text.split())


PROGRAM_VALUES = frozenset({"video", "videos", "question", "choices"})
"""Variables that every program starts with."""

PROGRAM_ENDS = frozenset({"answer", "abstain"})
"""Functions that end a program."""

VALUE_CLASSES = frozenset(value_type.__name__ for value_type in VALUE_TYPES)

BUILTINS = words(
    """
    abs all any bool chr dict divmod enumerate filter float format frozenset int isinstance
    iter len list map max min next ord pow print range repr reversed round set slice sorted
    str sum tuple type zip
    """
)
"""Builtin functions that programs may use; isinstance and type only in some forms."""

EXCEPTIONS = words(
    """
    ArithmeticError AssertionError AttributeError Exception IndexError KeyError LookupError
    NameError NotImplementedError OverflowError RecursionError RuntimeError StopIteration
    TimeoutError TypeError ValueError ZeroDivisionError
    """
)

MACHINE_NAMES = words(
    """
    BaseException Ellipsis FileExistsError FileNotFoundError FrozenInstanceError ImportError
    IsADirectoryError JSONDecodeError KeyboardInterrupt MemoryError ModuleNotFoundError
    NotADirectoryError NotImplemented OSError PermissionError SyntaxError SystemExit
    UnboundLocalError UnicodeDecodeError UnicodeEncodeError bin bytes complex eval exec getattr
    hasattr hash hex id locals object oct open property setattr
    """
)
"""Builtins of the VM that programs may not use. A test compares the table with the VM."""

PLAIN_WORDS = words(
    """
    bin bytes complex dir exit hash help hex id input np object oct open property quit reduce
    sleep
    """
)
"""Of the names that are refused, those that honest programs give to variables. The lowering keeps
them apart from the VM's; no other refused name may be bound at all."""

PLAIN_TYPES = frozenset({"int", "float", "str", "bool", "list", "tuple", "dict", "set"})
"""Classes that `isinstance` may name: their values are the same on both sides of the boundary."""

METHODS = words(
    """
    capitalize casefold center count endswith expandtabs find format index isalnum isalpha
    isascii isdecimal isdigit islower isnumeric isspace istitle isupper join ljust lower
    lstrip partition removeprefix removesuffix replace rfind rindex rjust rpartition rsplit
    rstrip split splitlines startswith strip swapcase title upper zfill append clear copy
    extend insert pop remove reverse sort fromkeys get items keys popitem setdefault update
    values add difference difference_update discard intersection intersection_update
    isdisjoint issubset issuperset symmetric_difference union elements most_common subtract
    total end findall finditer from_iterable fullmatch group groupdict groups match search
    span start sub
    """
)
"""Methods of plain values."""

FIELDS = frozenset(name for value_type in VALUE_TYPES for name in value_type._fields)  # type: ignore[attr-defined]
"""Fields of the value classes."""

OTHER_ATTRIBUTES = frozenset({"args", "pattern", "string", "flags", "lastgroup", "_replace"})

ATTRIBUTES = METHODS | FIELDS | OTHER_ATTRIBUTES

NODES: tuple[type[ast.AST], ...] = (
    ast.Module, ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.While, ast.If,
    ast.FunctionDef, ast.Return, ast.Pass, ast.Break, ast.Continue, ast.Try, ast.ExceptHandler,
    ast.Raise, ast.Assert, ast.Import, ast.ImportFrom, ast.alias, ast.Global, ast.Nonlocal,
    ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict, ast.Set,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Compare, ast.Call,
    ast.FormattedValue, ast.JoinedStr, ast.Constant, ast.Attribute, ast.Subscript, ast.Starred,
    ast.Name, ast.List, ast.Tuple, ast.Slice, ast.comprehension, ast.arguments, ast.arg,
    ast.keyword, ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.expr_context,
)  # fmt: skip
"""Every kind of syntax that programs may use."""

REFUSED_NODES: dict[str, str] = {
    "ClassDef": "classes cannot be defined. Use functions, tuples and dicts",
    "AsyncFunctionDef": "`async` is not available. Write a plain `def`: calls are run in "
    "parallel without it",
    "Await": "`await` is not available. Call the function plainly",
    "AsyncFor": "`async for` is not available. Write a plain `for`",
    "AsyncWith": "`async with` is not available. Remove it",
    "With": "`with` is not available. There is nothing to open or close; remove it",
    "Yield": "`yield` is not available. Collect the items in a list and return it",
    "YieldFrom": "`yield from` is not available. Collect the items in a list and return it",
    "Match": "`match` is not available. Use if and elif",
    "Delete": "`del` is not available. Use items.pop(key), or build a new list without it",
    "TryStar": "`except*` is not available. Use a plain `except`",
    "MatMult": "the operator @ is not available. Use sum(a * b for a, b in zip(x, y))",
    "TypeAlias": "`type` statements are not available. Remove the line",
}

REFUSED_NAMES: dict[str, str] = {
    "getattr": "Write the field plainly: value.field",
    "hasattr": "The fields of each value are fixed; see its class",
    "setattr": "Values cannot be changed; make a new one",
    "open": "Programs do not read files; use the modules on `video`",
    "input": "There is no one to ask; the question is in `question`",
    "exit": "End the program with answer(...) or abstain(...)",
    "quit": "End the program with answer(...) or abstain(...)",
    "callable": "Compare with None instead",
    "BaseException": "Write `except Exception`",
    "SystemExit": "End the program with answer(...) or abstain(...)",
    "KeyboardInterrupt": "Write `except Exception`",
    "id": "Compare values with ==",
    "super": "Classes are not available; use functions",
    "object": "Use None, a tuple or a dict",
    "bytes": "Values hold text and numbers only",
    "bytearray": "Values hold text and numbers only",
    "complex": "Values hold text and numbers only",
    "hash": "Use the value itself as a key",
    "reduce": "Write a loop",
    "np": "Use lists, sum, max, sorted and `import math`",
    "numpy": "Use lists, sum, max, sorted and `import math`",
    "cv2": "Use the modules on frames; pixels do not enter programs",
    "sleep": "There is nothing to wait for; remove it",
} | dict.fromkeys(
    ("eval", "exec", "compile", "globals", "locals", "vars", "dir", "delattr", "__import__",
     "memoryview", "breakpoint", "help"),
    "Write the code plainly",
)  # fmt: skip

REFUSED_ATTRIBUTES: dict[str, str] = {
    "is_integer": "Write x == int(x)",
    "bit_length": "Use math.log2",
    "translate": "Use replace",
    "maketrans": "Use replace",
    "format_map": "Use an f-string",
    "encode": "Values hold text and numbers only",
    "decode": "Values hold text and numbers only",
    "subn": "Use sub and count",
    "_asdict": "Write the fields you need plainly",
    "_fields": "Write the fields you need plainly",
    "__name__": "Only type(x).__name__ is available",
    "__class__": "Write type(x).__name__",
    "shape": "Pixels do not enter programs; a video has width and height",
    "mean": "Use sum(xs) / len(xs)",
    "timestamp": 'The time of a frame is "time"',
    "begin": 'The times of a span are "start" and "end"',
}
