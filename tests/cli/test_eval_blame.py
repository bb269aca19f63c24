"""`vprog eval --blame` on a drawn world: modules that are always wrong, and their true twins."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from benchmarks.strategies_on_worlds import LOSES_A_STEP, RIGHT, written
from benchmarks.world_readers import install
from tests.cli.command import finish, start, vprog

pytestmark = pytest.mark.usefixtures("home")
ORACLES = ("--oracle", "read_start=ReadStartTruth", "--oracle", "read_step=ReadStepTruth")


@pytest.mark.parametrize(
    ("kind", "n_right", "lost_to"),
    [(RIGHT, 1, "several modules together"), (LOSES_A_STEP, 0, "the program")],
)
def test_blame_tells_modules_and_program_apart(
    tmp_path: Path, kind: str, n_right: int, lost_to: str
) -> None:
    worlds, out = tmp_path / "worlds", tmp_path / "run"
    vprog("worlds", "make", "counter", "-o", worlds, "--count", "2", "--operations", "5")
    env = install(tmp_path, worlds, noise=1.0)
    lines = (worlds / "cases.jsonl").read_text().splitlines()
    case = next(json.loads(line) for line in lines if "at the end?" in line)
    (worlds / "one.jsonl").write_text(json.dumps(case))
    program = "\n".join(written(case["question"], kind, 4.0))
    (tmp_path / "replies.txt").write_text(f"```python\n{program}\n```\n")

    def run(*arguments: object) -> Any:
        ran = finish(start("eval", *arguments, "--json", env=env))
        assert ran.code == 0, ran.err
        return ran.json

    ran = run(worlds / "one.jsonl", "-o", out, "--strategy", "program", "--llm",
              f"scripted:{tmp_path / 'replies.txt'}")  # fmt: skip
    assert ran["overall"]["wrong"] == 1
    table, lost = run("--blame", out, *ORACLES)["tables"]
    assert [row[2].split()[0] for row in table["rows"]] == ["0", "0", "0", str(n_right)]
    assert [row[:2] for row in lost["rows"]] == [[lost_to, "1"]]
    assert "What wrong answers are lost to" in (out / "report.html").read_text()
    # With true values known, an error is one of perception or of reasoning.
    classes, *_ = run("--diagnose", out)["tables"]
    counted = {row[0].partition(":")[0]: row[1] for row in classes["rows"]}
    assert counted["VPE" if n_right else "RE"] == "1"
    assert "Video-Holmes" in (out / "report.md").read_text()
    # A model that is named sorts them too, and what it was told stands in report and archive.
    judge = tmp_path / "judge.txt"
    judge.write_text("RE\n")
    tables = run("--diagnose", out, "--judge-model", f"scripted:{judge}")["tables"]
    by_model = next(table for table in tables if table["name"] == "judged-classes")
    assert ["RE: reasoning", "1"] in by_model["rows"]
    assert "Reply with the one word VPE" in (out / "report.html").read_text()
    with zipfile.ZipFile(out / "archive.zip") as archive:
        assert "tables/judged-prompts.json" in archive.namelist()
    # Once more: nothing is made again.
    made = (out / "blames.jsonl").read_bytes()
    run("--blame", out, *ORACLES)
    assert (out / "blames.jsonl").read_bytes() == made


def test_blame_needs_to_know_the_truth(tmp_path: Path) -> None:
    ran = vprog("eval", "--blame", tmp_path)
    assert (ran.code, "no oracle" in ran.err) == (2, True)
    ran = vprog("eval", "--blame", tmp_path, "--oracle", "read_text")
    assert (ran.code, "expected TASK=NAME" in ran.err) == (2, True)
