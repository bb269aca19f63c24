"""Every strategy within what it may spend, on a clip of 10 s and on one of an hour.

The models here never help: what a strategy spends on them, it spends until something stops it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.drawing import draw_video
from tests.modules.vlm.chat_replies import sure
from tests.strategies.conftest import cell
from tests.strategies.seeing import Seen, ask_seeing
from vprog.execute.budget import Budget
from vprog.strategies.catalog import strategies
from vprog.trace.event import ModuleCalled
from vprog.types import Frame, wire

Ask = Callable[..., Seen]
NAMES = tuple(strategies())
SECONDS = {"10 s": 10, "1 h": 3600}
ENDS = {"answered", "abstained", "limit", "llm_error", "rejected", "failed", "missing"}
GOES_ON = cell("number = 1")
MOST_PICTURES = 768
"""Of one request: what LOVE-R1 shows at most, the widest look that any of the papers has."""

REQUEST_S = 4.0
"""How long each request takes on the clock of a test: a tenth of its budget."""


class Clock:
    """Stands still but for requests; in place of the module `time`."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By length; a small frame each second."""
    folder = tmp_path_factory.mktemp("lengths")
    return {
        name: draw_video(folder / f"{n_seconds}.mp4", n_seconds, fps=1, size=(64, 48))
        for name, n_seconds in SECONDS.items()
    }


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clips: dict[str, Path]) -> Ask:
    def run(strategy: str, length: str, **settings: object) -> Seen:
        return ask_seeing(
            [sure("unsure", 0.2)] * 300,
            monkeypatch,
            [clips[length]],
            tmp_path,
            strategy,
            [GOES_ON] * 300,
            settings=settings,
        )

    return run


@pytest.mark.parametrize("length", SECONDS)
@pytest.mark.parametrize("strategy", NAMES)
def test_a_strategy_makes_no_request_beyond_its_budget(
    ask: Ask, strategy: str, length: str
) -> None:
    seen = ask(strategy, length, max_llm_calls=6)
    assert len(seen.shown) + len(seen.model.requests) <= 6
    assert seen.result.cost.llm_calls <= 6 + 1  # the one that was refused
    assert seen.result.status in ENDS
    assert all(len(request.sizes) <= MOST_PICTURES for request in seen.shown)


@pytest.mark.parametrize("strategy", NAMES)
def test_a_strategy_makes_no_module_call_beyond_its_budget(ask: Ask, strategy: str) -> None:
    seen = ask(strategy, "1 h", max_calls=20)
    assert len(seen.of(ModuleCalled)) <= 20
    assert seen.result.cost.module_calls["issued"] <= 20 + 1  # the one that was refused
    assert seen.result.status in ENDS


@pytest.mark.parametrize("max_tokens", [200, 60_000])
@pytest.mark.parametrize("strategy", NAMES)
def test_a_strategy_stops_within_a_twentieth_of_its_tokens(
    ask: Ask, strategy: str, max_tokens: int
) -> None:
    seen = ask(strategy, "10 s", max_tokens=max_tokens)
    cost = seen.result.cost
    assert cost.tokens_in + cost.tokens_out <= 1.05 * max_tokens
    assert seen.result.status in ENDS


@pytest.mark.parametrize("strategy", NAMES)
def test_a_strategy_stops_within_a_twentieth_of_its_seconds(
    ask: Ask,
    strategy: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr("vprog.execute.budget.time", clock)
    charge = Budget.charge_llm_call

    def charged(budget: Budget) -> None:
        charge(budget)
        clock.now += REQUEST_S

    monkeypatch.setattr(Budget, "charge_llm_call", charged)
    seen = ask(strategy, "10 s", max_seconds=40.0)
    assert clock.now <= 1.05 * 40.0
    assert len(seen.shown) + len(seen.model.requests) <= clock.now / REQUEST_S
    assert seen.result.status in ENDS


@pytest.mark.parametrize("strategy", NAMES)
def test_what_a_strategy_looks_at_grows_with_the_video_and_its_calls_stay_bounded(
    ask: Ask,
    strategy: str,
) -> None:
    short, long = (ask(strategy, length) for length in SECONDS)
    n_short, n_long = (len(seen.shown) + len(seen.model.requests) for seen in (short, long))
    assert n_short <= 20
    assert n_long <= 200  # what a question may spend by default; indexes of an hour take most of it
    assert long.result.cost.module_calls["issued"] <= 250
    assert all(len(request.sizes) <= MOST_PICTURES for request in long.shown)
    for seen, n_seconds in zip((short, long), SECONDS.values(), strict=True):
        times = [frame.time for call in seen.of(ModuleCalled) for frame in _frames_in(call)]
        if times:  # all of the video is looked at, not its first seconds
            assert min(times) <= max(5.0, 0.25 * n_seconds)
            assert max(times) >= max(5.0, 0.7 * n_seconds - 5.0)


def _frames_in(call: ModuleCalled) -> list[Frame]:
    """The frames that a look was given, one or several."""
    given = wire.decode(bytes(call.arguments))
    assert isinstance(given, dict)
    values = [value if isinstance(value, list) else [value] for value in given.values()]
    return [item for items in values for item in items if isinstance(item, Frame)]
