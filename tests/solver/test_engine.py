"""`vprog.Engine`: warm between questions, apart from others, from several threads, closed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import vprog
from tests.asking import entered, released
from vprog.errors import ConfigError, UsageError
from vprog.registry.registry import Registry
from vprog.settings import load_settings
from vprog.trace.event import Progressed, TraceEvent

pytestmark = pytest.mark.usefixtures("home")

QUESTION = "How long is the video?"


def test_engine_keeps_its_runtime_between_questions(clip: Path) -> None:
    with vprog.Engine() as engine:
        assert len(engine.runtimes) == 0  # nothing is opened before it is needed
        assert engine.solve(clip, QUESTION).answer == 2.0
        with engine.runtimes.lend(load_settings({})) as first:
            pass
        assert engine.run(clip, "answer(1)").answer == 1
        with engine.runtimes.lend(load_settings({})) as again:
            assert again is first
    assert len(engine.runtimes) == 0


def test_engine_settings_and_registry_hold_for_every_question_that_says_nothing_else(
    clip: Path, registry: Registry
) -> None:
    with vprog.Engine(registry=registry, max_calls=1) as engine:
        program = "note_call('a')\nnote_call('b')\nanswer(1)"
        assert engine.run(clip, program).status == "limit"
        assert engine.run(clip, program, max_calls=2).answer == 1


def test_engine_says_at_once_that_a_setting_is_wrong() -> None:
    with pytest.raises(ConfigError, match="max_second"):
        vprog.Engine(max_second=3)  # type: ignore[call-arg]


def test_engine_two_solves_at_once_from_two_threads(clip: Path, registry: Registry) -> None:
    with vprog.Engine(registry=registry) as engine, ThreadPoolExecutor(2) as pool:
        slow = pool.submit(engine.run, clip, "answer(hold_on(video, 'slow'))")
        assert entered.acquire(timeout=30)
        assert pool.submit(engine.solve, clip, QUESTION).result(30).answer == 2.0
        assert not slow.done()
        released.release()
        assert slow.result(30).answer == "slow"


def test_engine_two_engines_share_no_runtime(clip: Path) -> None:
    with vprog.Engine() as one, vprog.Engine() as other:
        assert one.solve(clip, QUESTION).answer == other.solve(clip, QUESTION).answer
        one.close()
        assert other.solve(clip, QUESTION).answer == 2.0
        assert (len(one.runtimes), len(other.runtimes)) == (0, 1)


def test_engine_close_lets_running_questions_end_and_takes_no_more(
    clip: Path, registry: Registry
) -> None:
    with vprog.Engine(registry=registry) as engine, ThreadPoolExecutor(1) as pool:
        running = pool.submit(engine.run, clip, "answer(hold_on(video, 'last'))")
        assert entered.acquire(timeout=30)
        engine.close()
        with pytest.raises(UsageError, match="closed"):
            engine.solve(clip, QUESTION)
        with pytest.raises(UsageError, match="closed"):
            engine.start(clip, QUESTION)
        released.release()
        assert running.result(30).answer == "last"
    assert len(engine.runtimes) == 0


def test_close_of_the_module_lets_the_next_question_open_anew(clip: Path) -> None:
    assert vprog.solve(clip, QUESTION).answer == 2.0
    vprog.close()
    assert vprog.solve(clip, QUESTION).answer == 2.0


def test_engine_takes_multiple_choice_prompts_apart(clip: Path) -> None:
    prompt = f"{QUESTION}\n(A) 4 s\n(B) 2 s\nAnswer with the option's letter directly."
    with vprog.Engine() as engine:
        result = engine.solve(clip, prompt)
        assert (result.answer, result.choice, result.label) == ("2 s", 1, "B")
        assert result.text() == "B"
        assert result.question == QUESTION
        started = result.trace.recording.started
        assert (started.question, started.choices) == (QUESTION, ["4 s", "2 s"])
        assert started.prompt == prompt  # what was left out can be read
        unasked = engine.solve(clip, "Why is it sad?\nA. war\nB. love")
        assert (unasked.status, unasked.label, unasked.text()) == ("abstained", None, "")
        plain = engine.solve(clip, QUESTION, choices=["4 s", "2 s"])
        assert (plain.label, plain.text(), plain.trace.recording.started.prompt) == (
            None,
            "2 s",
            "",
        )
        cases = [{"video": str(clip), "question": prompt}]
        assert [row.label for _, row in vprog.solve_many(cases, engine=engine)] == ["B"]


def test_engine_tells_progress_to_who_listens_and_to_no_trace(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vprog.execute.call_speeds._PROGRESS_S", 0.0)
    heard: list[TraceEvent] = []
    with vprog.Engine(read_ahead=False) as engine:
        result = engine.run(clip, "measure_motion(video)\nanswer(1)", listen=heard.append)
    far = [event for event in heard if isinstance(event, Progressed)]
    assert {(event.task, event.unit) for event in far} == {("measure_motion", "frames")}
    assert [event.done for event in far] == sorted(event.done for event in far)
    assert far[-1].done < far[-1].total <= 21
    assert result.trace_path is not None
    assert b"progressed" not in (result.trace_path / "trace.jsonl").read_bytes()
