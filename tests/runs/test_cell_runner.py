from __future__ import annotations

import threading

import pytest

from tests.asking import Ask
from vprog.runs.cell_runner import ExecutorPool, Memo


def test_the_questions_own_comes_first_and_keeps_its_sandbox(ask: Ask) -> None:
    run = ask()
    pool = ExecutorPool(run)
    with pool.lend() as first:
        state = first.begin()
    assert first is run.executor
    with pool.lend() as again:
        assert again is first
        assert again.run(state, "x = 1").status == "continues"
    assert first._session is not None
    pool.close()


def test_one_that_comes_back_while_others_work_keeps_no_sandbox(ask: Ask) -> None:
    pool = ExecutorPool(ask())
    with pool.lend() as first:
        state = first.begin()
        with pool.lend() as second:
            assert second is not first
            assert second.run(state, "x = 1").status == "continues"
        assert second._session is None  # there are only so many, and others may wait for one
    assert first._session is not None
    pool.close()


def test_a_cell_that_runs_is_stopped_from_another_thread(ask: Ask) -> None:
    pool = ExecutorPool(ask())
    timer = threading.Timer(0.1, pool.stop)
    with pool.lend() as executor:
        state = executor.begin()
        timer.start()
        outcome = executor.run(state, "while True:\n    pass")
    timer.join()
    assert outcome.status == "limit"
    assert outcome.error is not None
    assert "stopped from outside" in outcome.error.message
    pool.close()


def test_memo_what_is_there_is_not_computed_again() -> None:
    memo: Memo[str, int] = Memo()
    made: list[str] = []

    def make() -> int:
        made.append("a")
        return len(made)

    assert (memo.get("a", make), memo.get("a", make)) == (1, 1)
    assert (len(made), memo.n_reused) == (1, 1)


def test_two_that_ask_at_memo_have_it_made_once() -> None:
    memo: Memo[str, object] = Memo()
    begun, go = threading.Event(), threading.Event()
    made: list[object] = []

    def make() -> object:
        begun.set()
        assert go.wait(timeout=30)
        made.append(object())
        return made[-1]

    got: list[object] = []
    first = threading.Thread(target=lambda: got.append(memo.get("a", make)))
    first.start()
    assert begun.wait(timeout=30)
    second = threading.Thread(target=lambda: got.append(memo.get("a", make)))
    second.start()
    while not memo.n_reused:
        second.join(timeout=0.001)
    go.set()
    first.join()
    second.join()
    assert (len(made), got) == (1, [made[0], made[0]])


def test_memo_what_could_not_be_computed_is_computed_again() -> None:
    memo: Memo[str, int] = Memo()

    def fail() -> int:
        raise ValueError("not now")

    with pytest.raises(ValueError, match="not now"):
        memo.get("a", fail)
    assert memo.get("a", lambda: 2) == 2
    assert memo.n_reused == 0
