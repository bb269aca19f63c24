"""`vprog view`: prints its address, answers there, and ends with Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

import vprog
from vprog.registry.registry import Registry


def begin(*arguments: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "vprog", "view", *map(str, arguments), "--no-browser"]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another signal there")
@pytest.mark.parametrize("shown", ["last", "folder", "run"])
def test_view_serves_a_run_or_a_folder_until_ctrl_c(
    shown: str, clip: Path, home: Path, registry: Registry
) -> None:
    result = vprog.run(clip, "answer(1)", question="How many?", registry=registry)
    assert result.trace_path is not None
    named: dict[str, str | Path] = {
        "last": "last", "folder": result.trace_path.parent, "run": result.trace_path,
    }  # fmt: skip
    process = begin(named[shown])
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/.*\?token=[\w-]{20,}", url)
        with urlopen(url, timeout=30) as reply:
            page = reply.read().decode()
        assert ("How many?" in page) == (shown != "folder")
    finally:
        process.send_signal(signal.SIGINT)
        _, notes = process.communicate(timeout=30)
    assert (process.returncode, notes.strip()) == (0, "Ctrl-C ends it")


@pytest.mark.usefixtures("home")
def test_view_of_no_run_says_what_to_do() -> None:
    process = begin("no-such-run")
    _, notes = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "vprog trace list" in notes
