"""A program as an object: its text, parsed once, and what is read off its tree.

Made where a text comes in (a reply, a file, the rules) and carried from there through gate,
type check and lowering to the run: each asks the object and none parses again. A text that
is no program is one too, until its `tree` is asked for.
"""

from __future__ import annotations

import ast
import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

from vprog.errors import ProgramRejectedError
from vprog.program.allowed_syntax import PROGRAM_ENDS
from vprog.program.bindings import (
    bound_names,
    functions_in,
    imported_modules,
    names_from,
    top_level_names,
)
from vprog.program.early_ends import has_loops, leaves_loops
from vprog.program.parse import copy_tree, parse_text, size_problem, text_problem
from vprog.program.problem import Problem, rejection


@final
@dataclass(frozen=True)
class Program:
    """One cell of a program, or cells joined; equal to another of the same text.

    Attributes:
        text: as it was written.
        first_lines: the line of the text where each of its cells begins.
    """

    text: str
    first_lines: tuple[int, ...] = (1,)

    @classmethod
    def of(cls, source: str | Program) -> Program:
        """A text as a program; a program as it is."""
        return source if isinstance(source, Program) else cls(source)

    @classmethod
    def join(cls, cells: Sequence[str | Program]) -> Program:
        """The cells of a path as one program that runs by itself, each on lines of its own.

        One cell with plain line ends is given back itself, with what was read off it.
        """
        parts: list[str] = []
        first_lines: list[int] = []
        line = 1
        for cell in cells:
            text = cls.of(cell).text.replace("\r\n", "\n").replace("\r", "\n")
            text = text if text.endswith("\n") else text + "\n"
            first_lines.append(line)
            parts.append(text)
            line += text.count("\n")
        joined = cls("".join(parts), tuple(first_lines or [1]))
        only = cls.of(cells[0]) if len(cells) == 1 else None
        return only if only == joined else joined

    # Syntax

    @cached_property
    def _parsed(self) -> ast.Module | Problem:
        return parse_text(self.text)

    @cached_property
    def _problem(self) -> Problem | None:
        """Why it is no program; the text is judged first, since parsing costs by its length."""
        n_cells = len(self.first_lines)
        problem = text_problem(self.text, n_cells)
        if problem is not None or isinstance(self._parsed, Problem):
            return problem or self.syntax_error
        return size_problem(self._parsed, n_cells)

    @property
    def syntax_error(self) -> Problem | None:
        """What the parser says against it; None for Python."""
        return self._parsed if isinstance(self._parsed, Problem) else None

    @property
    def syntax(self) -> ast.Module:
        """The tree of any Python, however large; not to be changed, nor walked recursively.

        Raises:
            ProgramRejectedError: it is not Python.
        """
        if isinstance(self._parsed, Problem):
            raise rejection([self._parsed])
        return self._parsed

    @property
    def tree(self) -> ast.Module:
        """The tree of a program whose text and tree are within the limits; not to be changed.

        Raises:
            ProgramRejectedError: the text is too long, holds characters that hide what
                it says, is not Python, or is nested too deeply.
        """
        if self._problem is not None:
            raise rejection([self._problem])
        return self.syntax

    def copied_tree(self) -> ast.Module:
        """The `tree`, to be changed by who asks."""
        return copy_tree(self.tree)

    @cached_property
    def canonical(self) -> str:
        """The same for programs that differ in layout and comments alone."""
        try:
            return ast.dump(self.tree)
        except ProgramRejectedError:  # not a program: the gate says what is wrong
            return self.text.strip()

    # Names

    @cached_property
    def bound(self) -> frozenset[str]:
        """Every name that it binds, in whatever scope."""
        return bound_names(self.syntax)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that it binds for the cells after it."""
        return top_level_names(self.syntax)

    @cached_property
    def functions(self) -> frozenset[str]:
        """Those of `names` that are bound by `def`, by an import, or to a lambda."""
        return functions_in(self.syntax.body) & self.names

    @cached_property
    def imports(self) -> dict[str, str]:
        """Which names stand for which importable module, e.g. {"m": "math"}."""
        return imported_modules(self.syntax)

    @cached_property
    def from_names(self) -> dict[str, str]:
        """Names imported from a module, e.g. {"groups": "itertools.groupby"}."""
        return names_from(self.syntax)

    @cached_property
    def texts(self) -> frozenset[str]:
        """The texts that are written out in it; parts of f-strings are none."""
        parts = {
            id(part)
            for node in ast.walk(self.syntax)
            if isinstance(node, ast.JoinedStr)
            for part in node.values
        }
        return frozenset(
            node.value
            for node in ast.walk(self.syntax)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in parts
        )

    @cached_property
    def reads(self) -> frozenset[str]:
        """Every name that it reads, in whatever scope."""
        return frozenset(
            node.id
            for node in ast.walk(self.syntax)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        )

    @cached_property
    def calls(self) -> tuple[ast.Call, ...]:
        """Its calls of plain names, `f(...)`, in the order in which they stand."""
        calls = [
            node
            for node in ast.walk(self.syntax)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        return tuple(sorted(calls, key=lambda call: (call.lineno, call.col_offset)))

    @cached_property
    def called(self) -> tuple[str, ...]:
        """The names that it calls, each once, in their order."""
        names = [call.func.id for call in self.calls if isinstance(call.func, ast.Name)]
        return tuple(dict.fromkeys(names))

    @property
    def is_ending(self) -> bool:
        """Whether it calls `answer` or `abstain` somewhere."""
        return not PROGRAM_ENDS.isdisjoint(self.called)

    @cached_property
    def has_loops(self) -> bool:
        """Whether it does anything more than once, but by calling itself."""
        return has_loops(self.syntax)

    @cached_property
    def leaves_loops(self) -> bool:
        """Whether a loop of it may be left before its last item."""
        return leaves_loops(self.syntax)

    # Lines

    def position(self, line: int) -> tuple[int, int]:
        """The cell and the line in it of a line of the text (lines from 1)."""
        cell = max(0, bisect.bisect_right(self.first_lines, line) - 1)
        return cell, line - self.first_lines[cell] + 1

    def line_of(self, cell: int, line: int) -> int:
        """The line of the text for a line of a cell."""
        return self.first_lines[cell] + line - 1
