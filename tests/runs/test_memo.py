from __future__ import annotations

import threading

import pytest

from vprog.runs.memo import Once


def test_what_is_there_is_not_made_again() -> None:
    once: Once[str, int] = Once()
    made: list[str] = []

    def make() -> int:
        made.append("a")
        return len(made)

    assert (once.get("a", make), once.get("a", make)) == (1, 1)
    assert (len(made), once.n_reused) == (1, 1)


def test_two_that_ask_at_once_have_it_made_once() -> None:
    once: Once[str, object] = Once()
    begun, go = threading.Event(), threading.Event()
    made: list[object] = []

    def make() -> object:
        begun.set()
        assert go.wait(timeout=30)
        made.append(object())
        return made[-1]

    got: list[object] = []
    first = threading.Thread(target=lambda: got.append(once.get("a", make)))
    first.start()
    assert begun.wait(timeout=30)
    second = threading.Thread(target=lambda: got.append(once.get("a", make)))
    second.start()
    while not once.n_reused:
        second.join(timeout=0.001)
    go.set()
    first.join()
    second.join()
    assert (len(made), got) == (1, [made[0], made[0]])


def test_what_could_not_be_made_is_tried_again() -> None:
    once: Once[str, int] = Once()

    def fail() -> int:
        raise ValueError("not now")

    with pytest.raises(ValueError, match="not now"):
        once.get("a", fail)
    assert once.get("a", lambda: 2) == 2
    assert once.n_reused == 0
