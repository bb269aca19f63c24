from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.vocabulary import shipped_modules, shipped_signatures
from vprog.execute.cell_checks import refuse
from vprog.program.program import Program
from vprog.program.stubs import stub_text
from vprog.sandbox.pool import Pool

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


def run_example(name: str, folder: Path, *arguments: str) -> str:
    """What an example prints."""
    ended = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name), *arguments],
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


def test_accept_real_weights_reads_a_sign_and_says_what_is_not_here(tmp_path: Path) -> None:
    *rows, counts = run_example("accept_real_weights.py", tmp_path, str(tmp_path)).splitlines()
    verdicts = {row[10:].split()[0]: row[:9].strip() for row in rows}
    assert verdicts["read_text/ReadTextRapid"] == "right"
    assert verdicts["detect/DetectNanodet"] == "no file"
    assert verdicts["ask/AskOpenAI"] == "not here"
    assert ", 0 WRONG, " in counts


def test_accept_real_weights_has_a_program_for_every_task_that_a_model_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    from accept_real_weights import CHECKS

    learned = {spec.task for spec in shipped_modules() if spec.weights or spec.vlm_kind}
    checked = {check.task for check in CHECKS}
    assert learned <= checked
    with closing(Pool(size=1, stubs=stub_text(shipped_signatures()))) as pool:
        for check in CHECKS:
            names = {signature.name for signature in shipped_signatures()}
            program = Program(check.program.strip())
            failed = refuse(pool, program, modules=names, must_end=True)
            assert failed is None, f"{check.task}: {failed}"
            assert f"{check.task}(" in check.program


def test_class_for_ray_data_answers_a_batch_in_its_order(
    clip: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    from ask_in_ray_data import AskVideos

    batch = {  # as Ray Data hands it over
        "video": np.array([str(clip), "none.mp4", str(clip)], dtype=object),
        "question": np.array(["How long is the video?"] * 2 + ["What is the frame rate?"], object),
    }
    with (asker := AskVideos(preset="core")).engine:
        answered = asker(batch)
    assert answered["video"] == [str(clip), "none.mp4", str(clip)]
    assert answered["answer_number"] == [2.0, None, 10.0]
    assert answered["status"] == ["answered", "unreadable", "answered"]
