"""One program in one worker: cells, calls, limits, dumps, and what is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.sandbox.bench import SMALL, begin, needs_launcher
from vprog.boundary.convert import to_sandbox
from vprog.errors import BusyError, LimitError, ModuleFailedError, ModuleInputError, SandboxError
from vprog.jail.jail import launcher
from vprog.sandbox.pool import Pool
from vprog.sandbox.session_protocol import (
    CallStep,
    DoneStep,
    EndStep,
    LimitStep,
    RaisedStep,
    Session,
)
from vprog.types import Span

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def session(pool: Pool) -> Iterator[Session]:
    """A program before its first cell."""
    begun = begin(pool)
    yield begun
    begun.close()


def called(step: object) -> CallStep:
    assert isinstance(step, CallStep), step
    return step


def worker_of(session: Session) -> int:
    return session._vm.worker_pid  # type: ignore[attr-defined, no-any-return]


def is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


PATIENCE_S = 120.0
"""How long to wait for what comes at once on an idle machine."""


def all_go(*pids: int) -> bool:
    """Whether all these processes come to their end."""
    return comes_true(lambda: not any(is_running(pid) for pid in pids))


def wait_until_busy(pid: int) -> None:
    """Wait until a worker computes: it takes processor time while nobody asks it anything."""
    before = processor_ticks(pid)
    assert comes_true(lambda: processor_ticks(pid) > before + 5)


def processor_ticks(pid: int) -> int:
    """User time, in hundredths of a second, from /proc."""
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11])


def comes_true(claim: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if claim():
            return True
        threading.Event().wait(0.01)
    return False


def test_call_carries_name_arguments_and_place(session: Session) -> None:
    step = called(session.run('x = "é"; y = detect(\n    7, label="dog")\n'))

    assert (step.name, step.args, step.kwargs) == ("detect", (7,), {"label": "dog"})
    assert (step.cell, step.line, step.column) == (0, 1, 14)


def test_state_lives_between_cells_and_value_of_last_expression_is_given(session: Session) -> None:
    session.run("a = 20\ndef twice(x):\n    return 2 * x\n")

    assert session.run("twice(a) + 2", want_value=True) == DoneStep(42, "")
    assert session.run("twice(a) + 2") == DoneStep(None, "")


def test_answer_goes_in_and_prints_as_ours(session: Session) -> None:
    step = called(session.run('print("before")\ns = frame_at(1)\nprint(s, s.end)\n'))
    assert step.printed == "before\n"

    assert session.answer(step, to_sandbox(Span(1.0, 2.5))) == DoneStep(
        None, "Span(start=1.0, end=2.5) 2.5\n"
    )


def test_function_of_an_earlier_cell_calls_from_there(session: Session) -> None:
    session.run("\n\ndef look(x):\n    return frame_at(x)\n")

    step = called(session.run("a = 1\nb = look(a)\n"))

    assert (step.cell, step.line) == (0, 4)


def test_place_after_a_failed_cell_is_right(session: Session) -> None:
    assert isinstance(session.run("x = ("), RaisedStep)
    assert session.run("a = 1\nb = 1 / 0") == RaisedStep(
        "ZeroDivisionError", "division by zero", 1, 2, ""
    )

    step = called(session.run("a = 1\n  \nb = frame_at(2)"))

    assert (step.cell, step.line) == (2, 3)


def test_error_in_the_prelude_is_told_at_the_programs_line(session: Session) -> None:
    step = session.run("a = 1\nb = duration(3)\n")

    assert isinstance(step, RaisedStep)
    assert (step.cell, step.line) == (0, 2)


def test_module_name_as_a_value_and_unknown_names(session: Session) -> None:
    assert isinstance(session.run("f = detect\ng = [detect, frame_at]"), DoneStep)

    for source in ("x = nothing", "nothing(1)", "x = print_all", "import_all(2)"):
        step = session.run(source)
        assert isinstance(step, RaisedStep)
        assert step.kind == "NameError"


@pytest.mark.parametrize(
    "source",
    [
        'open("/etc/passwd")',
        "import os\nos.environ",
        'import os\nos.listdir("/")',
        'from pathlib import Path\nPath("/etc/passwd").read_text()',
        'import os\nos.getenv("HOME")',
    ],
)
def test_operating_system_is_refused_before_anyone_sees_it(session: Session, source: str) -> None:
    step = session.run(source)

    assert isinstance(step, RaisedStep)
    assert (step.kind, step.message) == (
        "PermissionError",
        "programs cannot use files, the environment or the network",
    )


@pytest.mark.parametrize("name", ["socket", "subprocess", "ctypes", "numpy", "vprog", "os.nothing"])
def test_import_of_anything_else_is_refused(session: Session, name: str) -> None:
    step = session.run(f"import {name}")

    assert isinstance(step, RaisedStep)
    assert step.kind in ("ModuleNotFoundError", "ImportError")


def test_clock_stands_still_sleep_is_nothing_and_random_repeats(pool: Pool) -> None:
    source = (
        "import time, random, datetime\ntime.sleep(1000)\n"
        "print(time.time(), datetime.datetime.now(), random.random(), time.perf_counter())"
    )
    printed = []
    for _ in range(2):
        session = begin(pool)
        step = session.run(source)
        assert isinstance(step, DoneStep)
        printed.append(step.printed)
        session.close()

    assert printed[0] == printed[1]
    assert "2000-01-01" in printed[0]


def test_error_of_the_host_is_raised_at_the_call_and_can_be_caught(session: Session) -> None:
    source = "try:\n    detect(1)\nexcept ValueError as error:\n    print(error)\ndetect(2)"
    step = called(session.run(source))

    step = called(session.fail(step, ModuleInputError("detect(frame): bad.", hint="Mend.")))
    assert step.printed == "detect(frame): bad. Mend.\n"

    assert session.fail(step, ModuleFailedError("/secret/path broke")) == RaisedStep(
        "RuntimeError", "module_failed: the module broke on this call", 0, 5, ""
    )


def test_end_is_not_caught_and_what_was_computed_can_be_read(session: Session) -> None:
    source = (
        "x = 41\ntry:\n    answer(x)\nexcept Exception:\n    x = 0\n"
        "finally:\n    print('bye')\nx = 1"
    )
    step = called(session.run(source))

    assert session.end(step) == EndStep("bye\n", clean=True)
    assert session.run("x", want_value=True) == DoneStep(41, "")


@pytest.mark.parametrize(
    ("after", "value"),
    [
        ("except BaseException:\n    x = 0", 41),
        ("finally:\n    detect(1)", 41),
        ("finally:\n    answer(2)", 41),
        ("finally:\n    x = 1 / 0", 41),
    ],
)
def test_program_that_goes_on_after_its_end_is_ended_again_and_can_be_read(
    session: Session, after: str, value: int
) -> None:
    step = called(session.run(f"x = 41\ntry:\n    answer(1)\n{after}\nx = 5"))
    assert session.end(step).clean
    assert session.run("x", want_value=True) == DoneStep(value, "")


@pytest.mark.parametrize(
    "after",
    ["finally:\n    while True: pass", "finally:\n    while True:\n        len([1])"],
)
def test_program_that_does_not_stop_at_its_end_is_killed_soon(session: Session, after: str) -> None:
    step = called(session.run(f"try:\n    answer(1)\n{after}"))
    assert session.end(step) == EndStep("", clean=False)  # by its own limits after 5 s, not now
    assert not session.is_alive
    with pytest.raises(SandboxError, match="no worker any more"):
        session.run("x")


def test_call_can_be_answered_once(session: Session) -> None:
    step = called(session.run("a = detect(1)\nb = detect(2)"))
    session.answer(step, None)

    with pytest.raises(SandboxError, match="waits no more"):
        session.answer(step, None)
    with pytest.raises(SandboxError, match="while a call waits"):
        session.run("c = 3")


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("x = 'a' * 10**10", "memory"),
        ("x = []\nwhile True:\n    x.append('abc' * 100)", "memory"),
        ("try:\n    x = 'a' * 10**10\nexcept BaseException:\n    pass", "memory"),
        ("while True: print('x' * 100)", "output"),
        ("print('x' * 100000)", "output"),
        ("try:\n    while True: print('x' * 100)\nexcept BaseException:\n    pass", "output"),
    ],
)
def test_limit_ends_the_cell_and_the_pool_goes_on(pool: Pool, source: str, kind: str) -> None:
    session = begin(pool)
    step = session.run("y = 1\n" + source)

    assert isinstance(step, LimitStep)
    assert step.kind == kind
    assert len(step.printed) <= SMALL.output_bytes
    session.close()
    follower = begin(pool)
    assert follower.run("1 + 1", want_value=True) == DoneStep(2, "")
    follower.close()


@pytest.mark.parametrize(
    "source", ["while True: pass", "try:\n    while True: pass\nexcept BaseException:\n    pass"]
)
def test_clock_ends_the_cell_and_the_pool_goes_on(hasty_pool: Pool, source: str) -> None:
    test_limit_ends_the_cell_and_the_pool_goes_on(hasty_pool, source, "time")


@pytest.mark.parametrize(
    "words",
    [
        "memory limit exceeded",
        "memory limit exceeded: 99999999999 bytes > 1 bytes",
        "the worker exceeded its memory limit and was terminated",
    ],
)
def test_limit_that_a_program_only_tells_of_is_an_error_of_its_own(pool: Pool, words: str) -> None:
    session = pool.session()
    session.start({}, functions=[])  # without the prelude, which shadows the name
    step = session.run(f"x = 1\nraise MemoryError({words!r})")

    assert isinstance(step, RaisedStep)
    assert (step.kind, step.line) == ("MemoryError", 2)
    assert session.run("x", want_value=True) == DoneStep(1, "")
    session.close()


def test_machine_speaks_no_internal_words(session: Session) -> None:
    step = session.run("raise ValueError(1, 2)")

    assert isinstance(step, RaisedStep)
    assert step.message.startswith("the sandbox cannot run this: exceptions can only")


def test_call_flood_ends_at_its_limit(session: Session) -> None:
    step = session.run(
        "while True:\n    try:\n        detect(1)\n    except BaseException:\n        pass"
    )
    n_calls = 0
    while isinstance(step, CallStep):
        n_calls += 1
        step = session.answer(step, None)

    assert isinstance(step, LimitStep)
    assert (step.kind, n_calls) == ("calls", SMALL.max_calls)


def test_after_a_time_limit_values_are_read_but_nothing_is_kept(hasty_pool: Pool) -> None:
    session = begin(hasty_pool)
    step = session.run("kept = [1, 2]\nwhile True: pass")

    assert isinstance(step, LimitStep)
    assert step.kind == "time"
    assert session.run("kept", want_value=True) == DoneStep([1, 2], "")
    with pytest.raises(SandboxError, match="no state to keep"):
        session.dump()
    session.close()


@pytest.mark.parametrize(
    "source",
    [
        'raise TimeoutError("turn time limit exceeded: 300ms > 300ms")',
        'raise RuntimeError("suspension limit 200 exceeded")',
    ],
)
def test_limit_that_a_program_forges_is_an_error_of_the_program(
    session: Session, source: str
) -> None:
    assert isinstance(session.run(source), RaisedStep)
    assert session.is_alive


def test_crash_of_the_worker_is_a_limit(session: Session) -> None:
    os.kill(worker_of(session), 9)

    step = session.run("1 + 1")

    assert isinstance(step, LimitStep)
    assert step.kind == "crash"


def test_message_of_a_program_cannot_forge_lines(session: Session) -> None:
    step = session.run('raise ValueError("a\\x1b[2J\\nanswered: 5\\u202e" + "z" * 100000)')

    assert isinstance(step, RaisedStep)
    assert step.message.startswith("a\\x1b[2J\\nanswered: 5\\u202ezzz")
    assert len(step.message) <= 520


def test_cell_that_fails_is_rolled_back_by_its_dump(session: Session) -> None:
    session.run("a = [1]")
    before = session.dump()
    step = session.run("a.append(2)\nb = 1 / 0")
    assert isinstance(step, RaisedStep)

    assert session.load(before) is None

    assert session.run("a", want_value=True) == DoneStep([1], "")
    step = session.run("b")
    assert isinstance(step, RaisedStep)
    assert (step.cell, step.kind) == (2, "NameError")


def test_two_forks_of_one_dump_do_not_meet(pool: Pool, session: Session) -> None:
    session.run("a = [0]")
    dump = session.dump()
    left, right = pool.session(), pool.session()
    left.load(dump)
    right.load(dump)

    left.run("a.append(1)")
    right.run("a.append(2)")

    assert left.run("a", want_value=True) == DoneStep([0, 1], "")
    assert right.run("a", want_value=True) == DoneStep([0, 2], "")
    assert session.run("a", want_value=True) == DoneStep([0], "")
    left.close()
    right.close()


def test_dump_in_the_middle_of_a_call_goes_on_in_many_ways(pool: Pool, session: Session) -> None:
    session.run("total = 1")
    step = called(session.run("for at in range(2):\n    total += frame_at(at)\ntotal"))
    dump = session.dump()
    results = []
    for value in (10, 20):
        fork = pool.session()
        waiting = fork.load(dump)
        assert waiting == step
        last = fork.answer(called(fork.answer(called(waiting), value)), value)
        assert isinstance(last, DoneStep)
        results.append(fork.run("total", want_value=True))
        fork.close()

    assert results == [DoneStep(21, ""), DoneStep(41, "")]
    assert called(session.answer(step, 0)).args == (1,)


@needs_launcher
def test_forks_take_turns_in_one_worker_and_cost_their_program_nothing(
    pool: Pool, session: Session
) -> None:
    session.run("total = 1")
    step = called(session.run("total += frame_at(1)\nwhile total < 0:\n    pass\nframe_at(total)"))
    state = session.fork()
    assert state is not None
    worker = pool.fork_worker()
    while not worker.wait(PATIENCE_S):
        pass
    fork = worker.session()
    results, workers = [], set()
    for value in (10, 20):
        waiting = called(fork.load(state))
        workers.add(worker_of(fork))
        results.append(called(fork.answer(waiting, value)).args)

    stopped = fork.answer(called(fork.load(state)), -5)  # never comes to a call
    fork.close()
    worker.close()

    assert (results, len(workers)) == ([(11,), (21,)], 1)
    assert isinstance(stopped, LimitStep)
    assert called(session.answer(step, 3)).args == (4,)


@needs_launcher
def test_program_that_holds_much_is_not_forked(session: Session) -> None:
    called(session.run("held = 'a' * 20000000\nframe_at(1)"))  # of 32 MB

    assert session.fork() is None


def test_dump_loads_in_another_process(session: Session, tmp_path: Path) -> None:
    session.run("a = [1, 2]\ndef total():\n    return sum(a)")
    step = called(session.run("b = frame_at(3)\nc = total() + b"))
    (tmp_path / "dump").write_bytes(session.dump())
    code = (
        "import sys; from vprog.sandbox.pool import Pool\n"
        "with Pool() as pool:\n"
        "    s = pool.session(); step = s.load(open(sys.argv[1], 'rb').read())\n"
        "    print(step.name, step.args, step.cell, step.line)\n"
        "    s.answer(step, 4); print(s.run('c', want_value=True).value)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "dump")],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    assert done.stdout == "frame_at (3,) 1 1\n7\n"
    assert session.answer(step, 4) == DoneStep(None, "")


@pytest.mark.parametrize("damage", [b"", b"\xff\xff", b"nothing at all"])
def test_bytes_that_are_no_dump_are_refused(pool: Pool, damage: bytes) -> None:
    session = pool.session()

    with pytest.raises(SandboxError, match="not a dump"):
        session.load(damage)
    session.close()


def test_dump_cut_short_inside_is_refused(session: Session) -> None:
    from vprog.sandbox.dumps import pack

    bad = pack(is_waiting=False, functions=[], sources=[], state=b"x" * 50)

    with pytest.raises(SandboxError, match="does not load"):
        session.load(bad)
    assert not session.is_alive


def test_dump_of_another_version_is_refused(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = session.dump()
    monkeypatch.setattr("vprog.sandbox.dumps._vm_version", lambda: "9.9")

    with pytest.raises(SandboxError, match="loads in the same version only"):
        session.load(dump)


def test_prelude_that_does_not_run_is_our_fault(pool: Pool) -> None:
    session = pool.session()

    with pytest.raises(SandboxError, match="the prelude does not run"):
        session.start({}, functions=[], prelude="1 / 0")
    session.close()


def test_closed_worker_is_gone_and_serves_no_other_program(pool: Pool) -> None:
    first = begin(pool)
    pid = worker_of(first)

    first.close()

    assert all_go(pid)
    second = begin(pool)
    assert worker_of(second) != pid
    second.close()


def started_ahead(pool: Pool) -> int:
    """The worker that waits for the next program, once it has started."""
    assert pool._ahead is not None
    return pool._ahead.result(PATIENCE_S).worker.worker_pid


def test_from_the_second_program_on_the_next_worker_is_started_ahead() -> None:
    with Pool(size=2, limits=SMALL, launcher=launcher()) as pool:
        begin(pool).close()
        assert pool._ahead is None
        begin(pool).close()
        pid = started_ahead(pool)

        third = begin(pool)

        assert worker_of(third) == pid
        assert started_ahead(pool) != pid
        assert third.run("a = 1") == DoneStep(None, "")


def test_worker_that_died_before_its_program_came_is_not_handed_out() -> None:
    with Pool(size=2, limits=SMALL, launcher=launcher()) as pool:
        begin(pool).close()
        begin(pool).close()
        pid = started_ahead(pool)
        os.kill(pid, signal.SIGKILL)
        process = pool._ahead.result().process  # type: ignore[union-attr]
        assert comes_true(process.is_gone)

        third = begin(pool)

        assert worker_of(third) != pid
        assert third.run("a = 1") == DoneStep(None, "")


def test_closed_pool_leaves_no_worker_that_was_started_ahead() -> None:
    pool = Pool(size=2, limits=SMALL, launcher=launcher())
    begin(pool).close()
    begin(pool).close()
    pid = started_ahead(pool)

    pool.close()

    assert all_go(pid)


def test_kill_from_another_thread_stops_a_running_cell(session: Session) -> None:
    killer = threading.Thread(target=lambda: wait_until_busy(worker_of(session)) or session.kill())
    killer.start()

    step = session.run("while True: pass")

    killer.join()
    assert isinstance(step, LimitStep)
    assert step.kind == "killed"


def test_pool_that_is_closed_while_programs_run_leaves_no_worker() -> None:
    pool = Pool(size=2, limits=SMALL, launcher=launcher())
    sessions = [pool.session() for _ in range(2)]
    for session in sessions:
        session.start({}, functions=["detect"])
    pids = [worker_of(session) for session in sessions]
    steps: list[object] = []
    threads = [
        threading.Thread(target=lambda: steps.append(sessions[0].run("while True: pass"))),
        threading.Thread(target=lambda: steps.append(sessions[1].run("detect(1)"))),
    ]
    for thread in threads:
        thread.start()
    threads[1].join()

    pool.close()
    pool.close()

    threads[0].join()
    assert any(isinstance(step, LimitStep) and step.kind == "killed" for step in steps)
    assert all_go(*pids)
    with pytest.raises(SandboxError, match="closed"):
        pool.session()
    with pytest.raises(SandboxError, match="closed"):
        pool.check("x = 1")


def test_full_pool_waits_its_time_and_says_so() -> None:
    with Pool(size=1, limits=replace(SMALL, checkout_seconds=0.1), launcher=launcher()) as pool:
        held = [pool.session() for _ in range(3)]
        held[0].start({}, functions=[])
        held[1].start({}, functions=[])  # the spare

        with pytest.raises(BusyError, match="no worker came free"):
            held[2].start({}, functions=[])


def test_worker_that_does_not_start_is_an_error_of_the_sandbox(tmp_path: Path) -> None:
    broken = tmp_path / "worker"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    with Pool(launcher=broken) as pool:
        session = pool.session()

        with pytest.raises(SandboxError, match="does not start"):
            session.start({}, functions=[])


def test_sessions_in_several_threads_do_not_mix(pool: Pool) -> None:
    results: dict[int, object] = {}

    def work(number: int) -> None:
        session = begin(pool)
        session.run(f"a = {number}")
        for _ in range(20):
            step = called(session.run("a = a + frame_at(1)"))
            assert session.answer(step, 1) == DoneStep(None, "")
        results[number] = session.run("a", want_value=True)
        session.close()

    threads = [threading.Thread(target=work, args=(number * 1000,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == {number * 1000: DoneStep(number * 1000 + 20, "") for number in range(4)}


INTERRUPTED = """
import sys, threading
from vprog.sandbox.pool import Pool
from vprog.jail.jail import launcher
from tests.sandbox.bench import SMALL
with Pool(limits=SMALL, launcher=launcher()) as pool:
    session = pool.session()
    session.start({}, functions=[])
    print(session._vm.worker_pid, flush=True)
    thread = threading.Thread(target=lambda: session.run("while True: pass"))
    thread.start()
    thread.join()
"""


@needs_launcher
@pytest.mark.parametrize("signal_number", [2, 9])
def test_host_that_is_interrupted_or_killed_leaves_no_worker(signal_number: int) -> None:
    host = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert host.stdout is not None
    assert host.stderr is not None
    with host, host.stdout, host.stderr:
        pid = int(host.stdout.readline())
        wait_until_busy(pid)

        host.send_signal(signal_number)

        host.wait(PATIENCE_S)

        assert all_go(pid)


def test_value_that_the_host_cannot_rebuild_never_reaches_it(session: Session) -> None:
    forged = 'from collections import namedtuple\nA = namedtuple("A", ["def", "x"], rename=True)\n'

    step = session.run(forged + "try:\n    detect(A(1, 2))\nexcept ValueError as e:\n    print(e)")

    assert step == DoneStep(
        None, "module_input: an argument is of a kind that cannot leave the program\n"
    )
    assert isinstance(session.run("A(1, 2)", want_value=True), RaisedStep)


def test_state_too_large_to_keep_is_a_limit(session: Session) -> None:
    assert isinstance(session.run("x = [0] * 1_500_000"), DoneStep)

    with pytest.raises(LimitError, match="too much to be kept"):
        session.load(session.dump())
    assert not session.is_alive
