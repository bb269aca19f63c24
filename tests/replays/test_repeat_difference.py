"""A trace that somebody changed: where its replay parts from it, or why there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

import vprog
from tests.asking import calls
from tests.replays.conftest import (
    Run,
    events_of,
    first_difference_of,
    script,
    tamper,
)
from vprog.errors import TraceError
from vprog.registry.registry import Registry
from vprog.replays.replay_run import replay
from vprog.trace.event import (
    Answered,
    CellFailed,
    ModuleCalled,
    StepValue,
)
from vprog.trace.store import read_trace, run_folders


def test_same_call_that_failed_once_gives_each_try_what_it_got(
    run: Run, registry: Registry
) -> None:
    recorded = run("a = note_call('x')\nb = note_call('x')\nanswer(a + b)")
    fault = '"error":"module: gone","fault":{"kind":"ModuleFailedError","message":"gone","hint":""}'
    assert recorded.trace_path is not None
    file = recorded.trace_path / "trace.jsonl"
    lines = file.read_text().split("\n")
    at = next(k for k, each in enumerate(lines) if '"module_called"' in each)
    lines[at] = (
        lines[at]
        .replace('"error":null,"fault":null', fault)
        .replace('"result":"x"', '"result":null')
    )
    file.write_text("\n".join(lines))
    made = replay(recorded.trace_path, registry=registry)
    first = events_of(made.result, ModuleCalled)[0]
    assert first.fault is not None
    assert first.fault.message == "gone"
    assert made.result.status == "failed"
    assert first_difference_of(made).fields == ("error",)  # its code is the module's, not "module"


@pytest.mark.parametrize(
    ("old", "new", "kind", "line", "fields"),
    [
        # What a module gave: the first value made of it is another.
        ('"result":"4"', '"result":"5"', StepValue, 4, ("text",)),
        # A value that nobody else uses.
        ('"line":3,"name":"widths","type":"list","length":4', '"line":3,"name":"widths","type":'
         '"list","length":5', StepValue, 3, ("length",)),
        # The text of the program: the first thing that comes of the change.
        ("range(4)]\\nfound", "range(3)]\\nfound", ModuleCalled, 1,
         ("line", "task", "implementation", "arguments", "result")),
        # The answer.
        ('"value":4,"evidence"', '"value":5,"evidence"', Answered, 5, ("value",)),
    ],
)  # fmt: skip
def test_planted_difference_is_named_by_its_first_step(
    run: Run, registry: Registry, old: str, new: str, kind: type, line: int,
    fields: tuple[str, ...],
) -> None:  # fmt: skip
    recorded = run()
    tamper(recorded, old, new)
    assert recorded.trace_path is not None
    difference = first_difference_of(replay(recorded.trace_path, registry=registry))
    assert type(difference.one) is kind
    assert getattr(difference.one, "line") == line  # noqa: B009
    assert difference.fields == fields


def test_planted_answer_is_found_though_no_step_differs(run: Run, registry: Registry) -> None:
    recorded = run("answer(4)")
    file = recorded.trace_path / "trace.jsonl"  # type: ignore[operator]
    file.write_text(file.read_text().replace('"answer":4', '"answer":5'))
    difference = first_difference_of(replay(file.parent, registry=registry))
    assert type(difference.one).__name__ == "RunEnded"
    assert difference.fields == ("answer",)


def test_cell_of_a_model_changed_by_hand_parts_where_it_first_tells(
    film: Path, registry: Registry, tmp_path: Path
) -> None:
    recorded = vprog.solve(
        film, "How many?", registry=registry,
        llm=script(tmp_path, "first = note_call('a')\nanswer(3)"),
    )  # fmt: skip
    file = recorded.trace_path / "trace.jsonl"  # type: ignore[operator]
    text = file.read_text()
    written = '"source":"first = note_call(\'a\')'
    assert written in text
    file.write_text(text.replace(written, written.replace("'a'", "'b'")))
    made = replay(file.parent, registry=registry)
    difference = first_difference_of(made)
    assert difference.node == 1
    assert isinstance(difference.one, ModuleCalled)
    assert isinstance(difference.other, CellFailed)  # 'b' was never asked, and nothing may run
    assert "the recorded run made no such call" in difference.other.message
    assert calls[-1] == "a"


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        (lambda lines: lines[:-2], "was cut off"),
        (lambda lines: [*lines[:3], lines[3][:20], *lines[4:]], "is damaged: line 4"),
        (lambda lines: [line for line in lines if '"program_written"' not in line],
         "the end of the program that gave its result is missing"),
    ],
)  # fmt: skip
def test_trace_that_is_not_whole_is_an_error_that_says_so(
    run: Run, registry: Registry, cut: Any, words: str
) -> None:
    recorded = run()
    file = recorded.trace_path / "trace.jsonl"  # type: ignore[operator]
    file.write_text("\n".join(cut(file.read_text().splitlines())) + "\n")
    with pytest.raises(TraceError, match=words):
        replay(file.parent, registry=registry)
    for run_folder in run_folders(file.parent.parent):
        if run_folder != file.parent:  # what a replay began, it ended
            assert read_trace(run_folder).ended is not None


def test_interrupted_run_has_nothing_to_come_to(run: Run, registry: Registry) -> None:
    recorded = run("answer(1)")
    file = recorded.trace_path / "trace.jsonl"  # type: ignore[operator]
    *lines, last = file.read_text().splitlines()
    ended = msgspec.json.decode(last.encode())
    ended["status"] = "interrupted"
    file.write_text("\n".join([*lines, msgspec.json.encode(ended).decode()]) + "\n")
    with pytest.raises(TraceError, match="ended as interrupted"):
        replay(file.parent, registry=registry)
