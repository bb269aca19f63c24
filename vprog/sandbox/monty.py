"""The Session of pydantic-monty: one program in one worker process.

What the machine says is turned into steps; operating-system calls and unknown names are
refused before anyone else sees them. A worker that met a limit is never used again. Here,
and in pool.py, check.py and dumps.py, is all that touches pydantic-monty.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, final

from vprog.errors import SandboxError, VprogError
from vprog.sandbox.boundary import program_error
from vprog.sandbox.dumps import pack, unpack
from vprog.sandbox.places import Places
from vprog.sandbox.process import Process
from vprog.sandbox.session import (
    CallStep,
    DoneStep,
    EndStep,
    LimitKind,
    LimitStep,
    RaisedStep,
    SessionLimits,
    Step,
)
from vprog.sandbox.text import clean_line, clean_text

if TYPE_CHECKING:
    from pydantic_monty import MontyError, MontySession

NO_SYSTEM = "programs cannot use files, the environment or the network"
NO_VALUE = "module_input: an argument is of a kind that cannot leave the program"
NO_IMPORT = "this module is not available; math, re, itertools, collections and typing are"
_STOPPED: dict[LimitKind, str] = {
    "output": "the program printed more than it may",
    "killed": "the program was stopped from outside",
}
_LIMIT_TEXTS: tuple[tuple[str, str, LimitKind], ...] = (
    ("TimeoutError", "time limit exceeded", "time"),
    ("MemoryError", "memory limit", "memory"),
    ("RuntimeError", "suspension limit", "calls"),
)


@final
class MontyProgram:
    """A Session in a pydantic-monty worker; made by `Pool.session`."""

    def __init__(
        self,
        checkout: Callable[[], MontySession],
        limits: SessionLimits,
        forget: Callable[[MontyProgram], None],
    ) -> None:
        self.limits = limits
        self._checkout = checkout
        self._forget = forget
        self._machine: MontySession | None = None
        self._process = Process(None)
        self._snapshot: Any = None
        self._stand_ins: dict[str, Callable[..., None]] = {}
        self._places = Places()
        self._printed: list[str] = []
        self._n_printed = 0
        self._n_suspended = 0
        self._stopped: LimitKind | None = None
        self._is_spent = False
        self._turn_seconds = self._cell_seconds = 0.0

    @property
    def is_alive(self) -> bool:
        return self._machine is not None

    def start(
        self, values: Mapping[str, object], *, functions: Collection[str], prelude: str = ""
    ) -> None:
        from pydantic_monty import MontyError

        machine = self._take_worker(functions, [])
        try:
            machine.feed_run(prelude or "None", inputs=dict(values), print_callback=self._on_print)
        except MontyError as error:
            self._drop()
            raise SandboxError(
                f"sandbox: the prelude does not run: {clean_line(str(error))}",
                hint="This is a fault of vprog: report it.",
            ) from error

    def run(self, source: str, *, want_value: bool = False) -> Step:
        machine = self._alive()
        if self._snapshot is not None:
            raise SandboxError("sandbox: a cell was run while a call waits for its answer.")
        self._places.sources.append(source)
        self._n_printed = 0
        self._cell_seconds = 0.0
        return self._turn(
            lambda: machine.feed_start(source, print_callback=self._on_print),
            want_value=want_value,
        )

    def answer(self, call: CallStep, value: object) -> Step:
        return self._resume(call, {"return_value": value})

    def fail(self, call: CallStep, error: VprogError) -> Step:
        kind, text = program_error(error)
        return self._resume(call, {"exc_type": kind, "message": text})

    def end(self, call: CallStep) -> EndStep:
        step = self._resume(call, {"exc_type": "SystemExit", "message": ""})
        clean = isinstance(step, RaisedStep) and step.kind == "SystemExit"
        if not clean:
            self._drop()
        return EndStep(step.printed, clean)

    def dump(self) -> bytes:
        machine = self._alive()
        if self._is_spent:
            raise SandboxError("sandbox: there is no state to keep after a time limit.")
        return pack(
            is_waiting=self._snapshot is not None,
            functions=sorted(self._stand_ins),
            sources=self._places.sources,
            state=machine.dump() if self._snapshot is None else self._snapshot.dump(),
        )

    def load(self, dump: bytes) -> CallStep | None:
        from pydantic_monty import MontyError

        stored = unpack(dump)
        machine = self._take_worker(stored.functions, stored.sources)
        try:
            if not stored.is_waiting:
                machine.load_session(stored.state)
                return None
            snapshot = machine.load_snapshot(stored.state, print_callback=self._on_print)
        except MontyError as error:
            self._drop()
            raise SandboxError(
                f"sandbox: the dump does not load: {clean_line(str(error))}"
            ) from error
        self._cell_seconds = self.limits.cell_seconds  # how much of it is used is not known
        step = self._call_step(snapshot)
        self._snapshot = snapshot
        return step

    def kill(self) -> None:
        self._stop("killed")

    def close(self, *, reuse: bool = False) -> None:
        if not reuse:
            self._stopped = self._stopped or "killed"
        self._drop(reuse=reuse and self._stopped is None and not self._is_spent)
        self._forget(self)

    # The machine's turns

    def _resume(self, call: CallStep, result: dict[str, object]) -> Step:
        self._alive()
        snapshot = self._snapshot
        if snapshot is None or snapshot.call_id != call.id:
            raise SandboxError(f"sandbox: the call {clean_line(call.name, 40)} waits no more.")
        self._snapshot = None
        return self._turn(lambda: snapshot.resume(result))

    def _turn(self, move: Callable[[], Any], *, want_value: bool = False) -> Step:
        """Let the machine run until something that only the caller can answer."""
        from pydantic_monty import MontyCrashedError, MontyError

        try:
            return self._move_on(move, want_value=want_value)
        except MontyCrashedError as error:
            kind = self._stopped or ("time" if error.timed_out else "crash")
            return self._limit(kind, _STOPPED.get(kind) or str(error))
        except MontyError as error:
            return self._limit(self._stopped) if self._stopped else self._failed(error)
        except RuntimeError:
            if self._stopped is None:
                raise
            return self._limit(self._stopped)  # the worker was gone before its turn

    def _move_on(self, move: Callable[[], Any], *, want_value: bool) -> Step:
        from pydantic_monty import FunctionSnapshot, MontyComplete, NameLookupSnapshot

        while True:
            began = time.monotonic()
            try:
                snapshot = move()
            finally:
                self._turn_seconds = time.monotonic() - began
                self._cell_seconds += self._turn_seconds
            if self._stopped is not None:
                return self._limit(self._stopped)
            if isinstance(snapshot, MontyComplete):
                return self._done(snapshot, want_value=want_value)
            self._n_suspended += 1
            if isinstance(snapshot, NameLookupSnapshot):
                move = self._look_up(snapshot)
            elif not isinstance(snapshot, FunctionSnapshot):
                self._drop()
                return RaisedStep(
                    "NotImplementedError", "await is not available", -1, 0, self._take_printed()
                )
            elif (refusal := self._refusal(snapshot)) is not None:
                move = _resumer(snapshot, refusal)
            else:
                try:
                    step = self._call_step(snapshot)
                except Exception:  # a forged class that the host cannot rebuild raises anything
                    move = _resumer(snapshot, {"exc_type": "ValueError", "message": NO_VALUE})
                    continue
                self._snapshot = snapshot
                return step

    def _done(self, complete: Any, *, want_value: bool) -> Step:
        try:
            value = complete.output if want_value else None
        except Exception as error:  # as with arguments: the value is the program's making
            text = clean_line(str(error))
            return RaisedStep(type(error).__name__, text, -1, 0, self._take_printed())
        return DoneStep(value, self._take_printed())

    def _look_up(self, snapshot: Any) -> Callable[[], Any]:
        stand_in = None
        if snapshot.object_id is None:
            stand_in = self._stand_ins.get(snapshot.variable_name)
        if stand_in is None:
            return lambda: snapshot.resume()
        return lambda: snapshot.resume(value=stand_in)

    def _refusal(self, snapshot: Any) -> dict[str, object] | None:
        """The fixed answer to a call that never reaches the broker."""
        if snapshot.is_os_function:
            if snapshot.function_name == "import":
                return {"exc_type": "ModuleNotFoundError", "message": NO_IMPORT}
            return {"exc_type": "PermissionError", "message": NO_SYSTEM}
        if snapshot.object_id is not None or snapshot.function_name not in self._stand_ins:
            name = clean_line(snapshot.function_name, 60)
            return {"exc_type": "NameError", "message": f"name '{name}' is not defined"}
        return None

    def _call_step(self, snapshot: Any) -> CallStep:
        cell, line, column = self._places.of_call(snapshot.position)
        return CallStep(
            snapshot.call_id,
            snapshot.function_name,
            snapshot.args,
            snapshot.kwargs,
            cell,
            line,
            column,
            self._take_printed(),
        )

    def _failed(self, error: MontyError) -> Step:
        kind = type(error.exception()).__name__
        text = clean_line(error.display("msg") if hasattr(error, "display") else str(error), 500)
        cell, line = self._places.of_error(error)
        for name, words, limit in _LIMIT_TEXTS:
            if kind == name and words in text and self._is_real(limit):
                if limit == "time":
                    self._is_spent = True  # its values may still be read, nothing else
                else:
                    self._drop()
                return LimitStep(limit, text, cell, line, self._take_printed())
        return RaisedStep(kind, text, cell, line, self._take_printed())

    def _is_real(self, limit: LimitKind) -> bool:
        """Whether a limit can have been met: a program may raise an error of the same words.

        What memory was used is not told, so such words about memory are believed.
        """
        if limit == "calls":
            return self._n_suspended >= self.limits.max_calls
        if limit == "time":
            return (
                self._turn_seconds >= 0.9 * self.limits.turn_seconds
                or self._cell_seconds >= 0.9 * self.limits.cell_seconds
            )
        return True

    def _limit(self, kind: LimitKind, text: str = "") -> LimitStep:
        self._drop()
        text = text or _STOPPED.get(kind, "the worker is gone")
        return LimitStep(kind, clean_line(text), -1, 0, self._take_printed())

    # The worker and what it prints

    def _take_worker(self, functions: Collection[str], sources: list[str]) -> MontySession:
        self._drop()
        self._machine = self._checkout()
        self._process = Process(self._machine.worker_pid)
        self._stand_ins = {name: _stand_in(name) for name in functions}
        self._places = Places(sources)
        self._stopped = None
        self._is_spent = False
        self._n_suspended = self._n_printed = 0
        self._printed = []
        return self._machine

    def _drop(self, *, reuse: bool = False) -> None:
        machine, self._machine, self._snapshot = self._machine, None, None
        if machine is None:
            return
        if not reuse:
            self._process.kill()
        machine.__exit__(None, None, None)
        self._process.close()

    def _stop(self, kind: LimitKind) -> None:
        self._stopped = self._stopped or kind
        self._process.kill()

    def _alive(self) -> MontySession:
        if self._machine is None:
            raise SandboxError("sandbox: the session has no worker any more.")
        return self._machine

    def _on_print(self, stream: str, text: str) -> None:
        room = max(0, self.limits.output_bytes - self._n_printed)
        self._n_printed += min(len(text), room)
        self._printed.append(text[:room])
        if len(text) > room:
            self._stop("output")

    def _take_printed(self) -> str:
        text = "".join(self._printed)
        self._printed = []
        return clean_text(text, self.limits.output_bytes)


def _stand_in(name: str) -> Callable[..., None]:
    """What a module's name is as a value; the machine keeps its name, the host never calls it."""

    def function() -> None:
        """A module of the host."""

    function.__name__ = function.__qualname__ = name
    return function


def _resumer(snapshot: Any, result: dict[str, object]) -> Callable[[], Any]:
    return lambda: snapshot.resume(result)
