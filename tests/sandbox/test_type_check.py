"""The type check: what it refuses, what it only hints at, and that its session stays clean."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from tests.sandbox.bench import SIGNATURES, STUBS
from vprog.errors import SandboxError
from vprog.execute.host_task import HostTask
from vprog.jail.jail import launcher
from vprog.program.lowering.lower import text_to_check
from vprog.sandbox.limits_from_settings import SessionLimits
from vprog.sandbox.pool import Pool
from vprog.sandbox.type_check import BEGIN, Diagnostic, is_fatal, read_diagnostics
from vprog.settings import Settings

USUAL = SessionLimits.of(Settings())


def fatal(pool: Pool, program: str, *, from_line: int = 1) -> list[Diagnostic]:
    """What refuses a program, checked as programs are: see execute/cell_checks.py."""
    checked = text_to_check(program, modules=SIGNATURES)
    return [
        problem for problem in pool.check(checked.text, from_line=from_line) if problem.is_fatal
    ]


@pytest.mark.parametrize(
    ("program", "rule", "words"),
    [
        ("x = detect(3, 'dog')", "invalid-argument-type", "Expected `Frame`"),
        ("x = detect(frame_at(video, 1.0), 3)", "invalid-argument-type", "Expected `str`"),
        ("x = detect(frame_at(video, 1.0))", "missing-argument", "label"),
        ("x = detect(frame_at(video, 1.0), 'a', min_scor=1)", "unknown-argument", "min_scor"),
        ("x = sample_frames(video, span=3)", "invalid-argument-type", "Expected `Span | None`"),
        ("x = frame_at(video, 1.0).tme", "unresolved-attribute", "tme"),
        (
            "s: Span | None = None\nif question:\n    s = Span(1, 2)\nx = s.strt",
            "unresolved-attribute",
            "strt",
        ),
        ("x = video.duration + 'a'", "unsupported-operator", "`+`"),
        ("for x in video.duration: pass", "not-iterable", "not iterable"),
        ("x = detct(3)", "unresolved-reference", "detct"),
        ("answer(range(3))", "invalid-argument-type", "range"),
        ("answer(lambda: 1)", "invalid-argument-type", "answer"),
        ("answer(detect)", "invalid-argument-type", "answer"),
        ("answer(None)", None, "None"),
        ("x = [1, 2]\nx.appendd(3)", "unresolved-attribute", "appendd"),
        ("x = sort_keys({'a': 1.0}, 'sideways')", "invalid-argument-type", "sideways"),
    ],
)
def test_wrong_program_is_refused_with_place_and_reason(
    pool: Pool, program: str, rule: str | None, words: str
) -> None:
    found = pool.check("a = 1\n" + program)

    assert found, program
    first = found[0]
    assert words in first.message
    assert first.line == 1 + len(program.splitlines())
    assert first.is_fatal == (rule is not None)
    if rule is not None:
        assert first.rule == rule


@pytest.mark.parametrize(
    "program",
    [
        "best = None\nfor f in sample_frames(video):\n    if best is None or f.time > best.time:\n"
        "        best = f\nanswer(best.time)",
        "def first(xs):\n    for x in xs:\n        return x\n    return None\n"
        "m = first(transcribe(video))\nanswer(m.start)",
        "def f(label: str = None) -> int:\n    return None\nanswer(f())",
        "x: int = 'a'\nx = 3\nanswer(x)",
        "if question:\n    n = 1\nanswer(n)",
        "counts = {}\nfor f in sample_frames(video):\n    counts[f.time] = len(detect(f, 'a'))\n"
        "answer(max(counts, key=lambda k: counts[k]))",
        "xs = []\nxs.append(1)\nxs = ['a']\nanswer(xs[0])",
    ],
)
def test_honest_program_gets_hints_at_most(pool: Pool, program: str) -> None:
    assert fatal(pool, program) == []


@pytest.mark.parametrize(
    ("rule", "message", "expected"),
    [
        (
            "unresolved-attribute",
            "Attribute `x` is not defined on `None` in union `A | None`",
            False,
        ),
        ("unresolved-attribute", "Object of type `None` has no attribute `x`", False),
        ("unresolved-attribute", "Object of type `A | None` has no attribute `x`", True),
        ("invalid-argument-type", "Expected `A`, found `A | None`", False),
        ("invalid-argument-type", "Expected `A | None`, found `int`", True),
        ("invalid-assignment", "whatever", False),
        ("invalid-return-type", "whatever", False),
        ("invalid-parameter-default", "whatever", False),
        ("possibly-unresolved-reference", "whatever", False),
        ("unresolved-reference", "Name `Nonesuch` used when not defined", True),
    ],
)
def test_rule_of_what_is_fatal(rule: str, message: str, expected: bool) -> None:
    assert is_fatal(rule, message) is expected


def test_warning_is_no_reason_to_refuse() -> None:
    assert not is_fatal("unused", "whatever", "warning")


def test_only_the_new_cell_counts(pool: Pool) -> None:
    program = "x = detct(1)\ny = [1]\ny.foo()\n"

    assert [problem.line for problem in pool.check(program)] == [1, 3]
    assert [item.line for item in pool.check(program, from_line=2)] == [3]


def test_joined_cells_are_one_program(pool: Pool) -> None:
    first = "best = None\n"
    second = "best = frame_at(video, 1.0)\nanswer(best.time)\n"

    assert fatal(pool, first + second, from_line=2) == []


def test_nothing_of_a_program_runs_or_stays(pool: Pool) -> None:
    assert fatal(pool, "left_over = 1\ndef detect(x):\n    return x\nwhile True:\n    pass\n") == []

    assert [problem.message for problem in fatal(pool, "x = left_over")] == [
        "Name `left_over` used when not defined"
    ]
    assert fatal(pool, "x = detect(1)") != []


def test_name_of_the_first_line_cannot_be_taken(pool: Pool) -> None:
    source = f"def {BEGIN}():\n    return 1\n{BEGIN} = print\nwhile True:\n    pass\n"

    assert isinstance(pool.check(source), list)
    assert fatal(pool, "answer(1)") == []


@pytest.mark.slow
def test_one_worker_stays_clean_over_a_thousand_checks() -> None:
    good = "xs = [frame.time for frame in sample_frames(video)]\nanswer(len(xs))\n"
    bad = "ys = sample_frames(video, fsp=1.0)\n"
    workers: set[int] = set()
    with Pool(stubs=STUBS, launcher=launcher()) as pool:
        for number in range(500):
            assert fatal(pool, f"name_{number} = 1\n{good}") == []
            assert len(fatal(pool, f"{bad}z = name_{number}\n")) == 2
            workers.add(pool._checker._vm.worker_pid)
    assert len(workers) == 1


@pytest.mark.parametrize(
    "program",
    [
        "x = (",
        "def f():\nreturn 1",
        "x = " + "(" * 5000 + ")" * 5000,
        "x = " + "+".join(["1"] * 20_000),
        "x = 1\n" * 3 + "\x00",
    ],
)
def test_text_that_the_checker_cannot_take_is_a_diagnostic(pool: Pool, program: str) -> None:
    assert [problem for problem in pool.check(program) if problem.is_fatal] != []
    assert fatal(pool, "answer(1)") == []


@pytest.mark.slow
def test_bomb_for_the_checker_is_stopped() -> None:
    deep = "".join(f"{' ' * at}def f{at}():\n" for at in range(95)) + " " * 95 + "pass\n"
    with Pool(stubs=STUBS, launcher=launcher(), limits=replace(USUAL, check_seconds=2.0)) as pool:
        pool.check("answer(1)")
        assert [problem.rule for problem in pool.check(deep)] == ["too-intricate"]

        assert fatal(pool, "answer(1)") == []
        assert fatal(pool, "answer(lambda: 1)") != []


def test_worker_that_died_between_checks_is_replaced(pool: Pool) -> None:
    import os

    pool.check("answer(1)")
    os.kill(pool._checker._vm.worker_pid, 9)

    assert fatal(pool, "answer(1)") == []
    assert fatal(pool, "x = detct(1)") != []


def test_checks_from_several_threads_take_turns(pool: Pool) -> None:
    results: list[int] = []

    def work() -> None:
        for _ in range(10):
            results.append(len(fatal(pool, "a = detct(1)")))
            results.append(len(fatal(pool, "answer(1)")) + 1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == [1] * 80


def test_message_cannot_forge_terminal_text(pool: Pool) -> None:
    found = fatal(pool, 'x = video.duration + "\\x1b[2J\\nOK: 0 problems"')

    assert found
    assert all("\x1b" not in problem.message and "\n" not in problem.message for problem in found)


def test_diagnostics_of_another_form_are_an_error_of_ours() -> None:
    with pytest.raises(SandboxError, match="cannot be read"):
        read_diagnostics("main.py:1:1: error[x] words")


class _CutOff:
    """A session whose run is cancelled while the program stands at its first line."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def feed_start(self, text: str) -> Any:
        self._session.feed_start(text)
        raise KeyboardInterrupt

    def __exit__(self, *given: Any) -> None:
        self._session.__exit__(*given)


def test_check_that_is_cut_off_leaves_the_next_a_clean_session(pool: Pool) -> None:
    assert fatal(pool, "x = 1") == []
    checker = pool._checker
    checker._vm = _CutOff(checker._vm)
    with pytest.raises(KeyboardInterrupt):
        fatal(pool, "x = 2")
    assert fatal(pool, "x = 3") == []


def test_run_that_is_left_amid_a_check_leaves_the_next_its_worker() -> None:
    has_worker, is_left = threading.Event(), threading.Event()
    with Pool(
        size=1, stubs=STUBS, launcher=launcher(), limits=replace(USUAL, checkout_seconds=2.0)
    ) as pool:
        checker = pool._checker
        check_out = checker._checkout

        def leave_meanwhile() -> Any:
            session = check_out()
            has_worker.set()
            assert is_left.wait(30)
            return session

        checker._checkout = leave_meanwhile
        left = HostTask(lambda: fatal(pool, "x = 1"))
        assert has_worker.wait(30)
        checker._checkout = check_out
        left.leave()
        is_left.set()
        assert fatal(pool, "x = 2") == []
        assert left.result(30) == []
