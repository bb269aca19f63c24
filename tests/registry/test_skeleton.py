from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.drawing import draw_video
from vprog.errors import DiskFullError, UsageError
from vprog.registry.skeleton import write_skeleton

SOLVE = """\
import json, sys
import vprog
clip, script = sys.argv[1:]
result = vprog.solve(clip, "How light is it?", llm="scripted:" + script)
print(json.dumps([result.status, result.answer, str(result.error or "")]))
ran = vprog.run(clip, "answer(estimate_glare(frame_at(video, 0.5)))")
print(json.dumps([ran.status, ran.answer, str(ran.error or "")]))
"""
SCRIPT = """\
I look once.
```python
answer(round(estimate_glare(frame_at(video, 0.5), scale=2), 6))
```
---
```python
frame = frame_at(video, 0.5)
light = estimate_glare(frame)
answer(light, evidence=[frame])
```
"""


def test_skeleton_writes_a_package(tmp_path: Path) -> None:
    written = write_skeleton("estimate_depth", tmp_path / "new")
    root = tmp_path / "new" / "vprog-estimate-depth"
    assert [str(path.relative_to(root)) for path in written] == [
        "README.md",
        "pyproject.toml",
        "vprog_estimate_depth/__init__.py",
        "vprog_estimate_depth/estimate_depth.py",
        "tests/test_estimate_depth.py",
    ]
    texts = [path.read_text(encoding="utf-8") for path in written]
    assert not [text for text in texts if "@task@" in text or "@package@" in text]
    assert '[project.entry-points."vprog.modules"]\nvprog_estimate_depth = ' in texts[1]


@pytest.mark.parametrize(
    "task",
    [
        *("", "Depth", "2d", "a b", "a__b", "_a", "a-b", "../x", "class", "answer", "video"),
        *("len", "é", "a" * 41),
    ],
)
def test_skeleton_refuses_words_that_cannot_be_tasks(task: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Use a verb"):
        write_skeleton(task, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_skeleton_refuses_a_task_that_is_taken_or_a_folder_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"of this name.*@implements"):
        write_skeleton("detect", tmp_path, taken={"detect"})
    write_skeleton("detect", tmp_path)
    with pytest.raises(UsageError, match="is there already"):
        write_skeleton("detect", tmp_path)


def test_skeleton_says_when_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskFullError, match="cannot be written: Not a directory"):
        write_skeleton("detect", tmp_path / "file")


def test_skeleton_builds_installs_conforms_and_solves(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    write_skeleton("estimate_glare", tmp_path)
    root, installed = tmp_path / "vprog-estimate-glare", tmp_path / "installed"
    search = os.pathsep.join([str(installed), *(path for path in sys.path if path)])
    environment = {
        **os.environ,
        "PYTHONPATH": search,
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }

    def run(*command: str) -> str:
        ended = subprocess.run(
            [sys.executable, *command],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index")
    run(*pip, "--no-deps", "--no-build-isolation", "--target", str(installed), ".")
    run("-m", "pytest", "-q", "-p", "no:cacheprovider")

    clip = draw_video(tmp_path / "clip.mp4", 10)
    script = tmp_path / "script.txt"
    script.write_text(SCRIPT)
    solved, ran = (
        json.loads(line) for line in run("-c", SOLVE, str(clip), str(script)).splitlines()
    )
    assert solved[0] == "answered", solved
    assert ran[0] == "answered", ran
    assert solved[1] == ran[1]
    assert 0.2 < ran[1] < 0.6
