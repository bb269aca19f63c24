from __future__ import annotations

from tests.asking import Ask
from vprog.runs.executors import Executors


def test_the_questions_own_comes_first_and_keeps_its_sandbox(ask: Ask) -> None:
    run = ask()
    executors = Executors(run)
    with executors.lent() as first:
        state = first.begin()
    assert first is run.executor
    with executors.lent() as again:
        assert again is first
        assert again.run(state, "x = 1").status == "continues"
    assert first._session is not None
    executors.close()


def test_one_that_comes_back_while_others_work_keeps_no_sandbox(ask: Ask) -> None:
    executors = Executors(ask())
    with executors.lent() as first:
        state = first.begin()
        with executors.lent() as second:
            assert second is not first
            assert second.run(state, "x = 1").status == "continues"
        assert second._session is None  # there are only so many, and others may wait for one
    assert first._session is not None
    executors.close()


def test_a_cell_that_runs_is_stopped_from_another_thread(ask: Ask) -> None:
    import threading

    executors = Executors(ask())
    timer = threading.Timer(0.1, executors.stop)
    with executors.lent() as executor:
        state = executor.begin()
        timer.start()
        outcome = executor.run(state, "while True:\n    pass")
    timer.join()
    assert outcome.status == "limit"
    assert outcome.error is not None
    assert "stopped from outside" in outcome.error.message
    executors.close()
