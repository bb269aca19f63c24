"""A run comes out again from its trace alone, bit for bit, whatever it came to."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

import vprog
from tests.asking import FindSquare, calls
from tests.llm.server import refuses
from tests.modules.support.chat_replies import sure
from tests.solve.looking import REGISTRY, answered_by
from tests.solve.rerun.conftest import (
    PROGRAM,
    Run,
    broken,
    draw_sound,
    events_of,
    registry_with,
    tamper,
)
from vprog.errors import TraceError
from vprog.registry.registry import Registry
from vprog.solve.rerun.replay import Replayed, replay
from vprog.trace.compare import Parting
from vprog.trace.event import (
    Abstained,
    Answered,
    CellFailed,
    ModuleCalled,
    NodeTried,
    PictureKept,
    StepValue,
    Warned,
)
from vprog.trace.store import read_trace


def again(result: vprog.Result, registry: Registry, *videos: Path) -> Replayed:
    """A replay with no video file left; nothing of the recorded trace may change."""
    assert result.trace_path is not None
    before = (result.trace_path / "trace.jsonl").read_bytes()
    for each in videos:
        each.unlink()
    n_calls = len(calls)
    made = replay(result.trace_path, registry=registry)
    assert len(calls) == n_calls
    assert made.n_run == 0
    assert made.result.cost.frames_decoded == 0
    assert made.result.cost.llm_calls == 0
    assert (result.trace_path / "trace.jsonl").read_bytes() == before
    assert made.result.trace_path != result.trace_path
    return made


def parting_of(made: Replayed) -> Parting:
    assert made.parting is not None
    return made.parting


@pytest.mark.parametrize(
    ("program", "status", "n_replayed"),
    [
        (PROGRAM, "answered", 9),
        ("x = [1]\nanswer(x[4])", "failed", 0),
        ("import os\nanswer(1)", "rejected", 0),
        ("", "rejected", 0),
        ("x = note_call('a')", "rejected", 0),
        ("x = note_call('a')\nif x == 'a':\n    y = 1\nelse:\n    answer(2)", "failed", 1),
        ("abstain(note_call('dark'))", "abstained", 1),
        ("x = break_down(frame_at(video, 0.5))\nanswer(x)", "failed", 2),
        ("x = give_garbage(video)\nanswer(len(x))", "failed", 1),
        ("x = load_badly(video)\nanswer(x)", "failed", 1),
        ("x = lack_package(video)\nanswer(x)", "missing", 1),
        ("try:\n    x = break_down(frame_at(video, 0.5))\nexcept Exception:\n    x = 7\nanswer(x)",
         "answered", 2),
        ("try:\n    x = len(find_square(Frame(0, 99.0, None)))\nexcept Exception as e:\n"
         "    x = str(e)\nanswer(x)", "answered", 0),
    ],
)  # fmt: skip
def test_own_program_comes_to_the_same_without_video_or_module(
    run: Run, film: Path, program: str, status: str, n_replayed: int
) -> None:
    recorded = run(program)
    assert recorded.status == status
    made = again(recorded, registry_with(broken(), without=(FindSquare,)), film)
    assert made.parting is None
    assert made.n_replayed == n_replayed
    assert (made.result.status, made.result.answer) == (status, recorded.answer)
    assert made.result.error == recorded.error


def test_limit_of_calls_ends_it_at_the_same_call(run: Run, registry: Registry) -> None:
    recorded = run("for k in range(9):\n    x = note_call('same')\nanswer(1)", max_calls=4)
    assert recorded.status == "limit"
    made = again(recorded, registry)
    assert (made.parting, made.n_replayed) == (None, 4)


def test_limit_of_seconds_ends_it_where_it_ended_however_fast_it_is_now(
    run: Run, registry: Registry
) -> None:
    """The clock of then is in the trace alone: the call that it refused was never made."""
    recorded = run("for k in range(9):\n    x = note_call('same')\nanswer(1)", max_calls=4)
    assert recorded.trace_path is not None
    tamper(recorded, "the program made more than 4 module calls.", "it ran too long.", count=9)
    tamper(recorded, '"max_calls":4', '"max_calls":5000')
    made = again(recorded, registry)
    assert made.parting is None
    assert made.result.error is not None
    assert made.result.error.message == "it ran too long."


@pytest.mark.parametrize("tail", ["x = x + 1", "print('y' * 900)"])
def test_cell_that_the_sandbox_ended_is_taken_as_recorded(
    run: Run, registry: Registry, tail: str
) -> None:
    recorded = run(f"a = note_call('loop')\nx = 0\nwhile True:\n    {tail}\nanswer(x)")
    assert recorded.status == "limit"
    made = again(recorded, registry)
    assert (made.parting, made.n_replayed, made.result.status) == (None, 1, "limit")
    assert [each.how for each in events_of(made.result, ModuleCalled)] == ["replayed"]


def test_question_of_the_rules_comes_to_the_same(film: Path, registry: Registry) -> None:
    recorded = vprog.solve(film, "What colour is the video at 0:01?", registry=registry)
    made = again(recorded, registry, film)
    assert made.parting is None
    assert (made.result.path, made.result.answer) == (recorded.path, recorded.answer)


def test_abstention_of_the_rules_comes_to_the_same(film: Path, registry: Registry) -> None:
    recorded = vprog.solve(film, "Why is the square so sad?", registry=registry)
    made = again(recorded, registry, film)
    assert (made.parting, made.result.status) == (None, "abstained")
    assert made.result.error == recorded.error


@pytest.mark.parametrize("answer", ["choices[1]", "'neither'"])
def test_choices_are_those_of_then(run: Run, registry: Registry, answer: str) -> None:
    recorded = run(f"answer({answer})", question="Which?", choices=["left", "right"])
    made = again(recorded, registry)
    assert made.parting is None
    assert (made.result.status, made.result.choice) == (recorded.status, recorded.choice)


def test_several_videos_need_not_be_there(
    run: Run, registry: Registry, film: Path, other_clip: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copy(other_clip, tmp_path / "other.mp4"))
    program = "n = [len(find_square(frame_at(each, 0.5))) for each in videos]\nanswer(n)"
    recorded = run(program, videos=[film, other])
    made = again(recorded, registry, film, other)
    assert (made.parting, made.result.answer) == (None, recorded.answer)


def script(tmp_path: Path, *cells: str) -> str:
    path = tmp_path / "script.txt"
    path.write_text("\n---\n".join(f"```python\n{each}\n```" for each in cells), encoding="utf-8")
    return f"scripted:{path}"


@pytest.mark.parametrize(
    ("strategy", "given"),
    [
        ("program", {}),
        ("tree", {"width": 1, "nodes": 4}),
        ("tree", {"width": 3, "nodes": 6}),
        ("vote", {"samples": 3}),
        ("react", {"turns": 2}),
    ],
)
def test_search_comes_to_the_same_with_no_model_file_and_no_video(
    film: Path, registry: Registry, tmp_path: Path, strategy: str, given: dict[str, Any]
) -> None:
    cells = [
        "first = note_call('a')\nanswer(3, evidence=[frame_at(video, 0.5)])",
        "second = note_call('b')\nanswer(4)",
        "x = note_call('c')\nanswer(3)",
    ]
    recorded = vprog.solve(
        film, "How many?", llm=script(tmp_path, *cells * 4), strategy=strategy,
        registry=registry, **given,
    )  # fmt: skip
    assert events_of(recorded, NodeTried)
    (tmp_path / "script.txt").unlink()
    made = again(recorded, registry, film)
    assert made.parting is None
    assert (made.result.status, made.result.answer) == (recorded.status, recorded.answer)
    assert again(made.result, registry).parting is None


def test_fast_path_needs_neither_server_nor_model(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    replies = [sure("A", 0.6)]
    recorded, _ = answered_by(
        replies, monkeypatch, film, "Which colour?", choices=["red", "blue"],
        llm=script(tmp_path, "answer('blue')"),
    )  # fmt: skip
    assert recorded.path == "slow"
    monkeypatch.delenv("OPENAI_API_KEY")
    made = again(recorded, REGISTRY, film)
    assert (made.parting, made.result.answer) == (None, "blue")
    started = made.result.trace.recording.started
    assert started.answerer == "openai:tiny"


def test_fast_path_that_was_refused_is_refused_again(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    alone, _ = answered_by([refuses(401, "no")], monkeypatch, film, "What is it?", mode="fast")
    then_slow, _ = answered_by(
        [refuses(401, "no")], monkeypatch, film, "What is it?",
        llm=script(tmp_path, "answer('a square')"),
    )  # fmt: skip
    film.unlink()
    for recorded, status in ((alone, "llm_error"), (then_slow, "answered")):
        made = again(recorded, REGISTRY)
        assert (made.parting, made.result.status) == (None, status)


def test_replay_is_a_trace_like_any_with_its_pictures(
    run: Run, registry: Registry, film: Path
) -> None:
    recorded = run()
    made = again(recorded, registry, film)
    kept = [(each.time, each.file) for each in events_of(recorded, PictureKept)]
    assert kept
    assert [(each.time, each.file) for each in events_of(made.result, PictureKept)] == kept
    assert made.result.trace.recording.started.replay_of == recorded.trace_path.name  # type: ignore[union-attr]
    assert again(made.result, registry).parting is None
    assert "data:image/jpeg" in made.result.trace._repr_html_()


def test_damaged_or_lost_pictures_are_done_without(
    run: Run, registry: Registry, film: Path
) -> None:
    recorded = run()
    assert recorded.trace_path is not None
    first, *others = sorted((recorded.trace_path / "pictures").iterdir())
    first.write_bytes(b"no picture")
    for each in others:
        each.unlink()
    made = again(recorded, registry, film)
    assert made.parting is None
    assert events_of(made.result, PictureKept) == []
    assert any("could not be kept" in each for each in made.result.warnings)


def test_warnings_of_then_are_told_once(run: Run, registry: Registry) -> None:
    recorded = run("try:\n    x = break_down(frame_at(video, 0.5))\nexcept Exception:\n"
                   "    x = 7\nanswer(x)")  # fmt: skip
    assert len(recorded.warnings) == 1
    twice = again(again(recorded, registry).result, registry)
    assert twice.result.warnings == recorded.warnings
    assert [each.text for each in events_of(twice.result, Warned)] == list(recorded.warnings)


def test_same_call_that_failed_once_gives_each_try_what_it_got(
    run: Run, registry: Registry
) -> None:
    recorded = run("a = note_call('x')\nb = note_call('x')\nanswer(a + b)")
    fault = '"error":"module: gone","fault":{"kind":"ModuleFailedError","message":"gone","hint":""}'
    assert recorded.trace_path is not None
    file = recorded.trace_path / "trace.jsonl"
    lines = file.read_text().split("\n")
    at = next(k for k, each in enumerate(lines) if '"module_called"' in each)
    lines[at] = lines[at].replace('"error":null,"fault":null', fault).replace(
        '"result":"x"', '"result":null'
    )
    file.write_text("\n".join(lines))
    made = replay(recorded.trace_path, registry=registry)
    first = events_of(made.result, ModuleCalled)[0]
    assert first.fault is not None
    assert first.fault.message == "gone"
    assert made.result.status == "failed"
    assert parting_of(made).fields == ("error",)  # its code is the module's, not "module"


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
    parting = parting_of(replay(recorded.trace_path, registry=registry))
    assert type(parting.one) is kind
    assert getattr(parting.one, "line") == line  # noqa: B009
    assert parting.fields == fields


def test_planted_answer_is_found_though_no_step_differs(run: Run, registry: Registry) -> None:
    recorded = run("answer(4)")
    file = recorded.trace_path / "trace.jsonl"  # type: ignore[operator]
    file.write_text(file.read_text().replace('"answer":4', '"answer":5'))
    parting = parting_of(replay(file.parent, registry=registry))
    assert type(parting.one).__name__ == "RunEnded"
    assert parting.fields == ("answer",)


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
    parting = parting_of(made)
    assert parting.node == 1
    assert isinstance(parting.one, ModuleCalled)
    assert isinstance(parting.other, CellFailed)  # 'b' was never asked, and nothing may run
    assert "the recorded run made no such call" in parting.other.message
    assert calls[-1] == "a"


def test_run_of_several_cells_without_a_search_is_replayed_again(
    film: Path, registry: Registry, tmp_path: Path
) -> None:
    """A changed run of a search's path has its cells side by side."""
    recorded = vprog.solve(
        film, "How many?", registry=registry, strategy="tree", nodes=2,
        llm=script(tmp_path, "first = note_call('a')", "answer(len(first))"),
    )  # fmt: skip
    assert recorded.status == "answered"
    assert recorded.trace_path is not None
    changed = replay(recorded.trace_path, edits={}, modules={}, registry=registry)
    assert changed.parting is None
    edited = replay(recorded.trace_path, edits=["1:1=answer(len(first) + 1)"], registry=registry)
    unended = replay(recorded.trace_path, edits=["1:1=x = len(first)"], registry=registry)
    assert (edited.result.answer, edited.n_run) == (2, 0)
    assert unended.result.status == "failed"
    film.unlink()
    for each in (edited, unended):
        made = again(each.result, registry)
        assert made.parting is None
        assert made.result.program == each.result.program


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        (lambda lines: lines[:-2], "was cut off"),
        (lambda lines: [*lines[:3], lines[3][:20], *lines[4:]], "is damaged: line 4"),
        (lambda lines: [each for each in lines if '"program_written"' not in each],
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


def test_interrupted_run_has_nothing_to_come_to(run: Run, registry: Registry) -> None:
    recorded = run("answer(1)")
    file = recorded.trace_path / "trace.jsonl"  # type: ignore[operator]
    *lines, last = file.read_text().splitlines()
    ended = msgspec.json.decode(last.encode())
    ended["status"] = "interrupted"
    file.write_text("\n".join([*lines, msgspec.json.encode(ended).decode()]) + "\n")
    with pytest.raises(TraceError, match="ended as interrupted"):
        replay(file.parent, registry=registry)


def test_sound_file_comes_to_the_same(tmp_path: Path, registry: Registry) -> None:
    sound = draw_sound(tmp_path / "tone.wav", [(0.5, 0.0), (1.5, 0.5)])
    program = "silent = find_silence(video)\nanswer(len(silent), evidence=silent)"
    recorded = vprog.run(sound, program, registry=registry)
    assert (recorded.status, recorded.answer) == ("answered", 1)
    assert again(recorded, registry, sound).parting is None


def test_events_of_a_question_that_abstained_stand_once(run: Run, registry: Registry) -> None:
    made = again(run("abstain('dark')"), registry)
    assert len(events_of(made.result, Abstained)) == 1
    assert read_trace(made.result.trace_path).damage == ""  # type: ignore[arg-type]
