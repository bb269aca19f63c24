"""Programs that a language model writes: repaired from what is wrong, within the budget."""

from __future__ import annotations

from pathlib import Path

import pytest

import vprog
from vprog.registry.registry import Registry
from vprog.trace.event import LlmCalled, ProgramRefused, ProgramWritten

pytestmark = pytest.mark.usefixtures("home")

GOOD = "answer(video.n_frames)"


def script(folder: Path, *replies: str) -> str:
    path = folder / "replies.txt"
    path.write_text("\n---\n".join(replies))
    return f"scripted:{path}"


def code(program: str) -> str:
    return f"Here it is:\n```python\n{program}\n```"


def events(result: vprog.Result, kind: type) -> list[object]:
    return [event for event in result.trace.recording.events if isinstance(event, kind)]


def test_written_first_program_answers(clip: Path, tmp_path: Path) -> None:
    result = vprog.solve(clip, "How many frames?", llm=script(tmp_path, code(GOOD)))
    assert (result.status, result.answer, result.path) == ("answered", 20, "slow")
    assert result.cost.llm_calls == 1
    assert result.cost.tokens_in > 100
    assert result.program is not None
    assert result.program.strip() == GOOD
    (call,) = events(result, LlmCalled)
    assert call.purpose == "gather"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (code("import os\nanswer(1)"), "os"),
        (code("answer(detct(video))"), "detct"),
        (code("answer(frame_at(video, 'noon'))"), "noon"),
        (code("answer([1][7])"), "IndexError"),
        (code("answer(video.n_frames"), "never closed"),
        (code("answer(len(find_square(Frame(0, 77.0))))"), "77"),
        ("I cannot see videos, sorry.", "no program"),
    ],
)
def test_written_program_is_repaired_with_what_was_wrong(
    clip: Path, registry: Registry, tmp_path: Path, bad: str, told: str
) -> None:
    result = vprog.solve(
        clip, "How many frames?", registry=registry, llm=script(tmp_path, bad, code(GOOD))
    )
    assert (result.status, result.answer, result.cost.llm_calls) == ("answered", 20, 2)
    second = events(result, LlmCalled)[1]
    assert told in second.messages[-1]["text"]  # type: ignore[attr-defined]
    assert second.purpose == "repair a program"  # type: ignore[attr-defined]


def test_written_what_broke_in_the_host_is_not_told_to_the_model(
    clip: Path, registry: Registry, tmp_path: Path
) -> None:
    bad = code("answer(break_down(frame_at(video, 0.0)))")
    result = vprog.solve(
        clip, "How many frames?", registry=registry, llm=script(tmp_path, bad, code(GOOD))
    )
    told = events(result, LlmCalled)[1].messages[-1]["text"]  # type: ignore[attr-defined]
    assert "the module broke on this call" in told
    assert "ZeroDivisionError" not in told
    assert any("ZeroDivisionError" in warning for warning in result.warnings)


def test_written_answer_must_be_one_of_the_choices(clip: Path, tmp_path: Path) -> None:
    result = vprog.solve(
        clip, "How many frames?", choices=["10", "20"],
        llm=script(tmp_path, code("answer(30)"), code("answer(20)")),
    )  # fmt: skip
    assert (result.answer, result.choice, result.cost.llm_calls) == ("20", 1, 2)


@pytest.mark.parametrize(
    ("replies", "given", "status", "code_", "llm_calls"),
    [
        ([code("answer(")] * 9, {"repairs": 2}, "rejected", "rejected", 3),
        ([code("answer([1][7])")] * 9, {"repairs": 1}, "failed", "failed", 2),
        ([code("answer([1][7])")] * 9, {"repairs": 0}, "failed", "failed", 1),
        (["no idea"] * 9, {"repairs": 1}, "llm_error", "llm_error", 2),
        ([code("answer(")] * 9, {"max_llm_calls": 2}, "limit", "limit", 2),
        ([code("answer(")], {}, "llm_error", "llm_error", 2),
        ([code("abstain('too dark')")], {}, "abstained", "abstained", 1),
        ([code(GOOD)], {"max_seconds": 0.0}, "limit", "limit", 0),
        ([code("answer(lack_package(video))")], {}, "missing", "missing", 1),
    ],
)
def test_written_no_answer_says_why_and_keeps_the_trace(
    clip: Path, registry: Registry, tmp_path: Path, replies: list[str], given: dict[str, object],
    status: str, code_: str, llm_calls: int,
) -> None:  # fmt: skip
    result = vprog.solve(
        clip, "How many frames?", registry=registry, llm=script(tmp_path, *replies), **given
    )
    assert result.error is not None
    assert (result.status, result.answer, result.error.code) == (status, None, code_)
    assert result.cost.llm_calls == llm_calls
    assert len(events(result, LlmCalled)) == llm_calls
    assert result.trace.status == status


def test_written_trace_holds_each_program_and_each_refusal(clip: Path, tmp_path: Path) -> None:
    result = vprog.solve(
        clip,
        "How many frames?",
        llm=script(
            tmp_path, "nothing", code("answer(detct(1))"), code("x = [1]\nanswer(x[3])"), code(GOOD)
        ),
    )
    assert result.answer == 20
    notes = [event.note for event in events(result, ProgramWritten)]  # type: ignore[attr-defined]
    assert notes == ["repair 1", "repair 2", "repair 3"]
    walls = [event.check for event in events(result, ProgramRefused)]  # type: ignore[attr-defined]
    assert walls == ["extraction", "gate"]
