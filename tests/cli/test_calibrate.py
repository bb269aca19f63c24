"""`vprog calibrate` and the flags of the paths, on a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import looking
from tests.cli.command import vprog
from tests.drawing import draw_video
from tests.llm.server import ChatServer
from tests.modules.vlm.chat_replies import sure
from vprog.solver import runtimes, solver


@pytest.fixture(autouse=True)
def apart(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    for name in ("VPROG_VLM", "VPROG_MODE", "VPROG_THRESHOLD", "VPROG_FLOOR"):
        monkeypatch.delenv(name, raising=False)
    yield
    solver.close()


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """A dozen questions about one clip; the model that looks is right where it is sure."""
    draw_video(tmp_path / "clip.mp4", 20)
    rows = [
        {
            "video": "clip.mp4",
            "question": f"What is thing {at}?",
            "choices": ["red", "blue"],
            "answer": "red",
        }
        for at in range(12)
    ]
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_calibrate_fits_and_solve_uses_it(
    cases: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(runtimes, "discover", lambda: looking.REGISTRY)
    replies = [sure("A", 0.6) if at % 2 else sure("B", 0.3) for at in range(12)]
    with ChatServer([*replies, sure("A", 0.6)]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        ran = vprog("calibrate", cases, "--vlm", "openai:tiny", "--json")
        assert ran.code == 0
        clip = cases.parent / "clip.mp4"
        solved = vprog(
            "solve", clip, "What is this?", "--choice", "red", "--choice", "blue",
            "--vlm", "openai:tiny", "--json",
        )  # fmt: skip
    fitted = ran.json
    fast = fitted["paths"][0]
    assert (fast["path"], fast["n_cases"], fast["n_right"]) == ("fast", 12, 6)
    assert fast["error_before"] == pytest.approx((0.4 + 0.3) / 2)
    # The rules answer none of these: every threshold serves as well, the lowest is cheapest.
    assert fitted["auto"] == [0.0, 0.5, 1.0]
    assert Path(fitted["file"]).is_file()
    assert (solved.json["path"], solved.json["score"]) == ("fast", 0.6)
    assert solved.json["confidence"] == pytest.approx(6.5 / 7, abs=1e-4)


def test_calibrate_asks_by_the_strategy_and_keeps_a_map_for_it_alone(tmp_path: Path) -> None:
    clip = draw_video(tmp_path / "clip.mp4", 20)
    rows = [
        {"video": "clip.mp4", "question": f"How many red squares, {at}?", "answer": 1 + at % 2}
        for at in range(12)
    ]
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    program = "found = find_colour(frame_at(video, 0.5), 'red')\nanswer(len(found), evidence=found)"
    script = tmp_path / "replies.txt"
    script.write_text(f"```python\n{program}\n```", encoding="utf-8")
    llm = ("--llm", f"scripted:{script}")
    ran = vprog("calibrate", tmp_path / "cases.jsonl", *llm, "--strategy", "params", "--json")
    assert ran.code == 0
    assert ran.json["calibration"]["strategy"] == "params"
    assert ran.json["file"].endswith("auto.params.json")
    (path,) = ran.json["paths"]
    assert (path["path"], path["n_right"], path["n_scored"]) == ("slow", 6, 12)
    ask = ("solve", clip, "How many red squares are there?", *llm, "--json")
    kept, plain = (vprog(*ask, "--strategy", name).json for name in ("params", "program"))
    # The map is of scores after the maximum: the share of the variants stands in them.
    assert (kept["answer"], kept["confidence"]) == (1, 0.5)
    assert kept["score"] in ran.json["calibration"]["maps"]["slow"]["scores"]
    assert (plain["answer"], plain["confidence"]) == (1, None)


def test_calibrate_fits_routes_from_evaluations(tmp_path: Path) -> None:
    draw_video(tmp_path / "clip.mp4", 20)
    rows = [
        {"id": str(at), "video": "clip.mp4", "question": f"How many red squares, {at}?",
         "answer": 1}
        for at in range(6)
    ]  # fmt: skip
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    program = "found = find_colour(frame_at(video, 0.5), 'red')\nanswer(len(found), evidence=found)"
    script = tmp_path / "replies.txt"
    script.write_text(f"```python\n{program}\n```", encoding="utf-8")
    llm, runs = ("--llm", f"scripted:{script}"), tmp_path / "runs"
    alone = vprog("calibrate", "--routes", tmp_path)
    assert alone.code == 2
    assert "there are no results of two strategies" in alone.err
    asked = vprog(
        "eval", tmp_path / "cases.jsonl", "-o", runs, "--strategies", "program,look_first", *llm
    )
    assert asked.code == 0
    fitted = vprog("calibrate", "--routes", runs, "--json")
    assert fitted.code == 0
    (kind,) = fitted.json["routes"]["kinds"].items()
    assert kind[0] == "count"
    costs = {row["strategy"]: (row["n_right"], row["llm_calls"]) for row in kind[1]}
    assert costs == {"look_first": (6, 1.0), "program": (6, 1.0)}
    shown = vprog("calibrate", "--routes", runs)
    assert "program          6/6 right, 1.0 requests" in shown.out
    solved = vprog(
        "solve", tmp_path / "clip.mp4", "How many red squares are there?", *llm,
        "--strategy", "route", "--json",
    )  # fmt: skip
    assert solved.json["answer"] == 1
    assert any("6 of 6 right" in warning for warning in solved.json["warnings"])
    Path(fitted.json["file"]).write_text("{", encoding="utf-8")
    torn = vprog("solve", tmp_path / "clip.mp4", "How many?", *llm, "--strategy", "route", "--json")
    assert "no table of routes" in torn.json["error"]["message"]


def test_calibrate_refuses_routes_measured_with_and_without_a_vlm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtimes, "discover", lambda: looking.REGISTRY)
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    draw_video(tmp_path / "clip.mp4", 5)
    row = {"video": "clip.mp4", "question": "How many red squares are there?", "answer": 1}
    (tmp_path / "cases.jsonl").write_text(json.dumps(row), encoding="utf-8")
    script = tmp_path / "replies.txt"
    script.write_text("```python\nanswer(1)\n```", encoding="utf-8")
    runs = tmp_path / "runs"
    with ChatServer([sure("1", 0.95)] * 4) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        for strategy, more in (("program", ()), ("look_first", ("--vlm", looking.VLM))):
            ran = vprog(
                "eval", tmp_path / "cases.jsonl", "-o", runs / strategy, "--strategy", strategy,
                "--llm", f"scripted:{script}", *more,
            )  # fmt: skip
            assert ran.code == 0, ran.err
    mixed = vprog("calibrate", "--routes", runs)
    assert mixed.code == 2
    assert "several models (vlm): none, openai:tiny" in mixed.err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--strategy", "params"), "needs a language model"),
        (("--strategy", "prams"), 'Did you mean "params"'),
        (("--set", "embedder=nomic"), 'unknown kind of embedder "nomic"'),
    ],
)
def test_calibrate_by_what_cannot_be_keeps_nothing(
    tmp_path: Path, given: tuple[str, str], words: str
) -> None:
    row = {"video": "clip.mp4", "question": "How long is the video?", "answer": 2.0}
    (tmp_path / "cases.jsonl").write_text(json.dumps(row), encoding="utf-8")
    ran = vprog("calibrate", tmp_path / "cases.jsonl", *given)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert not (tmp_path / "state").exists()


def test_calibrate_prints_figures_and_says_what_it_could_not_fit(
    tmp_path: Path,
) -> None:
    draw_video(tmp_path / "clip.mp4", 20)
    row = {"video": "clip.mp4", "question": "How long is the video?", "answer": 2.0}
    (tmp_path / "cases.jsonl").write_text(json.dumps(row), encoding="utf-8")
    ran = vprog("calibrate", tmp_path / "cases.jsonl")
    assert ran.code == 0
    assert "rules: 1 cases, 1 answered, 1 right" in ran.out
    assert "not calibrated" in ran.err


def test_fast_without_a_model_exits_4(tmp_path: Path) -> None:
    clip = draw_video(tmp_path / "clip.mp4", 5)
    ran = vprog("solve", clip, "What is it?", "--fast", "--json")
    assert ran.code == 4
    assert (ran.json["status"], ran.json["error"]["code"]) == ("missing", "missing")
    assert "--vlm" in ran.json["error"]["hint"]


def test_score_is_said_to_be_uncalibrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtimes, "discover", lambda: looking.REGISTRY)
    clip = draw_video(tmp_path / "clip.mp4", 5)
    with ChatServer([sure("a square", 0.8)]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        ran = vprog("solve", clip, "What is it?", "--fast", "--vlm", "openai:tiny")
    assert (ran.code, ran.out.strip()) == (0, "a square")
    assert "score 0.80 (token probabilities of the reply 0.80; not calibrated)" in ran.err
    assert "VLM: openai:tiny" in ran.err
