"""The command line in the tests: in this process where it is enough, else as a real one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from vprog.cli.main import cli

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-c", "from vprog.cli.main import main; main()"]


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout, which must be one JSON value and nothing else."""
        return json.loads(self.out)


def vprog(*arguments: object, stdin: str | None = None) -> Ran:
    """Run a command in this process."""
    result = CliRunner().invoke(
        cli, [str(argument) for argument in arguments], input=stdin, standalone_mode=False
    )
    error = result.exception
    if error is not None and not isinstance(error, SystemExit):
        raise error
    code = result.return_value if isinstance(result.return_value, int) else result.exit_code
    return Ran(code, result.stdout, result.stderr)


def environment(**more: str) -> dict[str, str]:
    """What a child process needs to find the project and its modules."""
    paths = os.pathsep.join((str(ROOT), str(ROOT / "modules")))
    return {**os.environ, "PYTHONPATH": paths, **more}


def start(
    *arguments: object, env: dict[str, str] | None = None, **given: Any
) -> subprocess.Popen[str]:
    """Start a command as a process of its own."""
    return subprocess.Popen(
        [*COMMAND, *(str(argument) for argument in arguments)],
        stdout=given.pop("stdout", subprocess.PIPE),
        stderr=given.pop("stderr", subprocess.PIPE),
        stdin=given.pop("stdin", subprocess.DEVNULL),
        env=environment(**(env or {})),
        text=True,
        **given,
    )


def finish(process: subprocess.Popen[str], timeout: float = 60.0) -> Ran:
    """Wait for the end of a process."""
    out, err = process.communicate(timeout=timeout)
    return Ran(process.returncode, out or "", err or "")


def workers_of(pid: int) -> set[int]:
    """The processes below one that still live, by number."""
    found: set[int] = set()
    for path in Path("/proc").iterdir():
        if not path.name.isdigit():
            continue
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        if parent == pid:
            found.add(int(path.name))
    return found


def is_running(pid: int) -> bool:
    """Whether a process lives; one that only waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
