"""Types, before anything runs: `ty` inside pydantic-monty, in one long-lived session.

What is checked is the joined text of a path, as one program. A first line calls the host;
the VM checks the whole text before it runs that line, and the call is answered with
SystemExit: so nothing of the program runs and nothing of it stays in the session.
This is a filter for quality. `Any` passes it: the boundary is what protects the host.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import msgspec

from vprog.boundary.clean_text import clean_line
from vprog.errors import SandboxError
from vprog.sandbox.process import Process

if TYPE_CHECKING:
    from pydantic_monty import MontySession

BEGIN = "vprog_begin_check"
CHECK_STUB = f"\ndef {BEGIN}() -> None: ...\n"
HINT_RULES = frozenset(
    {
        "invalid-assignment",
        "invalid-return-type",
        "invalid-parameter-default",
        "possibly-unresolved-reference",
    }
)
CHECKS_PER_WORKER = 2000
_NONE = re.compile(r"\bNone\b")
_ABSENT = re.compile(r"Object of type `(?!None`)[^`]*` has no attribute")
_EXPECTED = re.compile(r"[Ee]xpected `[^`]*`")


@dataclass(frozen=True)
class Diagnostic:
    """What the checker says of one position; lines and columns from 1. A hint is not fatal."""

    line: int
    column: int
    rule: str
    message: str
    is_fatal: bool


class _Location(msgspec.Struct):
    row: int
    column: int


class _Row(msgspec.Struct):
    location: _Location
    message: str
    name: str | None = None
    severity: str = "error"


@final
class Checker:
    """The check session. Calls from several threads take turns."""

    def __init__(self, checkout: Callable[[], MontySession]) -> None:
        self._checkout = checkout
        self._lock = threading.Lock()
        self._vm: Any = None
        self._process = Process(None)
        self._n_checks = 0
        self._is_closed = False

    def check(self, program: str, *, from_line: int = 1) -> list[Diagnostic]:
        """What is wrong with the types of a program, in the order of its lines.

        Args:
            program: the cells of the path, joined; it has passed the gate.
            from_line: the first line of the new cell; what lies before is not judged again.

        Raises:
            SandboxError: the check session does not start.
        """
        with self._lock:
            try:
                found = self._check(program)
            except BaseException:
                # A run that is cancelled is ended anywhere: the session may stand in mid-word.
                self._drop()
                raise
        return [hit for hit in found if hit.line >= from_line]

    def close(self) -> None:
        """Stop the check session's worker."""
        self._is_closed = True
        self._process.kill()  # first: a check that is running then ends at once
        with self._lock:
            self._drop()

    def _check(self, program: str) -> list[Diagnostic]:
        from pydantic_monty import (
            FunctionSnapshot,
            MontyCrashedError,
            MontyError,
            MontyRuntimeError,
            MontySyntaxError,
            MontyTypingError,
        )

        if self._vm is None or self._n_checks >= CHECKS_PER_WORKER:
            self._take_worker()
        self._n_checks += 1
        try:
            snapshot = self._vm.feed_start(f"{BEGIN}()\n{program}")
        except MontyTypingError as error:
            return read_diagnostics(error.display())
        except MontySyntaxError as error:
            frames = error.traceback()
            line = max(1, frames[-1].line - 1) if frames else 1
            return [Diagnostic(line, 1, "syntax", clean_line(error.display("msg")), True)]
        except (MontyCrashedError, MontyRuntimeError) as error:
            # The text was too much, or the worker had used up what it may in its life.
            is_worn = self._n_checks > 1 and not getattr(error, "timed_out", False)
            self._drop()
            if is_worn and not self._is_closed:
                return self._check(program)
            return [Diagnostic(1, 1, "too-intricate", TOO_INTRICATE, True)]
        if not isinstance(snapshot, FunctionSnapshot) or snapshot.function_name != BEGIN:
            self._drop()
            raise SandboxError("sandbox: the check session ran something else than its first line.")
        try:
            snapshot.resume({"exc_type": "SystemExit", "message": ""})
        except MontyError as error:
            if isinstance(error.exception(), SystemExit):
                return []
        self._drop()
        raise SandboxError("sandbox: the check session did not stop at its first line.")

    def _take_worker(self) -> None:
        self._drop()
        self._vm = self._checkout()
        self._process = Process(self._vm.worker_pid)
        self._n_checks = 0

    def _drop(self) -> None:
        vm, self._vm = self._vm, None
        if vm is not None:
            self._process.kill()
            vm.__exit__(None, None, None)
            self._process.close()


TOO_INTRICATE = (
    "the type check did not come to an end on this program; write it with shorter expressions "
    "and fewer nested functions"
)


def read_diagnostics(text: str) -> list[Diagnostic]:
    """The checker's JSON lines as diagnostics; the line that vprog put first is taken off.

    Raises:
        SandboxError: the text is not what this version of the checker writes.
    """
    # One position and rule may come twice, first with type variables, then as it is.
    found: dict[tuple[int, int, str], Diagnostic] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line, type=_Row)
        except msgspec.DecodeError as error:
            raise SandboxError(
                f"sandbox: a diagnostic cannot be read: {clean_line(line, 200)}"
            ) from error
        rule = row.name or "invalid-syntax"
        row_line, column = max(1, row.location.row - 1), row.location.column
        found[row_line, column, rule] = Diagnostic(
            row_line,
            column,
            clean_line(rule, 60),
            clean_line(row.message, 400),
            is_fatal(rule, row.message, row.severity),
        )
    return sorted(found.values(), key=lambda diagnostic: (diagnostic.line, diagnostic.column))


def is_fatal(rule: str, message: str, severity: str = "error") -> bool:
    """Whether a diagnostic refuses a program.

    A hint is what honest programs trip over: rules about declared types, and messages about
    a value that may be None. A parameter that also *takes* None is no such message, and an
    attribute that no member of a union has is wrong whatever the value is.
    """
    if severity != "error" or rule in HINT_RULES:
        return False
    if _ABSENT.search(message):
        return True
    return not _NONE.search(_EXPECTED.sub("", message))
