"""A strategy under every mode, with and without models: its own way, or a clear error."""

from __future__ import annotations

from pathlib import Path

import pytest

import vprog
from tests.looking import answered_by
from tests.modules.vlm.chat_replies import sure
from vprog.errors import UsageError
from vprog.strategies.catalog import DEFAULT, strategies

pytestmark = pytest.mark.usefixtures("home", "key")

PROGRAM = "```python\nanswer('blue', evidence=[frame_at(video, 0.5)])\n```"
WRITING = [
    strategy.name
    for strategy in strategies().values()
    if strategy.asks_writer and strategy.name != DEFAULT
]
LOOKING = [strategy.name for strategy in strategies().values() if not strategy.asks_writer]


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def llm(tmp_path: Path) -> str:
    path = tmp_path / "script.txt"
    path.write_text("\n---\n".join([PROGRAM] * 3), encoding="utf-8")
    return f"scripted:{path}"


@pytest.mark.parametrize("strategy", WRITING)
def test_fast_mode_refuses_a_strategy_that_writes(strategy: str, clip: Path, llm: str) -> None:
    with pytest.raises(UsageError, match=f"{strategy} writes programs, and --fast asks for none"):
        vprog.solve(clip, "What?", mode="fast", strategy=strategy, vlm="openai:tiny", llm=llm)


@pytest.mark.parametrize("strategy", LOOKING)
def test_slow_mode_refuses_a_strategy_that_looks(strategy: str, clip: Path, llm: str) -> None:
    with pytest.raises(UsageError, match=f"{strategy} asks the VLM"):
        vprog.solve(clip, "What?", mode="slow", strategy=strategy, vlm="openai:tiny", llm=llm)


@pytest.mark.parametrize("vlm", ["", "openai:tiny"])
@pytest.mark.parametrize("strategy", WRITING)
def test_a_strategy_that_writes_is_never_the_rules(strategy: str, vlm: str, clip: Path) -> None:
    with pytest.raises(UsageError, match="needs a language model that writes programs"):
        vprog.solve(clip, "What?", strategy=strategy, vlm=vlm)


@pytest.mark.parametrize("strategy", ["tree", DEFAULT])
def test_a_strategy_that_is_named_is_taken_without_a_fast_look(
    strategy: str, clip: Path, llm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, looks = answered_by(
        [], monkeypatch, clip, "What colour?", strategy=strategy, llm=llm, answers=1
    )
    assert (result.path, result.answer) == ("slow", "blue")
    assert not looks


@pytest.mark.parametrize("given", [{"mode": "fast"}, {"strategy": "fast"}, {"strategy": "zoom"}])
def test_the_floor_holds_however_the_model_that_looks_is_asked(
    given: dict[str, str], clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    low, _ = answered_by([sure("red", 0.1)] * 2, monkeypatch, clip, "What is shown?", **given)
    assert (low.status, low.exit_code) == ("abstained", 7)
    assert low.error is not None
    assert "below the floor of 0.2" in low.error.message
    allowed, _ = answered_by(
        [sure("red", 0.1)] * 2, monkeypatch, clip, "What is shown?", floor=0.0, **given
    )
    assert allowed.answer == "red"
