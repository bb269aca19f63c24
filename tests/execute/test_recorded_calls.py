"""Calls of a recorded run answered again: which one, how often, with which error."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import vprog.errors as errors
from tests.asking import FindSquare, NoteCall
from vprog.errors import (
    BudgetError,
    LimitError,
    ModuleError,
    ModuleFailedError,
    ModuleInputError,
    PackageMissingError,
    VprogError,
)
from vprog.execute.recorded_calls import RecordedCalls, fault_of, raise_again
from vprog.registry.module import spec_of
from vprog.trace.event import CellFailed, Fault, ModuleCalled

NOTE = spec_of(NoteCall)
SAME = b'{"text":"same"}'


def called(number: int, *, arguments: bytes = SAME, **given: Any) -> ModuleCalled:
    base: dict[str, Any] = {
        "id": number, "cell": 0, "line": 1, "task": "note_call", "implementation": "NoteCall",
        "arguments": msgspec.Raw(arguments), "result": msgspec.Raw(b"1"), "error": None,
        "how": "executed", "seconds": 0.0,
    }  # fmt: skip
    return ModuleCalled(**{**base, **given})


def ids(recorded: RecordedCalls, times: int, *, node: int = 0) -> list[int | None]:
    found = [recorded.find(NOTE, SAME, node=node) for _ in range(times)]
    return [hit.id if hit is not None else None for hit in found]


def test_equal_calls_come_in_turn_and_the_last_serves_for_ever() -> None:
    recorded = RecordedCalls([called(1), called(2)], is_closed=False)
    assert ids(recorded, 4) == [1, 2, 2, 2]


def test_other_arguments_another_module_and_refused_calls_are_not_known() -> None:
    events = [called(1, arguments=b'{"text":"other"}'), called(2, implementation="Other"),
              called(3, how="refused")]  # fmt: skip
    recorded = RecordedCalls(events, is_closed=False)
    assert ids(recorded, 1) == [None]
    assert recorded.find(spec_of(FindSquare), SAME) is None


def test_tasks_that_are_asked_anew_are_not_known() -> None:
    recorded = RecordedCalls([called(1)], is_closed=False, asked_anew=["note_call"])
    assert ids(recorded, 1) == [None]


def test_closed_run_gives_each_node_its_own_calls_once() -> None:
    recorded = RecordedCalls([called(1, node=1), called(2, node=2)], is_closed=True)
    assert ids(recorded, 1, node=2) == [2]
    assert ids(recorded, 1, node=1) == [1]
    with pytest.raises(LimitError, match="note_call/NoteCall: the recorded run made no such call"):
        recorded.find(NOTE, SAME, node=1)


def test_closed_run_that_a_budget_ended_ends_with_the_words_of_then() -> None:
    end = CellFailed(node=1, cell=0, line=2, code="limit", message="out of time.", hint="Wait.")
    recorded = RecordedCalls([called(1, node=1), end], is_closed=True)
    assert ids(recorded, 1, node=1) == [1]
    with pytest.raises(LimitError, match="out of time") as caught:
        recorded.find(NOTE, SAME, node=1)
    assert caught.value.hint == "Wait."
    with pytest.raises(LimitError, match="no such call"):
        recorded.find(NOTE, SAME, node=2)


@pytest.mark.parametrize(
    "error",
    [
        ModuleInputError("wrong.", hint="Mend it."),
        ModuleFailedError("broke."),
        PackageMissingError("gone.", hint="pip install it"),
        BudgetError("spent."),
    ],
)
def test_error_of_a_call_is_raised_again_as_it_was(error: VprogError) -> None:
    with pytest.raises(type(error)) as caught:
        raise_again(called(1, error="x", fault=fault_of(error)))
    assert (caught.value.message, caught.value.hint, caught.value.code) == (
        error.message, error.hint, error.code,
    )  # fmt: skip


def test_error_of_a_class_of_ones_own_is_kept_as_the_one_of_vprog_that_it_is() -> None:
    class TooDarkError(ModuleFailedError):
        """As a third party would write it."""

    assert fault_of(TooDarkError("dark.")) == Fault(
        kind="ModuleFailedError", message="dark.", hint=""
    )


@pytest.mark.parametrize("kind", ["NoSuchError", "annotations", "__name__", "Sequence", ""])
def test_error_of_a_class_that_is_none_is_a_module_error(kind: str) -> None:
    assert not isinstance(getattr(errors, kind, None), VprogError)
    with pytest.raises(ModuleError, match="broke"):
        raise_again(called(1, error="x", fault=Fault(kind=kind, message="broke.", hint="")))


def test_call_with_a_result_raises_nothing_and_one_with_a_line_alone_is_a_module_error() -> None:
    raise_again(called(1))
    with pytest.raises(ModuleError, match="module_failed: broke"):
        raise_again(called(1, error="module_failed: broke."))
