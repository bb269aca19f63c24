"""stdout belongs to the answer: what else prints, closes or leaves threads behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.cli.command import environment, finish, start

pytestmark = pytest.mark.usefixtures("home")

COMMAND = """
import ctypes, os, sys
from vprog.cli.main import main
from vprog.cli.command_errors import reports_errors
from vprog.cli.output import say
import vprog.cli.main as entry

def work(**given):
    {body}
    say("the answer")
    return {code}

entry.cli.main = lambda **_: reports_errors(work)()
main()
"""


def run(body: str, code: int = 0) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", COMMAND.format(body=body, code=code)],
        capture_output=True, text=True, env=environment(), timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("body", "err"),
    [
        ("print('more')", "more\n"),
        ("os.write(1, b'more\\n')", "more\n"),
        ("ctypes.CDLL(None).puts(b'more')", "more\n"),
        ("os.system('echo more')", "more\n"),
        ("import atexit; atexit.register(print, 'more')", "more\n"),
        ("sys.stdout.close()", ""),
        ("os.closerange(0, 3)", ""),
    ],
)
def test_what_else_prints_goes_to_stderr(body: str, err: str) -> None:
    assert run(body) == (0, "the answer\n", err)


def test_thread_that_goes_on_does_not_hold_the_end_up() -> None:
    body = "import threading, vprog.solver.engine; threading.Thread(target=threading.Event().wait)"
    assert run(f"{body}.start()", code=7) == (7, "the answer\n", "")


@pytest.mark.parametrize("command", ["solve", "run"])
@pytest.mark.parametrize("arguments", [["--no-such-option"], ["--max-seconds", "soon"]])
def test_json_is_one_object_also_where_the_command_is_wrong(
    command: str, arguments: list[str]
) -> None:
    ran = finish(start(command, "clip.mp4", "question", "--json", *arguments))
    assert ran.code == 2
    assert ran.json["status"] == "unreadable"
    assert ran.json["error"]["code"] == "usage"
    assert arguments[0] in ran.json["error"]["message"]


def test_json_option_of_another_command_stays_an_error_in_words() -> None:
    ran = finish(start("trace", "list", "--json", "--no-such-option"))
    assert (ran.code, ran.out) == (2, "")


def test_descriptors_are_as_they_were_after_a_command() -> None:
    before = sorted(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else []
    from tests.cli.command import vprog

    assert json.loads(vprog("config", "--json").out)
    after = sorted(os.listdir("/proc/self/fd")) if before else []
    assert len(after) == len(before)
