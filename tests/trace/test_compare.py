"""Whether two recordings say the same, and where they part first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from vprog.trace.compare import first_difference
from vprog.trace.event import (
    AnyEvent,
    ModuleCalled,
    NodeEvaluated,
    Printed,
    RunEnded,
    RunStarted,
    StepValue,
    Warned,
)
from vprog.trace.store import Recording


def started(**given: Any) -> RunStarted:
    base: dict[str, Any] = {
        "run": "r", "vprog": "0", "started": "", "question": "What?", "choices": [],
        "videos": [], "writer": "rules", "answerer": None, "device": "cpu", "preset": "auto",
        "isolation": {}, "modules": [],
    }  # fmt: skip
    return RunStarted(**{**base, **given})


def called(result: bytes = b"1", **given: Any) -> ModuleCalled:
    base: dict[str, Any] = {
        "id": 1, "cell": 0, "line": 1, "task": "t", "implementation": "T",
        "arguments": msgspec.Raw(b"{}"), "result": msgspec.Raw(result), "error": None,
        "how": "executed", "seconds": 0.1,
    }  # fmt: skip
    return ModuleCalled(**{**base, **given})


def value(text: str, **given: Any) -> StepValue:
    return StepValue(**{"cell": 0, "line": 2, "name": "x", "type": "int", "length": None,
                        "text": text, **given})  # fmt: skip


def ended(**given: Any) -> RunEnded:
    result = {"status": "answered", "answer": 1, "cost": {"seconds": 1.0}, "trace": "/a"}
    raw = msgspec.Raw(msgspec.json.encode({**result, **given}))
    return RunEnded(status="answered", result=raw, batches=1, peak_memory_mb=1.0)


def recording(*events: AnyEvent) -> Recording:
    return Recording(Path("r"), (started(), *events))


def test_recordings_are_equal_in_all_but_times_costs_and_where_results_came_from() -> None:
    one = recording(called(), value("1"), Warned(text="w"), ended())
    other = Recording(
        Path("other"),
        (
            started(run="o", vprog="9", device="cuda", settings={"seed": 4}, replay_of="r"),
            called(id=7, how="replayed", seconds=9.0, frames_decoded=3, at=2.0),
            value("1", at=3.0),
            ended(cost={"seconds": 9.0}, trace="/b", warnings=["w"]),
        ),
    )
    assert first_difference(one, other) is None


@pytest.mark.parametrize(
    ("mine", "its", "fields"),
    [
        (value("1"), value("2"), ("text",)),
        (value("1"), value("1", line=3, name="y"), ("line", "name")),
        (called(b"1"), called(b"1.0"), ("result",)),
        (called(), called(arguments=msgspec.Raw(b'{"a":1}')), ("arguments",)),
        (ended(), ended(answer=2), ("answer",)),
        (ended(), ended(status="failed", score=0.5), ("status", "score")),
        (value("1"), Printed(cell=0, text="1"), ()),
    ],
)
def test_first_parting_names_what_differs(
    mine: AnyEvent, its: AnyEvent, fields: tuple[str, ...]
) -> None:
    difference = first_difference(recording(called(), mine, value("z")), recording(called(), its))
    assert difference is not None
    assert (difference.one, difference.other, difference.fields) == (mine, its, fields)


def test_first_parting_where_one_had_ended() -> None:
    longer, shorter = recording(called(), value("1")), recording(called())
    difference = first_difference(longer, shorter)
    assert difference is not None
    assert (difference.one, difference.other) == (longer.events[2], None)
    back = first_difference(shorter, longer)
    assert back is not None
    assert (back.one, back.other) == (None, longer.events[2])


def test_nodes_that_took_turns_in_another_way_are_equal() -> None:
    a, b = value("1", node=1), value("2", node=2)
    assert first_difference(recording(a, b), recording(b, a)) is None


def test_first_parting_is_the_first_in_the_order_of_the_first() -> None:
    one = recording(value("1", node=2), value("1", node=1))
    other = recording(value("9", node=1), value("9", node=2))
    difference = first_difference(one, other)
    assert difference is not None
    assert difference.node == 2


def test_another_question_parts_before_all_else() -> None:
    other = Recording(Path("o"), (started(question="Who?"), value("2")))
    difference = first_difference(recording(value("1")), other)
    assert difference is not None
    assert difference.fields == ("question",)


def test_content_holds_json_as_it_was_written() -> None:
    assert called(b"[1, 2]").content()["result"] == b"[1, 2]"
    tried = NodeEvaluated(node=1, parent=0, cell=0, status="failed", reward=0.0, valid=0.0,
                      confidence=0.0, evidence=0.0, n_calls=0)  # fmt: skip
    assert tried.content()["node"] == 1
    assert "at" not in tried.content()
