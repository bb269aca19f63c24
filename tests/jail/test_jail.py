"""The jail, by real attempts from inside: our own launcher, its own rules, nothing pretended."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pydantic_monty
import pytest

from vprog.errors import ConfigError
from vprog.jail.jail import JailLimits, launcher, probe_jail, probe_plan
from vprog.jail.launcher import LaunchPlan, write_launcher
from vprog.jail.worker_files import monty_binary

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 30.0

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not probe_jail().holds,
    reason=f"no jail here: {', '.join(probe_jail().missing)}",
)


@pytest.fixture(scope="module")
def inmate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A native program that tries everything; compiled here."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    program = tmp_path_factory.mktemp("inmate") / "inmate"
    source = Path(__file__).with_name("inmate.c")
    subprocess.run([compiler, "-O1", "-pthread", "-o", program, source], check=True)
    return program


def start(plan: LaunchPlan, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [write_launcher(plan), *arguments],
        env={"SECRET": "of the host"},
        stdin=subprocess.PIPE,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )


def errors(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    return {name: int(code) for name, code in (line.split() for line in done.stdout.splitlines())}


def run_script(
    script: str, *arguments: str | Path, python: str = sys.executable, path: Path = ROOT
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [python, "-c", script, *arguments],
        env={"PYTHONPATH": os.pathsep.join([str(path), *sys.path])},
        cwd="/",
        stdout=subprocess.PIPE,
        text=True,
    )


# -- what a native program inside can do --------------------------------------------------


def test_jail_refuses_every_attempt(inmate: Path, tmp_path: Path) -> None:
    done = start(LaunchPlan(inmate), "attempts", inmate, tmp_path)
    found = errors(done)

    assert len(found) == 29
    assert {name for name, code in found.items() if code == 0} == set()
    assert done.returncode == 0  # the last attempt, to start itself anew, came back too
    assert list(tmp_path.iterdir()) == []
    assert inmate.exists()


@pytest.mark.parametrize(
    ("layer", "still_refused"),
    [
        ("landlock", {"open-passwd", "open-proc", "open-folder", "create-file", "exec-shell"}),
        ("seccomp", {"tcp-socket", "unix-socket", "fork", "raw-fork", "kill-parent", "exec-shell"}),
    ],
)
def test_jail_layer_holds_alone(
    inmate: Path, tmp_path: Path, layer: str, still_refused: set[str]
) -> None:
    found = errors(start(LaunchPlan(inmate, layers=(layer,)), "layers", inmate, tmp_path))

    assert still_refused <= {name for name, code in found.items() if code}


def test_jail_landlock_alone_refuses_tcp_and_signals_where_the_kernel_can(
    inmate: Path, tmp_path: Path
) -> None:
    found = errors(start(LaunchPlan(inmate, layers=("landlock",)), "layers", inmate, tmp_path))

    assert found["tcp-socket"] == 0
    if "landlock-network" in probe_jail().layers:
        assert found["tcp-connect"] == 13
    if "landlock-scope" in probe_jail().layers:
        assert found["kill-parent"] == 1


def test_attempts_go_through_without_the_jail(inmate: Path, tmp_path: Path) -> None:
    found = errors(start(LaunchPlan(inmate, layers=()), "layers", inmate, tmp_path))

    assert {name for name, code in found.items() if code} <= {"tcp-connect"}  # nobody listens


def test_arguments_environment_and_descriptors_reach_nothing(inmate: Path) -> None:
    reading, writing = os.pipe()
    os.set_inheritable(reading, True)
    done = subprocess.run(
        [write_launcher(LaunchPlan(inmate)), "facts"],
        env={"SECRET": "of the host", "PYTHONPATH": "/tmp", "LD_PRELOAD": "/none.so"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        close_fds=False,
        text=True,
        check=True,
    )
    os.close(reading)
    os.close(writing)

    assert done.stdout.splitlines() == [
        "argument inmate",
        "argument facts",
        "descriptor 0 pipe",
        "descriptor 1 pipe",
        "descriptor 2 null",
        "descriptor 3 pipe",  # the lifeline
    ]


def test_jail_lets_threads_run(inmate: Path) -> None:
    assert errors(start(LaunchPlan(inmate), "thread")) == {"thread": 0}


@pytest.mark.skipif(LaunchPlan.machine != "x86_64", reason="calls of the x86 family")
@pytest.mark.parametrize(
    ("call", "deaths"),
    [("x32", {-signal.SIGSYS}), ("int80", {-signal.SIGSYS, -signal.SIGSEGV})],
)
def test_jail_kills_calls_of_other_architectures(inmate: Path, call: str, deaths: set[int]) -> None:
    done = start(LaunchPlan(inmate), call)

    assert done.returncode in deaths
    assert done.stdout == ""


def test_jail_limits_memory_files_and_cpu(inmate: Path) -> None:
    plan = LaunchPlan(inmate, limits=JailLimits(cpu_s=1, memory_mb=256))

    assert errors(start(plan, "memory", "64")) == {"memory": 0}
    assert errors(start(plan, "memory", "300")) == {"memory": 12}
    assert errors(start(plan, "files", inmate)) == {"files": 28}  # 32, of which 4 were open
    assert start(plan, "spin").returncode == -signal.SIGKILL


def test_crash_text_of_a_native_program_stays_off_the_screen(inmate: Path) -> None:
    done = start(LaunchPlan(inmate), "abort")

    assert done.returncode == -signal.SIGABRT
    assert done.stderr == ""


# -- the worker itself --------------------------------------------------------------------

OVERFLOW = "+".join(["1"] * 300_000)


def test_worker_answers_inside_the_jail() -> None:
    with (
        pydantic_monty.Monty(binary_path=launcher()) as pool,
        pool.checkout(type_check=True) as session,
    ):
        assert session.feed_run("import math\nsum([math.floor(x / 2) for x in range(9)])") == 16
        with pytest.raises(pydantic_monty.MontyTypingError):
            session.feed_run("y: int = 'text'")


def test_worker_has_no_power_of_root_whoever_starts_it() -> None:
    with (
        pydantic_monty.Monty(binary_path=launcher()) as pool,
        pool.checkout() as session,
    ):
        status = Path(f"/proc/{session.worker_pid}/status").read_text()
    held = dict(line.split(":\t") for line in status.splitlines() if line.startswith("Cap"))
    assert {held[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    if os.geteuid() == 0:
        assert held["CapBnd"] == "0" * 16


def test_worker_crash_text_stays_off_the_screen(capfd: pytest.CaptureFixture[str]) -> None:
    def crash(program: Path) -> str:
        with pydantic_monty.Monty(binary_path=program) as pool:
            with pool.checkout() as session, pytest.raises(pydantic_monty.MontyCrashedError):
                session.feed_run(OVERFLOW)
            with pool.checkout() as session:
                assert session.feed_run("1 + 1") == 2
        return capfd.readouterr().err

    assert "overflowed its stack" in crash(monty_binary())
    assert crash(launcher()) == ""


def test_worker_outlives_the_thread_that_started_it() -> None:
    sessions = []
    with pydantic_monty.Monty(binary_path=launcher(), min_processes=0) as pool:
        checkout = pool.checkout()
        thread = threading.Thread(target=lambda: sessions.append(checkout.__enter__()))
        thread.start()
        thread.join()
        assert sessions[0].feed_run("40 + 2") == 42
        checkout.__exit__(None, None, None)


HOST = """
import sys, threading
import pydantic_monty
from vprog.jail.jail import JailLimits
from vprog.jail.launcher import LaunchPlan, write_launcher
from vprog.jail.worker_files import monty_binary
limits = JailLimits(cpu_s=1 if sys.argv[1] == "limit" else 600, memory_mb=1024)
plan = LaunchPlan(monty_binary(), limits)
layers = tuple(name for name in plan.layers if name != "lifeline" or sys.argv[1] == "lifeline")
plan = LaunchPlan(plan.program, plan.limits, layers=layers, required=layers)
with pydantic_monty.Monty(binary_path=write_launcher(plan)) as pool:
    with pool.checkout() as session:
        print(session.worker_pid, flush=True)
        session.feed_run("while True: pass")
