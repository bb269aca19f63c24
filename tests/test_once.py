"""What is made once for all threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from vprog.once import once


def test_once_has_callers_wait_for_the_one_that_makes_it() -> None:
    together = threading.Barrier(8)
    is_made = threading.Event()
    makers: list[str] = []

    @once
    def table() -> object:
        makers.append(threading.current_thread().name)
        is_made.wait(0.2)  # the others come meanwhile
        return object()

    def call(_: int) -> object:
        together.wait()
        return table()

    with ThreadPoolExecutor(8) as threads:
        tables = list(threads.map(call, range(8)))
    assert len(makers) == 1
    assert len(set(map(id, tables))) == 1


def test_once_makes_one_thing_for_each_set_of_arguments() -> None:
    @once
    def pair(first: int, *, second: int = 0) -> list[int]:
        return [first, second]

    assert pair(1, second=2) is pair(1, second=2)
    assert pair(1) == [1, 0]
    assert pair(1) is not pair(2)


def test_once_lets_what_is_made_ask_for_another_of_its_kind() -> None:
    @once
    def depth(level: int) -> int:
        return 0 if level == 0 else depth(level - 1) + 1

    assert depth(5) == 5


def test_once_tries_again_after_a_failure() -> None:
    outcomes = iter([OSError("no such file"), None])

    @once
    def loaded() -> str:
        if (error := next(outcomes)) is not None:
            raise error
        return "loaded"

    with pytest.raises(OSError, match="no such file"):
        loaded()
    assert loaded() == "loaded"
