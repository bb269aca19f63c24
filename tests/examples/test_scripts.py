from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


def run_example(name: str, folder: Path) -> str:
    """What an example prints."""
    ended = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name)],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(item for item in sys.path if item),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CACHE_HOME": str(folder / "cache"),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_run_my_own_program_shows_answer_evidence_and_lines(tmp_path: Path) -> None:
    lines = run_example("run_my_own_program.py", tmp_path).splitlines()
    assert lines[0] == "answer: 1.0"
    assert lines[1] == "  from 11.0 to 12.0 s, supported: True"
    assert "  line 7: colours = ['white', 'blue', 'green']" in lines


def test_write_a_module_finds_the_picture_with_the_most_contrast(tmp_path: Path) -> None:
    assert (
        run_example("write_a_module.py", tmp_path) == "most contrast at 8.0 s: A light picture.\n"
    )
