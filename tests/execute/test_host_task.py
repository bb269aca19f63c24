"""Work in threads of its own: its result, its context, and what becomes of it when it is left."""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar

import pytest

from vprog.execute.host_task import HostTask, LeftBehindError, any_left_behind

place: ContextVar[str] = ContextVar("place", default="nowhere")


def test_task_gives_what_the_work_gives_in_the_context_of_who_made_it() -> None:
    token = place.set("here")
    try:
        task = HostTask(lambda: (place.get(), threading.current_thread().daemon))
    finally:
        place.reset(token)
    assert task.result(30) == ("here", True)


def test_task_raises_what_the_work_raises() -> None:
    def work() -> None:
        raise KeyError("k")

    with pytest.raises(KeyError, match="k"):
        HostTask(work).result(30)


def test_task_that_is_left_ends_at_its_next_line_of_python() -> None:
    began, ended = threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        try:
            while True:
                time.sleep(0.001)
        except LeftBehindError:
            ended.set()
            raise

    left: list[bool] = []
    task = HostTask(work, when_left=lambda: left.append(True))
    assert began.wait(30)
    task.leave()
    task.leave()  # nobody is told twice
    assert ended.wait(30)
    assert task.wait(30)
    assert left == [True]


def test_task_that_is_over_cannot_be_left() -> None:
    task = HostTask(lambda: 1)
    assert task.result(30) == 1
    task.leave()
    assert not task.is_left


def test_task_of_c_code_goes_on_and_is_known() -> None:
    release, began = threading.Lock(), threading.Event()
    release.acquire()

    def work() -> None:
        began.set()
        release.acquire()  # a wait that no exception ends

    task = HostTask(work)
    assert began.wait(30)
    task.leave()
    assert any_left_behind()
    assert not task.wait(0.01)
    release.release()
    assert task.wait(30)


def test_threads_are_used_again() -> None:
    first = HostTask(threading.get_ident).result(30)
    idents = {HostTask(threading.get_ident).result(30) for _ in range(20)}
    assert len(idents | {first}) < 20
