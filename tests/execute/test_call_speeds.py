"""What former calls took, and what that tells of the next one."""

from __future__ import annotations

from pathlib import Path

import pytest

import vprog
from tests.asking import MODULES
from vprog.execute.call_speeds import FILE_NAME, CallSpeeds, Estimate, LookSize, look_size
from vprog.registry.module import spec_of
from vprog.trace.event import LookEstimated, TraceEvent
from vprog.types import Frame, Span, Video
from vprog.view.progress_text import estimate_text

SPEC = spec_of(MODULES[0])
VIDEO = Video(0, 100.0, 640, 360, 25.0, 2500, True, False)
WHOLE = LookSize(100.0, "s of video", 640 * 360)


@pytest.fixture
def speeds(tmp_path: Path) -> CallSpeeds:
    return CallSpeeds(tmp_path, "cpu")


def test_estimate_says_nothing_where_nothing_is_known(speeds: CallSpeeds) -> None:
    assert speeds.estimate(SPEC, WHOLE) is None
    assert speeds.estimate(SPEC, None) is None


def test_estimate_is_the_middle_half_of_former_rates(speeds: CallSpeeds) -> None:
    for seconds in (1.0, 2.0, 3.0, 4.0, 5.0):
        speeds.keep(SPEC, LookSize(10.0, "s of video", 640 * 360), seconds)
    assert speeds.estimate(SPEC, WHOLE) == Estimate(pytest.approx(20), pytest.approx(40), 5)
    assert speeds.estimate(SPEC, LookSize(20.0, "s of video", 640 * 360)) is None  # 4 s: short


@pytest.mark.parametrize(
    ("size", "device"),
    [
        (LookSize(100.0, "frames", 640 * 360), "cpu"),
        (LookSize(100.0, "s of video", 1920 * 1080), "cpu"),
        (WHOLE, "cuda"),
    ],
)
def test_estimate_takes_no_other_unit_size_or_device(
    size: LookSize, device: str, speeds: CallSpeeds, tmp_path: Path
) -> None:
    speeds.keep(SPEC, WHOLE, 50.0)
    assert speeds.estimate(SPEC, WHOLE) == Estimate(50.0, 50.0, 1)
    assert CallSpeeds(tmp_path, device).estimate(SPEC, size) is None


def test_estimate_forgets_all_but_the_latest_calls(speeds: CallSpeeds) -> None:
    for seconds in [500.0] * 5 + [50.0] * 20:
        speeds.keep(SPEC, WHOLE, seconds)
    assert speeds.estimate(SPEC, WHOLE) == Estimate(50.0, 50.0, 20)


def test_estimate_of_a_damaged_file_is_none(speeds: CallSpeeds, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 100)
    speeds.keep(SPEC, WHOLE, 50.0)
    assert speeds.estimate(SPEC, WHOLE) is None


def test_look_size_is_the_span_the_video_or_the_frames() -> None:
    assert look_size({"video": VIDEO, "span": None}, [VIDEO]) == WHOLE
    assert look_size({"video": VIDEO, "span": Span(2.0, 5.0)}, [VIDEO]) == LookSize(
        3.0, "s of video", 640 * 360
    )
    frames = [Frame(0, 0.5), Frame(0, 1.0)]
    assert look_size({"frames": frames}, [VIDEO]) == LookSize(2.0, "frames", 640 * 360)
    assert look_size({"word": "x"}, [VIDEO]) is None


def test_run_tells_how_long_its_look_will_take_before_it_looks(
    clip: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vprog.execute.call_speeds.LONG_S", 0.0)
    monkeypatch.setattr("vprog.execute.call_speeds._LEAST_S", 0.0)
    heard: list[list[TraceEvent]] = []
    with vprog.Engine(read_ahead=False) as engine:
        for span in ("Span(0.0, 1.0)", "Span(0.0, 1.5)", "Span(0.0, 1.5)"):
            heard.append([])
            program = f"measure_motion(video, span={span})\nanswer(1)"
            engine.run(clip, program, listen=heard[-1].append)
    told = [[e for e in events if isinstance(e, LookEstimated)] for events in heard]
    assert [len(estimates) for estimates in told] == [0, 1, 0]  # none known; told; cached
    (estimate,) = told[1]
    assert (estimate.task, estimate.n_calls) == ("measure_motion", 1)
    assert heard[1].index(estimate) < next(
        index for index, event in enumerate(heard[1]) if type(event).__name__ == "ModuleCalled"
    )
    assert b"look estimated" not in b"".join(
        file.read_bytes() for file in home.rglob("trace.jsonl")
    )


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (40.2, 64.9, "track takes 40 s to 1 min 5 s, by 3 former calls here"),
        (40.2, 40.4, "track takes about 40 s, by 3 former calls here"),
    ],
)
def test_estimate_in_words(low: float, high: float, text: str) -> None:
    event = LookEstimated(task="track", implementation="T", low_s=low, high_s=high, n_calls=3)
    assert estimate_text(event) == text
