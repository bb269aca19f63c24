"""The questions of the hand round once more: the kept replies give the kept answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.hand_round.replay_server import ReplayServer
from tests.real_media import find_media
from vprog import Engine

HERE = Path(__file__).resolve().parent
ROUNDS = {"first": "conversations.jsonl", "second": "second_round.jsonl"}
KEPT = [
    {**json.loads(line), "round": name}
    for name, file in ROUNDS.items()
    for line in (HERE / file).read_text().splitlines()
]
TOO_LONG = {"subs-vtt-1"}
"""Its program reads the text of a whole clip of 1920 x 1080: half as long as all others take."""
CASES = {row["id"]: row for row in map(json.loads, (HERE / "cases.jsonl").read_text().splitlines())}


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as server:
        yield server


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Engine]]:
    """One for each round: what a model said in one is not known in the other."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(
                Engine(
                    llm="openai:writer",
                    vlm="openai:looker",
                    cache_dir=(folder := tmp_path_factory.mktemp(name)) / "cache",
                    trace_dir=folder / "traces",
                    max_seconds=300.0,
                )
            )
            for name in ROUNDS
        }


@pytest.mark.parametrize(
    "kept",
    [kept for kept in KEPT if kept["case"] not in TOO_LONG],
    ids=lambda kept: f"{kept['round']}-{kept['case']}-{kept['mode']}",
)
def test_kept_replies_give_the_kept_answer(
    kept: dict[str, Any],
    engines: dict[str, Engine],
    server: ReplayServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = CASES[kept["case"]]
    video = find_media(case["video"])
    if video is None:
        pytest.skip(f"{case['video']} may not be passed on, and lies not beside the checkout")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    replay = server.begin(kept["turns"])
    result = engines[kept["round"]].solve(
        video, case["question"], choices=case.get("choices", ()), mode=kept["mode"]
    )
    assert replay.unknown == []
    assert (result.status, result.answer) == (kept["status"], kept["answer"])
    assert result.cost.llm_calls == kept["requests"]
    assert result.score == pytest.approx(kept["score"], abs=0.02)
