"""The question alone: what is sent, and which replies give the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.server import ChatServer, refuses, says
from tests.replays.conftest import Run
from vprog.errors import ConfigError
from vprog.evaluation.audit.audit_run import ask_text_only, says_answer
from vprog.replays.recorded_run import open_run


def script(tmp_path: Path, text: str) -> str:
    path = tmp_path / "text_only.txt"
    path.write_text(text, encoding="utf-8")
    return f"scripted:{path}"


@pytest.mark.parametrize(
    ("text", "answer", "is_same"),
    [
        ("3", 3, True),
        ("There are 3 of them.", 3, True),
        ("3.0", 3, True),
        ("2 or 3", 3, False),
        ("four", 4, False),
        ("2.5 s", 2.5, True),
        ("from 1 to 2.5", [1.0, 2.5], True),
        ("A  cake.", "a cake", True),
        ("a pie", "a cake", False),
        ("red, blue", ["red", "blue"], True),
        ("red", ["red", "blue"], False),
        ("", 3, False),
    ],
)
def test_says_answer(text: str, answer: object, is_same: bool) -> None:
    assert says_answer(text, answer) is is_same


def test_ask_text_only_reads_a_choice_by_its_letter_or_text(run: Run, tmp_path: Path) -> None:
    recorded = run("answer(choices[1])", question="Which side?", choices=["left", "right"])
    run = open_run(recorded.trace_path, {})  # type: ignore[arg-type]
    ablations = [
        ask_text_only(run, script(tmp_path, reply)) for reply in ("B", "right.", "A", "no idea")
    ]
    assert [ablation.is_same for ablation in ablations] == [True, True, False, False]
    assert [ablation.answer for ablation in ablations] == ["right", "right", "left", "no idea"]


def test_ask_text_only_of_a_model_that_gives_nothing_is_unknown(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    run = open_run(run("answer(3)", question="How many?").trace_path, {})  # type: ignore[arg-type]
    with ChatServer([refuses(401, "no")]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        ablation = ask_text_only(run, "openai:tiny")
    assert (ablation.is_same, ablation.answer) == (None, None)
    assert ablation.why.startswith("llm_error: ")


def test_ask_text_only_sends_the_question_and_nothing_of_the_video(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    recorded = run("answer(choices[0])", question="Which side?", choices=["left", "right"])
    with ChatServer([says("A")]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        assert ask_text_only(open_run(recorded.trace_path, {}), "openai:tiny").is_same is True  # type: ignore[arg-type]
        (run,) = server.asked
    sent = str(run)
    assert "Which side?" in sent
    assert "right" in sent
    assert "film" not in sent
    assert "image" not in sent


def test_ask_text_only_of_no_model_is_an_error(run: Run, tmp_path: Path) -> None:
    run = open_run(run("answer(3)").trace_path, {})  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="cannot be read"):
        ask_text_only(run, f"scripted:{tmp_path}/nowhere.txt")
