"""Module calls answered: cache, counts, keys, what modules do wrong, what the trace says of it."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import msgspec
import pytest

from tests.asking import Ask, calls
from tests.steps import steps_of
from vprog.errors import (
    AbstainedError,
    BudgetError,
    ModuleFailedError,
    ModuleInputError,
    ModuleUnknownError,
    PackageMissingError,
    VprogError,
)
from vprog.execute.broker import Broker
from vprog.execute.result_cache import CachedCall
from vprog.trace.event import ModuleCalled, Warned
from vprog.trace.store import read_trace
from vprog.types import Frame, Video
from vprog.types.coverage import Seen


def call(broker: Broker, task: str, *args: object, **kwargs: object) -> object:
    return broker.call(task, args, kwargs, cell=0, line=3)


def called(broker: Broker) -> list[ModuleCalled]:
    events = read_trace(broker.recorder.folder).events
    return [event for event in events if isinstance(event, ModuleCalled)]


def test_broker_computes_a_call_once_for_all_runs(ask: Ask, tmp_path: Path) -> None:
    text = str(tmp_path)
    first, second = ask().broker, ask().broker
    assert [call(first, "note_call", text) for _ in range(3)] == [text] * 3
    assert call(second, "note_call", text=text) == text  # by name is the same call
    assert calls.count(text) == 1
    assert first.counts.module_calls() == {
        "issued": 3, "executed": 1, "cached": 2, "joined": 0, "guessed": 0, "wasted": 0,
    }  # fmt: skip
    assert (second.counts.executed, second.counts.cached) == (0, 1)
    assert [item.how for item in called(first)] == ["executed", "cached", "cached"]


def test_broker_answers_a_call_in_few_steps(ask: Ask) -> None:
    broker = ask().broker
    for text in ("first", "second"):
        call(broker, "note_call", text)
        call(broker, "note_call", text)
    texts = ("third", "fourth", "fifth", "sixth", "seventh")
    # The fewest of several: a call that waits longer looks more often whether it is over.
    executed = min(steps_of(partial(call, broker, "note_call", text)) for text in texts)
    cached = min(steps_of(partial(call, broker, "note_call", text)) for text in texts)
    assert executed < 600  # and the module's thread
    assert cached < 310


def test_broker_joins_a_call_whose_equal_ended_between_its_look_and_its_start(
    ask: Ask, tmp_path: Path
) -> None:
    text = str(tmp_path)
    first, second = ask().broker, ask().broker
    late = second.prepare("note_call", (text,), {}, cell=0, line=1)  # not known yet
    assert call(first, "note_call", text) == text
    assert second.settle(second.submit(late)) == text
    assert calls.count(text) == 1
    assert (second.counts.executed, second.counts.joined) == (0, 1)
    assert [item.how for item in called(second)] == ["joined"]


def test_broker_keeps_a_result_before_its_call_leaves_the_flight(ask: Ask, tmp_path: Path) -> None:
    text = str(tmp_path)
    first, second = ask().broker, ask().broker
    begun = first.submit(first.prepare("note_call", (text,), {}, cell=0, line=1))
    assert begun.work is not None
    assert begun.work.wait(30)  # over, and the first run has not looked at it yet
    assert call(second, "note_call", text) == text
    assert (second.counts.executed, second.counts.cached) == (0, 1)
    assert first.settle(begun) == text
    assert calls.count(text) == 1


def test_broker_of_a_run_is_answered_by_what_another_run_guessed(ask: Ask, tmp_path: Path) -> None:
    text = str(tmp_path)
    first, second = ask().broker, ask().broker
    spec = first.modules["note_call"]
    bound = first.bind(spec, (text,), {})
    assert bound is not None
    assert first.guess(spec, bound).task.wait(30)
    assert call(second, "note_call", text) == text
    assert calls.count(text) == 1


@pytest.mark.parametrize(("n_threads", "n_calls"), [(2, 60), (6, 30), (12, 10)])
def test_broker_computes_as_many_calls_as_are_distinct(
    ask: Ask, tmp_path: Path, n_threads: int, n_calls: int
) -> None:
    brokers = [ask().broker for _ in range(n_threads)]
    together = threading.Barrier(n_threads)

    def program(broker: Broker) -> None:
        for number in range(n_calls):
            together.wait(30)
            call(broker, "note_call", f"{tmp_path} {number}")

    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(program, brokers))
    assert sum(broker.counts.executed for broker in brokers) == n_calls
    answered = sum(broker.counts.cached + broker.counts.joined for broker in brokers)
    assert answered == (n_threads - 1) * n_calls
    assert sum(text.startswith(f"{tmp_path} ") for text in calls) == n_calls


def test_broker_records_each_call_with_its_place(ask: Ask) -> None:
    broker = ask().broker
    video = broker.media.videos[0]
    call(broker, "frame_at", video, 0.5)
    (event,) = called(broker)
    assert (event.id, event.cell, event.line, event.task) == (1, 0, 3, "frame_at")
    assert bytes(event.result).startswith(b'{"$type":"Frame"')
    assert b'"time":0.5' in bytes(event.arguments)
    assert event.seconds > 0


def key(broker: Broker, task: str, *args: object) -> str:
    return broker.prepare(task, args, {}, cell=0, line=1).key


def test_broker_key_is_of_content_not_of_the_name(ask: Ask, clip: Path, tmp_path: Path) -> None:
    copy = tmp_path / "another name.mp4"
    shutil.copy(clip, copy)
    one, two = ask().broker, ask(videos=[copy]).broker
    assert key(one, "find_square", Frame(0, 0.5)) == key(two, "find_square", Frame(0, 0.5))
    assert key(one, "find_square", Frame(0, 0.5)) != key(one, "find_square", Frame(0, 0.6))


def test_broker_key_holds_the_videos_that_a_call_touches_and_no_other(
    ask: Ask, clip: Path, other_clip: Path
) -> None:
    alone, both = ask().broker, ask(videos=[clip, other_clip]).broker
    first, second = Frame(0, 0.5), Frame(1, 0.5)
    assert key(alone, "find_square", first) == key(both, "find_square", first)
    assert key(both, "find_square", second) != key(alone, "find_square", first)


@pytest.mark.parametrize(
    ("task", "args", "error", "words", "how"),
    [
        ("break_down", (Frame(0, 0.1),), ModuleFailedError, "ZeroDivisionError", "executed"),
        ("give_garbage", (None,), ModuleFailedError, "give_garbage", "executed"),
        ("load_badly", (None,), ModuleFailedError, "did not load: RuntimeError", "executed"),
        ("lack_package", (None,), PackageMissingError, "no_such_package", "executed"),
        ("find_square", ("no frame",), ModuleInputError, "frame", "refused"),
        ("find_square", (Frame(3, 0.0),), ModuleInputError, "video", "refused"),
        ("find_square", (), ModuleInputError, "frame", "refused"),
        ("note_call", ("x", "y"), ModuleInputError, "note_call", "refused"),
    ],
)
def test_broker_tells_what_went_wrong_in_the_error_and_in_the_trace(
    ask: Ask, task: str, args: tuple[object, ...], error: type[VprogError], words: str, how: str
) -> None:
    broker = ask().broker
    given = tuple(broker.media.videos[0] if arg is None else arg for arg in args)
    with pytest.raises(error, match=words):
        call(broker, task, *given)
    (event,) = called(broker)
    assert event.how == how
    assert event.error is not None
    assert words in event.error
    assert bytes(event.result) == b"null"


def test_broker_does_not_know_other_names(ask: Ask) -> None:
    with pytest.raises(ModuleUnknownError, match="no_such"):
        call(ask().broker, "no_such")


def test_broker_failed_results_are_not_kept(ask: Ask) -> None:
    broker = ask().broker
    for _ in range(2):
        with pytest.raises(ModuleFailedError):
            call(broker, "break_down", Frame(0, 0.2))
    assert (broker.counts.executed, broker.counts.cached) == (2, 0)


def test_broker_budget_ends_calls(ask: Ask) -> None:
    broker = ask(max_calls=2).broker
    call(broker, "note_call", "a")
    call(broker, "note_call", "a")
    with pytest.raises(BudgetError, match="more than 2"):
        call(broker, "note_call", "a")


def test_broker_seconds_end_a_module_that_looks_at_frames_for_ever(ask: Ask) -> None:
    broker = ask(max_seconds=0.5).broker
    with pytest.raises(BudgetError, match=r"longer than 0\.5 seconds"):
        call(broker, "scan_frames", broker.media.videos[0])


def test_broker_passes_each_warning_once_and_none_of_runs_before(ask: Ask) -> None:
    first = ask()
    first.runtime.cache.warn("old trouble")
    first.abstained(AbstainedError("that was all"), path="rules")
    try:
        second = ask().broker
        second.warnings.add("decoded 1 of 2")
        call(second, "note_call", "w")
        second.warnings.pass_on()
        events = read_trace(second.recorder.folder).events
        assert [event.text for event in events if isinstance(event, Warned)] == ["decoded 1 of 2"]
        assert second.warnings.texts == ["decoded 1 of 2"]
    finally:
        first.runtime.cache.warnings.clear()
        first.runtime.cache.n_told = 0


def test_broker_computes_a_kept_result_again_that_it_cannot_read(ask: Ask) -> None:
    broker = ask().broker
    cache = broker._cache
    gone = CachedCall(msgspec.Raw(b'{"$type":"Gone"}'), []).encode()
    cache.keep(key(broker, "note_call", "q"), gone, task="t")
    try:
        assert call(broker, "note_call", "q") == "q"
        assert any("computed again" in warning for warning in broker.warnings.texts)
    finally:
        cache.warnings.clear()


def test_broker_video_of_a_call_is_written_for_values_that_name_none(
    ask: Ask, clip: Path, other_clip: Path
) -> None:
    broker = ask(videos=[clip, other_clip]).broker
    second: Video = broker.media.videos[1]
    call(broker, "find_halves", second)
    assert [item.video for item in called(broker)] == [1]


def test_broker_indexes_results_when_much_waits(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    run = ask().broker
    rounds: list[str] = []
    monkeypatch.setattr(run.provenance, "index", lambda: rounds.append("provenance"))
    monkeypatch.setattr(run.pictures, "index", lambda: rounds.append("pictures"))
    monkeypatch.setattr("vprog.execute.broker._MOST_UNINDEXED", 100)
    for number in range(6):
        call(run, "note_call", f"text {number} of forty characters or a little more")

    assert rounds == ["provenance", "pictures"] * 3


def test_broker_counts_what_was_seen_also_where_the_cache_answers(ask: Ask) -> None:
    first, second = ask(), ask()
    for run in (first, second):
        call(run.broker, "find_square", Frame(0, 0.5))
    before, cached = called(first.broker)[0], called(second.broker)[0]
    assert cached.how == "cached"
    assert before.seen == cached.seen == [Seen(video=0, pictures=[(0.0, 1.0)])]
    coverage = second.broker.seen.coverage(second.media.videos)
    assert coverage is not None
    assert coverage[0].pictures is not None
    assert coverage[0].pictures.unseen == [(1.0, 2.0)]
    assert coverage[0].sound is not None
    assert coverage[0].sound.seen == 0.0
