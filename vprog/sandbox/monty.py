"""The Session of pydantic-monty: one program in one worker process.

What the VM says is turned into steps; operating-system calls and unknown names are
refused before anyone else sees them. A worker that met a limit is never used again. Here,
and in pool.py, type_check.py and dumps.py, is all that touches pydantic-monty.
"""

from __future__ import annotations

import collections
import functools
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, final

from vprog.boundary.clean_text import clean_line
from vprog.boundary.convert import program_error
from vprog.errors import SandboxError, VprogError
from vprog.program.allowed_imports import importable_text
from vprog.sandbox.dumps import cannot_keep, pack, unpack
from vprog.sandbox.limits_from_settings import LimitKind, SessionLimits, SessionUsage, Stdout
from vprog.sandbox.process import Process
from vprog.sandbox.session_protocol import (
    CallStep,
    DoneStep,
    EndStep,
    LimitStep,
    RaisedStep,
    Step,
)
from vprog.sandbox.source_map import SourceMap

if TYPE_CHECKING:
    from pydantic_monty import MontyError, MontySession

NO_SYSTEM = "programs cannot use files, the environment or the network"
NO_IMPORT = f"this module cannot be imported; only {importable_text()}"
NO_VALUE = "module_input: an argument is of a kind that cannot leave the program"
_INTERNAL = "Internal error in monty: "
"""What the VM says of syntax that it lacks: nothing that a user could report to anyone."""
END_SECONDS = 0.2
"""What a program has for its `finally` once it was ended; then its worker is killed."""

_FRESH_MB = 14
"""Of a worker that has read the prelude."""
_LIGHT = 16
"""With 60 MB of its 128 a worker dies of its own dump; with 40 that takes 0.5 s, with 8 0.1 s."""

_STOPPED = {
    "output": "the program printed more than it may",
    "killed": "the program was stopped from outside",
}


