"""The module calls of a recorded run, ready to be answered again without any module.

A call is found by its task, its implementation and its arguments: a program that was
changed gets what the recorded one got wherever it asks for the same, and a module that was
swapped finds nothing here.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Collection, Iterable

import vprog.errors as errors
from vprog.boundary import convert
from vprog.errors import LimitError, ModuleError, TraceError, VprogError
from vprog.registry.module import ModuleSpec
from vprog.trace.event import AnyEvent, CellFailed, Fault, ModuleCalled
from vprog.types import wire

_Key = tuple[str, str, bytes, int]


class RecordedCalls:
    """Answers calls from a trace. May be used from several threads.

    Args:
        events: of the recorded run, in their order.
        is_closed: whether there is nothing beyond them. Then each node of a search gets its
            own calls, each once; a call that was not recorded must end the program.
        asked_anew: tasks whose calls are not answered from here.
    """

    def __init__(
        self, events: Iterable[AnyEvent], *, is_closed: bool, asked_anew: Collection[str] = ()
    ) -> None:
        self.is_closed = is_closed
        self._lock = threading.Lock()
        self._left: dict[_Key, deque[ModuleCalled]] = defaultdict(deque)
        self._ends: dict[int, CellFailed] = {}
        for event in events:
            if isinstance(event, CellFailed):
                self._ends[event.node] = event
            elif isinstance(event, ModuleCalled) and self._is_kept(event, asked_anew):
                self._left[self._key(event, bytes(event.arguments), event.node)].append(event)

    def find(self, spec: ModuleSpec, arguments: bytes, *, node: int = 0) -> ModuleCalled | None:
        """What was recorded for a call; None where a module must be asked.

        Of several equal ones the next; where more may be asked for than there were, the last
        one for ever.

        Args:
            spec: the module.
            arguments: as the trace has them.
            node: of the search, in which the call is made.

        Raises:
            LimitError: a closed run never made the call; where a spent budget ended it there,
                with the words of then.
        """
        with self._lock:
            waiting = self._left.get(self._key(spec, arguments, node))
            if waiting:
                keeps_last = not self.is_closed and len(waiting) == 1
                return waiting[0] if keeps_last else waiting.popleft()
        if not self.is_closed:
            return None
        end = self._ends.get(node)
        if end is not None and end.code == LimitError.code:
            raise LimitError(end.message, hint=end.hint)
        raise LimitError(
            f"{spec.name}: the recorded run made no such call: it ended before, or went another "
            "way.",
            hint="Change the program or a module with --edit or --module to run what is new.",
        )

    def _is_kept(self, call: ModuleCalled, asked_anew: Collection[str]) -> bool:
        # Wrong arguments are refused again, by the boundary.
        return call.how != "refused" and call.task not in asked_anew

    def _key(self, called: ModuleSpec | ModuleCalled, arguments: bytes, node: int) -> _Key:
        return called.task, called.implementation, arguments, node if self.is_closed else 0


def fault_of(error: VprogError) -> Fault:
    """An error as traces keep it: of a class of one's own, the one of vprog that it is."""
    kind = next(base.__name__ for base in type(error).__mro__ if base.__module__ == errors.__name__)
    return Fault(kind=kind, message=error.message, hint=error.hint)


def raise_again(call: ModuleCalled) -> None:
    """Raise the error that a recorded call raised; nothing where it gave a result.

    Raises:
        VprogError: of the class it had; ModuleError where this vprog has no such class.
    """
    if call.error is None:
        return
    if call.fault is None:  # a trace that has the first line only
        raise ModuleError(call.error)
    kind = getattr(errors, call.fault.kind, ModuleError)
    if not (isinstance(kind, type) and issubclass(kind, VprogError)):
        kind = ModuleError
    raise kind(call.fault.message, hint=call.fault.hint)


def recorded_value(spec: ModuleSpec, encoded: bytes) -> object:
    """The result of a recorded call, if the module might have given it.

    Raises:
        TraceError: it might not: a trace may hold anything.
    """
    try:
        return convert.from_module(wire.decode(encoded), spec.signature.returns, where=spec.name)
    except ModuleError as error:
        raise TraceError(
            f"the recorded result of {spec.name} is none of its kind: {error.message}",
            hint="The trace was changed, or the module is of another version.",
        ) from error
