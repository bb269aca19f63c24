"""What a sandboxed program looks like to the host: steps and the Session protocol.

The one implementation today is vprog/sandbox/monty.py; vprog/sandbox/pool.py hands
sessions out. Values in steps are raw: hostile until vprog/boundary/convert.py passed them.

    session = pool.session()
    session.start({"video": video}, functions=["detect", "answer"], prelude=PRELUDE)
    before = session.dump()
    step = session.run(source)
    while isinstance(step, CallStep):
        step = session.answer(step, value)      # or .fail(step, error), .end(step)
    if not isinstance(step, DoneStep | EndStep):
        session.load(before)                    # a fresh worker in the state before the cell
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec

from vprog.errors import VprogError
from vprog.sandbox.limits_from_settings import LimitKind, SessionLimits


class CallStep(msgspec.Struct, frozen=True):
    """The program waits for a host function. `args` and `kwargs` are raw and hostile.

    `cell` counts the `run` calls of this program from 0 and `line` is 1-based in its source:
    a function that an earlier cell defined calls from that cell. (-1, 0) where unknown.
    """

    id: int
    name: str
    args: tuple[object, ...]
    kwargs: Mapping[str, object]
    cell: int
    line: int
    column: int
    printed: str


@dataclass(frozen=True)
class DoneStep:
    """The cell ran to its end. `value` is that of its last expression, where it was wanted."""

    value: object
    printed: str


@dataclass(frozen=True)
class EndStep:
    """The program was ended by `end`. One that did not stop for it is not `clean`: its worker is
    gone, nothing can be read from the session any more."""

    printed: str
    clean: bool = True


@dataclass(frozen=True)
class RaisedStep:
    """The cell raised. `message` is the program's text, bounded and free of control characters."""

    kind: str
    message: str
    cell: int
    line: int
    printed: str


@dataclass(frozen=True)
class LimitStep:
    """A limit ended the cell, or its worker died.

    The worker is gone, but for a time limit that the VM itself met: then the session is
    still alive, for reading what the program had, and for nothing else: close or load it.
    """

    kind: LimitKind
    message: str
    cell: int
    line: int
    printed: str


Step = CallStep | DoneStep | EndStep | RaisedStep | LimitStep


class Session(Protocol):
    """One program in one worker. Used by one thread at a time; `kill` may come from any."""

    limits: SessionLimits

    @property
    def is_alive(self) -> bool:
        """Whether the session still has a worker."""

    def start(
        self, values: Mapping[str, object], *, functions: Collection[str], prelude: str = ""
    ) -> None:
        """Take a fresh worker, bind the values, feed the prelude.

        Args:
            values: what the program's names hold; as `boundary.to_sandbox` gives them.
            functions: the names that are calls to the host. Other names are NameErrors.
            prelude: trusted source that runs before the first cell.

        Raises:
            LimitError: no worker came free in time.
            SandboxError: the worker does not start, or the prelude does not run.
        """

    def run(self, source: str, *, want_value: bool = False) -> Step:
        """Run one cell up to its first call or its end."""

    def answer(self, call: CallStep, value: object) -> Step:
        """Give a call its value (as `boundary.to_sandbox` gives it) and run on."""

    def fail(self, call: CallStep, error: VprogError) -> Step:
        """Raise the error's code and text (see `boundary.program_error`) at the call; run on."""

    def end(self, call: CallStep) -> EndStep:
        """End the program at this call: `except Exception` does not catch it.

        A program that goes on all the same is ended at each further call, and killed 0.2 s later.
        """

    def dump(self) -> bytes:
        """The state between cells, or in the middle of a call. The session stays usable.

        Raises:
            LimitError: the program holds more than can be kept; the worker is gone.
        """

    def fork(self) -> bytes | None:
        """The dump of a program that waits at a call, where it is small; else None.

        Unlike `dump` it never costs the program anything.
        """

    def load(self, dump: bytes) -> CallStep | None:
        """Go to a dumped state, in a fresh worker; the call that was waiting there, if any.

        Load only what a `dump` of this installation gave: the bytes are trusted.

        Raises:
            LimitError: no worker came free in time, or the state is too large.
            SandboxError: the bytes are no dump, or of another version.
        """

    def kill(self) -> None:
        """Stop the worker now. A step that is running returns LimitStep("killed")."""

    def close(self) -> None:
        """Stop the worker: none serves two programs."""
