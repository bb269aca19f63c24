"""Classes of what comes out of a worker are made once, and nobody else gets one of them."""

from __future__ import annotations

import collections
import os
import subprocess
import sys
import textwrap

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
    assert len({ours, theirs, plain}) == 3
    assert (theirs(1), theirs.__module__, plain.__module__) == ((1, 0), __name__, __name__)
    assert collections.namedtuple is make