@final
class MontyProgram:
    """A Session in a pydantic-monty worker; made by `Pool.session`."""

    def __init__(
        self,
        checkout: Callable[[], MontySession],
        limits: SessionLimits,
        forget: Callable[[MontyProgram], None],
        *,
        keeps_worker: bool = False,
    ) -> None:
        self.limits = limits
        self._keeps_worker = keeps_worker
        self._checkout = checkout
        self._forget = forget
        self._vm: MontySession | None = None
        self._process = Process(None)
        self._snapshot: Any = None
        self._stand_ins: dict[str, Callable[..., None]] = {}
        self._source_map = SourceMap()
        self._stdout = Stdout(limits.output_bytes, lambda: self._stop("output"))
        self._usage = SessionUsage(limits)
        self._stopped: LimitKind | None = None
        self._is_stopped_by_clock = False

    @property
    def is_alive(self) -> bool:
        return self._vm is not None

    def start(
        self, values: Mapping[str, object], *, functions: Collection[str], prelude: str = ""
    ) -> None:
        from pydantic_monty import MontyError

        vm = self._take_worker(functions, [])
        record = next((name for name, value in values.items() if hasattr(value, "_fields")), "None")
        text = f"{prelude}\n{record}"  # one that comes out again
        try:
            with _classes_remembered():
                vm.feed_run(text, inputs=dict(values), print_callback=self._stdout.write)
        except MontyError as error:
            self._drop()
            raise SandboxError(
                f"sandbox: the prelude does not run: {clean_line(str(error))}",
                hint="This is a fault of vprog: report it.",
            ) from error

    def run(self, source: str, *, want_value: bool = False) -> Step:
        vm = self._alive()
        if self._snapshot is not None:
            raise SandboxError("sandbox: a cell was run while a call waits for its answer.")
        self._source_map.sources.append(source)
        self._stdout.begin()
        self._usage.begin_cell()
        return self._turn(
            lambda: vm.feed_start(source, print_callback=self._stdout.write),
            want_value=want_value,
        )

    def answer(self, call: CallStep, value: object) -> Step:
        return self._resume(call, {"return_value": value})

    def fail(self, call: CallStep, error: VprogError) -> Step:
        kind, text = program_error(error)
        return self._resume(call, {"exc_type": kind, "message": text})

    def end(self, call: CallStep) -> EndStep:
        exit_: dict[str, object] = {"exc_type": "SystemExit", "message": ""}
        clock = threading.Timer(END_SECONDS, self.kill)
        clock.daemon = True
        clock.start()
        try:
            step = self._resume(call, exit_)
            while isinstance(step, CallStep):  # caught, and on with the next call: end that too
                step = self._resume(step, exit_)
        finally:
            clock.cancel()
        clean = isinstance(step, RaisedStep | DoneStep) and self._stopped is None
        if not clean:
            self._drop()
        return EndStep(step.printed, clean)

    def dump(self) -> bytes:
        from pydantic_monty import MontyError

        vm = self._alive()
        if self._is_stopped_by_clock:
            raise SandboxError("sandbox: there is no state to keep after a time limit.")
        try:
            state = vm.dump() if self._snapshot is None else self._snapshot.dump()
        except MontyError as error:
            self._drop()
            raise cannot_keep(error) from error
        return self._packed(state)

    def fork(self) -> bytes | None:
        if self._snapshot is None or self._process.memory_mb() > self._light_mb:
            return None
        try:
            return self._packed(self._snapshot.dump())
        except _monty().MontyError:  # if the worker is gone, the next turn of it says so
            return None

    @property
    def _light_mb(self) -> float:
        """Up to here a worker is far from its limit: a dump may take as much again."""
        return _FRESH_MB + self.limits.memory_mb / _LIGHT

    def _packed(self, state: bytes) -> bytes:
        return pack(
            is_waiting=self._snapshot is not None,
            functions=sorted(self._stand_ins),
            sources=self._source_map.sources,
            state=state,
        )

    def load(self, dump: bytes) -> CallStep | None:
        from pydantic_monty import MontyError

        stored = unpack(dump)
        vm = self._take_worker(stored.functions, stored.sources)
        try:
            if not stored.is_waiting:
                vm.load_session(stored.state)
                return None
            snapshot = vm.load_snapshot(stored.state, print_callback=self._stdout.write)
        except MontyError as error:
            self._drop()
            raise cannot_keep(error) from error
        self._usage.resume_cell()
        step = self._call_step(snapshot)
        self._snapshot = snapshot
        return step

    def kill(self) -> None:
        self._stop("killed")

    def close(self) -> None:
        self._stopped = self._stopped or "killed"
        self._drop()
        self._forget(self)

    # The VM's turns

    def _resume(self, call: CallStep, result: dict[str, object]) -> Step:
        self._alive()
        snapshot = self._snapshot
        if snapshot is None or snapshot.call_id != call.id:
            raise SandboxError(f"sandbox: the call {clean_line(call.name, 40)} waits no more.")
        self._snapshot = None
        return self._turn(lambda: snapshot.resume(result))

    def _turn(self, move: Callable[[], Any], *, want_value: bool = False) -> Step:
        """Let the VM run until something that only the caller can answer."""
        monty = _monty()
        try:
            return self._move_on(move, want_value=want_value)
        except monty.MontyCrashedError as error:
            kind = self._stopped or ("time" if error.timed_out else "crash")
            return self._limit(kind, _STOPPED.get(kind) or str(error))
        except monty.MontyError as error:
            return self._limit(self._stopped) if self._stopped else self._failed(error)
        except RuntimeError:
            if self._stopped is None:
                raise
            return self._limit(self._stopped)  # the worker was gone before its turn

    def _move_on(self, move: Callable[[], Any], *, want_value: bool) -> Step:
        monty = _monty()
        while True:
            began = time.monotonic()
            try:
                snapshot = move()
            finally:
                self._usage.took(time.monotonic() - began)
            if self._stopped is not None:
                return self._limit(self._stopped)
            if isinstance(snapshot, monty.MontyComplete):
                return self._done(snapshot, want_value=want_value)
            self._usage.n_stops += 1
            if isinstance(snapshot, monty.NameLookupSnapshot):
                move = self._look_up(snapshot)
            elif not isinstance(snapshot, monty.FunctionSnapshot):
                self._drop()
                return RaisedStep(
                    "NotImplementedError", "await is not available", -1, 0, self._stdout.take()
                )
            elif (denied := _denial(snapshot, self._stand_ins)) is not None:
                move = _resumer(snapshot, denied)
            else:
                try:
                    step = self._call_step(snapshot)
                except Exception:  # a forged class that the host cannot rebuild raises anything
                    move = _resumer(snapshot, _bad_argument())
                    continue
                self._snapshot = snapshot
                return step

    def _done(self, complete: Any, *, want_value: bool) -> Step:
        try:
            value = complete.output if want_value else None
        except Exception as error:  # as with arguments: the value is the program's making
            return RaisedStep("ValueError", clean_line(str(error)), -1, 0, self._stdout.take())
        return DoneStep(value, self._stdout.take())

    def _look_up(self, snapshot: Any) -> Callable[[], Any]:
        is_name = snapshot.object_id is None
        stand_in = self._stand_ins.get(snapshot.variable_name) if is_name else None
        return snapshot.resume if stand_in is None else lambda: snapshot.resume(value=stand_in)

    def _call_step(self, snapshot: Any) -> CallStep:
        cell, line, column = self._source_map.of_call(snapshot.position)
        return CallStep(
            snapshot.call_id,
            snapshot.function_name,
            snapshot.args,
            snapshot.kwargs,
            cell,
            line,
            column,
            self._stdout.take(),
        )

    def _failed(self, error: MontyError) -> Step:
        kind = type(error.exception()).__name__
        text = clean_line(error.display("msg") if hasattr(error, "display") else str(error), 500)
        text = text.replace(_INTERNAL, "the sandbox cannot run this: ", 1)
        cell, line = self._source_map.of_error(error)
        limit = self._usage.limit_of(kind, text, is_in_program=cell >= 0)
        if limit is None:
            return RaisedStep(kind, text, cell, line, self._stdout.take())
        if limit == "time":
            self._is_stopped_by_clock = True  # its values may still be read, nothing else
        else:
            self._drop()
        return LimitStep(limit, text, cell, line, self._stdout.take())

    def _limit(self, kind: LimitKind, text: str = "") -> LimitStep:
        self._drop()
        text = clean_line(text or _STOPPED.get(kind, "the worker is gone"))
        return LimitStep(kind, text, -1, 0, self._stdout.take())

    # The worker

    def _take_worker(self, functions: Collection[str], sources: list[str]) -> MontySession:
        self._drop()
        self._vm = self._checkout()
        self._process = Process(self._vm.worker_pid)
        self._stand_ins = {name: _stand_in(name) for name in functions}
        self._source_map = SourceMap(sources)
        self._stopped = None
        self._is_stopped_by_clock = False
        self._usage = SessionUsage(self.limits)
        self._stdout.take()
        self._stdout.begin()
        return self._vm

    def _drop(self) -> None:
        vm, self._vm, self._snapshot = self._vm, None, None
        if vm is None:
            return
        if self._stopped is not None or not self._keeps_worker:
            self._process.kill()
        vm.__exit__(None, None, None)
        self._process.close()

    def _stop(self, kind: LimitKind) -> None:
        self._stopped = self._stopped or kind
        self._process.kill()

    def _alive(self) -> MontySession:
        if self._vm is None:
            raise SandboxError("sandbox: the session has no worker any more.")
        return self._vm


