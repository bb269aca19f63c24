"""The launcher: from odd places, in forked processes, and when a layer fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from vprog.jail.jail import JailLimits, launcher, probe_jail, probe_plan
from vprog.jail.launcher import LaunchPlan, write_launcher
from vprog.jail.worker_files import monty_binary
from vprog.settings import Settings

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not probe_jail().holds,
    reason=f"no jail here: {', '.join(probe_jail().missing)}",
)


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


def test_launcher_is_made_once_per_limits() -> None:
    limits = JailLimits.of(Settings())
    assert launcher() == launcher(limits) != launcher(replace(limits, cpu_s=7))


@pytest.mark.parametrize("in_folder", [False, True])
def test_launcher_works_from_odd_paths(tmp_path: Path, in_folder: bool) -> None:
    odd = tmp_path / 'it\'s a "strange" $HOME; place é'
    odd.mkdir()
    program, python = odd / "the worker", odd / "python 3"
    shutil.copy(monty_binary(), program)
    python.symlink_to(LaunchPlan.python)

    report = probe_plan(LaunchPlan(program, python=str(python), in_folder=in_folder))

    assert report.holds, report.missing


@pytest.mark.skipif(os.geteuid() != 0, reason="only root meets folders that it needs a power for")
def test_launcher_of_root_works_from_a_folder_that_is_closed_to_others(tmp_path: Path) -> None:
    closed = tmp_path / "somebody's"
    closed.mkdir()
    program = closed / "worker"
    shutil.copy(monty_binary(), program)
    for path in (program, closed):
        os.chown(path, 65534, 65534)
        path.chmod(0o700)
    assert probe_plan(LaunchPlan(program)).holds


def test_launcher_works_from_a_read_only_installation_with_a_space(tmp_path: Path) -> None:
    installed = tmp_path / "program files"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "vprog" / "jail", installed / "vprog" / "jail", ignore=ignore)
    for name in ("errors.py", "exit_status.py", "settings.py", "once.py"):
        shutil.copy(ROOT / "vprog" / name, installed / "vprog")
    (installed / "vprog" / "__init__.py").touch()
    for folder, _, files in os.walk(installed):
        for name in files:
            Path(folder, name).chmod(0o444)  # no executable bit, as out of a wheel
        Path(folder).chmod(0o555)
    script = (
        "from vprog.jail import jail; assert 'program files' in jail.__file__;"
        "print(jail.probe_jail().holds, jail.launcher())"
    )

    with run_script(script, path=installed) as host:
        printed = host.communicate()[0]

    for folder, _, _ in os.walk(installed):
        Path(folder).chmod(0o755)
    assert printed.startswith("True /proc/")


def test_launcher_in_a_folder_is_removed_at_exit() -> None:
    script = (
        "from vprog.jail.launcher import *; from vprog.jail.worker_files import *;"
        "print(write_launcher(LaunchPlan(monty_binary(), in_folder=True)).parent)"
    )
    with run_script(script) as host:
        folder = Path(host.communicate()[0].strip())

    assert folder.name.startswith("vprog-jail-")
    assert not folder.exists()


FORK = """
import os, subprocess
from vprog.jail.jail import launcher
mine = launcher()
if os.fork() == 0:
    assert launcher() != mine
    os._exit(subprocess.run([launcher(), "--version"], env={}).returncode)
print(os.waitstatus_to_exitcode(os.wait()[1]))
"""


def test_launcher_of_a_forked_process_is_its_own() -> None:
    with run_script(FORK) as host:
        assert host.communicate()[0].endswith("\n0\n")


def test_launcher_stops_a_worker_whose_layer_does_not_hold(tmp_path: Path) -> None:
    program = tmp_path / "worker"
    shutil.copy(monty_binary(), program)
    plan = LaunchPlan(program)
    strict, lax = write_launcher(plan), write_launcher(replace(plan, required=()))
    program.unlink()  # the rule for it can no longer be made

    assert subprocess.run([strict], env={}).returncode == 71
    assert subprocess.run([lax], env={}).returncode == 72