"""


@pytest.mark.parametrize("ended_by", ["lifeline", "limit"])
def test_no_worker_runs_on_after_kill_9_of_the_host(ended_by: str) -> None:
    with run_script(HOST, ended_by) as host:
        assert host.stdout is not None
        worker = os.pidfd_open(int(host.stdout.readline()))
        host.send_signal(signal.SIGKILL)
    wait = select.poll()
    wait.register(worker, select.POLLIN)

    assert wait.poll(DEADLINE_S * 1000), "the worker still runs"
    os.close(worker)


NOBODY = """
import sys
from pathlib import Path
from vprog.jail.jail import probe_plan
from vprog.jail.launcher import LaunchPlan
report = probe_plan(LaunchPlan(Path(sys.argv[1])))
print(report.holds, report.missing)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root can become another user"
)
def test_jail_holds_for_nobody() -> None:
    import pwd

    nobody = pwd.getpwnam("nobody")
    others = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    for python in (LaunchPlan.python, "/usr/bin/python3"):
        try:
            done = subprocess.run(
                [python, "-c", NOBODY, monty_binary()],
                env={"PYTHONPATH": str(ROOT)},
                cwd="/",
                capture_output=True,
                text=True,
                timeout=DEADLINE_S,
                check=True,
                **others,  # type: ignore[call-overload]
            )
        except (OSError, subprocess.CalledProcessError):
            continue  # that Python, the project or the worker is not open to nobody
        assert done.stdout == "True ()\n"
        return
    pytest.skip("no Python that nobody may start")