@functools.cache
def _monty() -> Any:
    """The package, for each turn: an import statement there would take longer than the lines."""
    import pydantic_monty

    return pydantic_monty


def _stand_in(name: str) -> Callable[..., None]:
    """What a module's name is as a value; the VM keeps its name, the host never calls it."""

    def function() -> None:
        """A module of the host."""

    function.__name__ = function.__qualname__ = name
    return function


def _resumer(snapshot: Any, result: dict[str, object]) -> Callable[[], Any]:
    return lambda: snapshot.resume(result)


# Calls that get a fixed answer and reach neither broker nor module


def _denial(call: Any, functions: Collection[str]) -> dict[str, object] | None:
    """The VM's answer to a call that is not of one of the functions; else None.

    Arguments are not looked at: of a call to the operating system nothing is ever read.
    """
    if call.is_os_function:
        if call.function_name == "import":
            return _raising("ModuleNotFoundError", NO_IMPORT)
        return _raising("PermissionError", NO_SYSTEM)
    if call.object_id is not None or call.function_name not in functions:
        name = clean_line(call.function_name, 60)
        return _raising("NameError", f"name '{name}' is not defined")
    return None


def _bad_argument() -> dict[str, object]:
    """The answer to a call whose arguments the host cannot rebuild."""
    return _raising("ValueError", NO_VALUE)


def _raising(kind: str, text: str) -> dict[str, object]:
    return {"exc_type": kind, "message": text}


# The classes of the NamedTuples that come out of a worker: one each, not one at each crossing

# pydantic-monty makes them by `collections.namedtuple`, which it looks up once in a process, at
# the first value that comes out. A class costs 70 us, and as much again when it is collected: a
# third of a call. So what it finds at that moment remembers what it made. Where it has looked
# before, for another user of it in the process, classes are made as ever.

_MOST_CLASSES = 256
"""That are remembered: programs make up their own."""

_look_up = threading.Lock()
_make: Any = collections.namedtuple
_is_found = False


@contextmanager
def _classes_remembered() -> Iterator[None]:
    """Have classes remembered from here on, if it is the first time that a value comes out."""
    global _is_found
    if _is_found or not _look_up.acquire(blocking=False):  # another thread has it looked up
        yield
        return
    try:
        collections.namedtuple = _namedtuple
        yield
        _is_found = True
    finally:
        collections.namedtuple = _make
        _look_up.release()


def _namedtuple(*given: Any, **options: Any) -> Any:
    """What `collections.namedtuple` is at that moment: the same for all, but for what is ours."""
    frame = sys._getframe().f_back  # what is compiled has no frame of its own
    caller = {} if frame is None else frame.f_globals
    if caller is globals() and not options:
        name, fields = given
        return _look_alike(name, tuple(fields))
    if options.get("module") is None:
        options["module"] = caller.get("__name__", "__main__")
    return _make(*given, **options)


@functools.lru_cache(maxsize=_MOST_CLASSES)
def _look_alike(name: str, fields: tuple[str, ...]) -> Any:
    return _make(name, fields, module="__main__")
