"""vprog in inspect_ai, run by the real harness on a drawn clip."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

inspect_ai = pytest.importorskip("inspect_ai", reason="the harness has an environment of its own")

pytestmark = [
    pytest.mark.usefixtures("home"),
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture
def cases(tmp_path: Path, clip: Path) -> Path:
    rows = [
        {"id": "long", "question": "How long is the video?", "answer": 2.0},
        {"id": "off", "question": "How many shots are there?", "answer": 7},
        {"id": "how", "question": "Why is it quiet?", "answer": "a library"},
        {"id": "nobody", "question": "Why is it quiet?", "answer": None},
        {"id": "mc", "question": "How many shots?", "choices": ["1", "2"], "answer": "A"},
    ]
    file = tmp_path / "cases.jsonl"
    file.write_text("".join(json.dumps({**row, "video": str(clip)}) + "\n" for row in rows))
    return file


def test_inspect_scores_cases_with_coverage_beside_accuracy(cases: Path, tmp_path: Path) -> None:
    from vprog.harness import inspect_plugin

    (log,) = inspect_ai.eval(
        inspect_plugin.cases(str(cases)),
        model="none/none",
        log_dir=str(tmp_path / "logs"),
        display="none",
    )
    assert log.status == "success"
    metrics = {name: metric.value for name, metric in log.results.scores[0].metrics.items()}
    assert metrics["accuracy"] == pytest.approx(3 / 5)
    assert metrics["coverage"] == pytest.approx(3 / 5)
    assert metrics["accuracy_answered"] == pytest.approx(2 / 3)
    scores = {sample.id: sample.scores["vprog_scorer"] for sample in log.samples}
    assert {name: score.value for name, score in scores.items()} == {
        "long": "C", "off": "I", "how": "N", "nobody": "C", "mc": "C",
    }  # fmt: skip
    assert scores["how"].metadata["status"] == "abstained"
    assert scores["long"].metadata["cost"]["module_calls"]["issued"] >= 1


def test_inspect_tools_answer_about_files_of_their_folder_alone(clip: Path) -> None:
    from inspect_ai.tool import ToolError

    from vprog.harness.inspect_plugin import ask_video, run_program

    async def use() -> tuple[str, str]:
        with pytest.raises(ToolError, match="no video"):
            await ask_video(str(clip.parent))("../../etc/passwd", "How long is it?")
        return (
            await ask_video(str(clip.parent))(clip.name, "How long is the video?"),
            await run_program(str(clip.parent))(clip.name, "answer(len(find_shots(video)))"),
        )

    asked, ran = asyncio.run(use())
    assert json.loads(asked)["answer"] == 2.0
    assert json.loads(ran)["answer"] == 1