# -- what is told -------------------------------------------------------------------------


def test_probe_reports_what_was_tried() -> None:
    report = probe_jail()

    assert report.holds
    assert report.allowed == ()
    assert {"read a file", "TCP socket", "exec", "signal the host", "fork"} <= set(report.refused)
    assert {*LaunchPlan.layers, "no-new-privs"} <= set(report.layers)
    assert report.start == "memory"


@pytest.mark.parametrize("left_out", ["landlock", "seccomp", "limits"])
def test_probe_names_a_layer_that_is_missing(left_out: str) -> None:
    layers = tuple(layer for layer in LaunchPlan.layers if layer != left_out)

    report = probe_plan(LaunchPlan(monty_binary(), layers=layers))

    assert not report.holds
    assert f"{left_out}: left out" in report.missing[0]
    assert left_out not in report.layers
    assert report.start == "memory"  # the rest is closed all the same


@pytest.mark.parametrize(
    ("abi", "missing"),
    [
        (1, ["landlock-network", "landlock-scope"]),
        (2, ["landlock-network", "landlock-scope"]),
        (3, ["landlock-network", "landlock-scope"]),
        (4, ["landlock-scope"]),
        (5, ["landlock-scope"]),
        (6, []),
    ],
)
def test_probe_names_what_an_older_kernel_lacks(abi: int, missing: list[str]) -> None:
    report = probe_plan(LaunchPlan(monty_binary(), landlock_abi=abi))

    assert report.holds  # seccomp stands before each of these
    assert [name.split(" ")[0] for name in report.missing] == missing


def test_probe_names_an_unknown_processor() -> None:
    report = probe_plan(LaunchPlan(monty_binary(), machine="riscv64"))

    assert not report.holds
    assert report.missing == ("os-jail (seccomp: no filter for this processor)",)


def test_probe_says_when_the_launcher_does_not_start() -> None:
    with pytest.raises(ValueError, match="exit 127"):
        probe_plan(LaunchPlan(monty_binary(), python="/no/such/python"))


@pytest.mark.parametrize("limits", [(0, 1024), (60, 255)])
def test_jail_limits_refuse_what_no_worker_can_live_with(limits: tuple[int, int]) -> None:
    with pytest.raises(ConfigError, match="must be at least"):
        JailLimits(*limits)
