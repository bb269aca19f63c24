from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.modules.scenes import COLOURS, painted
from tests.strategies.seeing import COSTS, UNREAD, Seen
from vprog.registry.registry import Registry
from vprog.strategies.keyframes import LEAST, MEASURES, inflections, keyframe_times
from vprog.types import Level, Shot

LookBy = Callable[..., Seen]

ORDER = ("red", "blue", "white")


@pytest.fixture(scope="module")
def cut_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three plain colours, cut at 0.8 and 1.6 s."""

    def paint(number: int, picture: object) -> None:
        picture[:] = COLOURS[ORDER[number // 8]]  # type: ignore[index]

    return painted(tmp_path_factory.mktemp("clips") / "cut.mp4", 24, paint, fps=10)


def test_the_first_frames_of_shots_are_shown(look_by: LookBy, cut_clip: Path) -> None:
    seen = look_by("keyframes", "three colours", clips=[cut_clip])
    assert seen.cost == COSTS["keyframes"]
    assert (seen.result.answer, seen.result.path, seen.result.score) == (
        "three colours", "fast", 0.8,
    )  # fmt: skip
    (times,) = seen.times("ask")
    assert times == sorted(set(times))
    assert {0.8, 1.6} <= {round(time, 3) for time in times}
    assert LEAST <= len(times) <= LEAST + 2
    assert all(item.supported for item in seen.result.evidence)


def test_without_what_measures_frames_are_spread_evenly(look_by: LookBy, cut_clip: Path) -> None:
    blind = Registry(
        spec for task in UNREAD if task not in MEASURES for spec in UNREAD.implementations(task)
    )
    seen = look_by("keyframes", "red", clips=[cut_clip], registry=blind)
    assert (seen.result.answer, len(seen.times("ask")[0])) == ("red", LEAST)


def test_a_spent_budget_is_a_limit(look_by: LookBy, cut_clip: Path) -> None:
    seen = look_by("keyframes", clips=[cut_clip], settings={"max_calls": 2})
    assert (seen.result.status, seen.shown) == ("limit", [])


def test_cuts_come_before_turns_and_the_sharpest_turns_first() -> None:
    levels = [Level(float(at), value) for at, value in enumerate([0, 0, 0.9, 0, 0, 0.1, 0, 0])]
    shots = [Shot(0.0, 5.5, "start", 1.0), Shot(5.5, 8.0, "cut", 0.7)]
    assert keyframe_times(levels, shots, 1) == [5.5]
    assert keyframe_times(levels, shots, 3) == [2.0, 3.0, 5.5]
    assert keyframe_times([], shots[:1], 4) == []


@pytest.mark.parametrize("values", [[], [0.5], [0.1, 0.2, 0.3, 0.4, 0.5], [0.25] * 9])
def test_a_straight_curve_has_no_inflection(values: list[float]) -> None:
    levels = [Level(at / 2, value) for at, value in enumerate(values)]
    assert inflections(levels) == []
