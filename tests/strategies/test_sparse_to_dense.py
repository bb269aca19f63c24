from __future__ import annotations

from pathlib import Path

import pytest

import vprog
from tests.drawing import draw_video
from tests.llm.server import Answer, ChatServer
from tests.looking import REGISTRY, VLM
from tests.modules.vlm.chat_replies import sure
from vprog.llm.scripted import ScriptedModel
from vprog.runs.run import Run
from vprog.settings import load_settings
from vprog.solver.solver import close, shared
from vprog.strategies.catalog import find_strategy, solve_by
from vprog.strategies.sparse_to_dense import levels_for


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """80 frames: the levels 32, 64 and 128 each show something new."""
    return draw_video(tmp_path_factory.mktemp("clips") / "long.mp4", 80)


def drawn(
    answers: list[Answer],
    clip: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    **given: object,
) -> tuple[vprog.Result, list[int]]:
    """The result, and how many images each request had."""
    with ChatServer(answers) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        settings = load_settings(
            {
                "vlm": VLM,
                "trace_dir": tmp_path / "traces",
                "cache_dir": tmp_path / "cache",
                **given,
            }
        )
        with (
            shared.runtimes.lend(settings, REGISTRY) as runtime,
            Run(runtime, settings, [clip], "Which colour?", choices=["red", "blue"]) as run,
        ):
            strategy = find_strategy("sparse_to_dense")
            result = solve_by(strategy, run, ScriptedModel([]))
        close()
        counts = [str(request.body).count("image_url': {") for request in server.asked]
        return result, counts


def test_agreement_ends_it_at_the_first_level(
    long_clip: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    result, images = drawn([sure("B", 0.8)] * 5, long_clip, monkeypatch, tmp_path)
    assert (result.answer, result.path, images) == ("blue", "fast", [32] * 5)
    assert dict(result.score_parts) == {"tokens": 0.8, "votes": 1.0}


def test_dissent_goes_on_to_more_frames_and_the_last_level_votes(
    long_clip: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    split = [sure(letter, 0.8) for letter in "AABBB"]
    result, images = drawn(split * 3, long_clip, monkeypatch, tmp_path)
    assert images == [32] * 5 + [64] * 5 + [80] * 5
    assert result.answer == "blue"
    assert dict(result.score_parts) == {"tokens": 0.8, "votes": 0.6}
    assert result.score == pytest.approx(0.48)


def test_a_split_at_32_and_agreement_at_64_stops_there(
    long_clip: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    split = [sure(letter, 0.8) for letter in "ABBBB"]
    agreed = [sure("A", 0.7)] * 5
    result, images = drawn([*split, *agreed], long_clip, monkeypatch, tmp_path)
    assert images == [32] * 5 + [64] * 5
    assert result.answer == "red"  # only the last level votes
    assert dict(result.score_parts) == {"tokens": 0.7, "votes": 1.0}


def test_votes_weigh_what_the_draws_score(
    long_clip: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    split = [sure("A", 0.9), sure("A", 0.9), *[sure("B", 0.1)] * 3]
    result, _ = drawn(split * 3, long_clip, monkeypatch, tmp_path)
    assert result.answer == "red"
    assert result.score_parts["votes"] == pytest.approx(1.8 / 2.1)


def test_a_budget_that_ends_midway_leaves_the_answers_there_are(
    long_clip: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    split = [sure(letter, 0.8) for letter in "ABBBB"]
    # A level takes a call for its frames and one for each sample: two samples of 64 frames.
    result, images = drawn(
        [*split, *[sure("A", 0.8)] * 2], long_clip, monkeypatch, tmp_path, max_calls=9
    )
    assert (result.answer, images) == ("red", [32] * 5 + [64] * 2)
    at_once, images = drawn(split, long_clip, monkeypatch, tmp_path, max_calls=6)
    assert (at_once.answer, images) == ("blue", [32] * 5)  # none of the level of 64
    assert at_once.cost.module_calls["issued"] == 6


@pytest.mark.parametrize(
    ("n_frames", "levels"), [(10, (32,)), (32, (32,)), (33, (32, 64)), (500, (32, 64, 128))]
)
def test_levels_stop_where_a_video_has_no_more_frames(
    n_frames: int, levels: tuple[int, ...]
) -> None:
    assert levels_for(n_frames) == levels
