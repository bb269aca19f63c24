"""Classes of what comes out of a worker are made once, and nobody else gets one of them."""

from __future__ import annotations

import _thread
import collections
import itertools
import os
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from vprog.sandbox import monty

CROSSING = """
    import collections
    from vprog.boundary.convert import to_sandbox
    from vprog.sandbox.pool import Pool
    from vprog.types import Frame

    with Pool() as pool:
        session = pool.session()
        session.start({"f": to_sandbox(Frame(0, 1.5))}, functions=["see"])
        step, classes = session.run("see(f)\\nsee([f, f])"), []
        while hasattr(step, "args"):
            first = step.args[0][0] if isinstance(step.args[0], list) else step.args[0]
            classes.append(type(first))
            step = session.answer(step, None)
        print(len(set(classes)), classes[0].__name__, classes[0]._fields, classes[0].__module__)
        print(collections.namedtuple.__module__)
"""


def test_look_alike_has_one_class_at_every_crossing() -> None:
    done = subprocess.run(  # a process of its own: what makes classes is looked up once in each
        [sys.executable, "-c", textwrap.dedent(CROSSING)],
        capture_output=True, text=True, check=True, env={**os.environ},
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        "1 Frame ('video', 'time', 'region') __main__",
        "collections",
    ]


def test_what_others_make_meanwhile_is_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    make = collections.namedtuple
    monkeypatch.setattr(monty, "_is_found", False)
    with monty._classes_remembered():
        kept = collections.namedtuple  # as an import would at that moment
        text = "collections.namedtuple('Pair', ['a', 'b'])"
        ours = eval(text, vars(monty))
        assert eval(text, vars(monty)) is ours
    theirs = kept("Pair", "a b", defaults=[0])
    plain = kept("Pair", "a b")
    named = kept(typename="Pair", field_names="a b", module=None)
    assert len({ours, theirs, plain, named}) == 4
    assert theirs(1) == (1, 0)
    assert [made.__module__ for made in (theirs, plain, named)] == [__name__] * 3
    assert collections.namedtuple is make


def test_compiled_code_without_a_caller_in_python_gets_a_class_of_its_own() -> None:
    made: list[type] = []
    done = threading.Lock()
    done.acquire()
    # A thread that runs nothing in Python below what it calls; the iterator ends with a release.
    calls = itertools.chain(map(monty._namedtuple, ["Pair"], ["a b"]), iter(done.release, None))
    _thread.start_new_thread(made.extend, (calls,))
    assert done.acquire(timeout=30)
    assert [(one.__name__, one.__module__) for one in made] == [("Pair", "__main__")]


def test_who_starts_meanwhile_does_not_wait_and_a_failure_puts_all_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make = collections.namedtuple
    monkeypatch.setattr(monty, "_is_found", False)

    def start() -> object:
        with monty._classes_remembered():
            return collections.namedtuple

    def fail() -> None:
        with monty._classes_remembered(), ThreadPoolExecutor(1) as threads:
            assert threads.submit(start).result(30) is monty._namedtuple
            assert collections.namedtuple is monty._namedtuple
            raise RuntimeError("the worker is gone")

    with pytest.raises(RuntimeError):
        fail()
    assert collections.namedtuple is make
    assert start() is monty._namedtuple  # the next one looks it up
    assert collections.namedtuple is make
    assert start() is make
