from __future__ import annotations

import _thread
import threading

import pytest

from vprog.strategies.tree_threads import side_by_side


def _nothing() -> None:
    pass


def test_results_stand_in_the_order_of_the_jobs_and_jobs_run_together() -> None:
    together = threading.Barrier(3, timeout=30)

    def work(job: int) -> int:
        together.wait()
        return job * job

    assert side_by_side(work, [3, 1, 2], stop=_nothing) == [9, 1, 4]


def test_one_job_has_no_thread_of_its_own() -> None:
    assert side_by_side(lambda _: threading.current_thread(), [1], stop=_nothing) == [
        threading.current_thread()
    ]


def test_the_error_of_the_first_job_that_failed_comes_after_all_have_ended() -> None:
    ended: list[int] = []
    first_is_over = threading.Event()

    def work(job: int) -> None:
        if job == 0:
            first_is_over.set()
            raise ValueError("of the first")
        assert first_is_over.wait(timeout=30)
        ended.append(job)
        raise KeyError("of another")

    with pytest.raises(ValueError, match="of the first"):
        side_by_side(work, [0, 1, 2], stop=_nothing)
    assert sorted(ended) == [1, 2]


def test_an_interrupt_stops_the_others_and_gets_through() -> None:
    begun = threading.Barrier(3, timeout=30)
    stopped, ended = threading.Event(), threading.Semaphore(0)

    def work(job: int) -> None:
        if begun.wait() == 0:
            _thread.interrupt_main()
        assert stopped.wait(timeout=30)
        ended.release()

    with pytest.raises(KeyboardInterrupt):
        side_by_side(work, [0, 1, 2], stop=stopped.set)
    assert all(ended.acquire(timeout=30) for _ in range(3))


def test_an_interrupt_does_not_wait_for_work_that_will_not_end() -> None:
    never = threading.Event()

    def work(job: int) -> None:
        if job == 0:
            _thread.interrupt_main()
        never.wait(timeout=60)

    try:
        with pytest.raises(KeyboardInterrupt):
            side_by_side(work, [0, 1], stop=_nothing)
        assert not never.is_set()
    finally:
        never.set()
