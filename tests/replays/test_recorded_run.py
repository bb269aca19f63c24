"""A recorded run opened to be run again: under which settings, with which videos and modules."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

import vprog
from tests.asking import FindSquare
from tests.replays.conftest import PROGRAM, FindCorner, Run, broken, registry_with
from vprog.errors import PackageMissingError, TraceError, UsageError, VideoError
from vprog.media.media_pool import MediaPool
from vprog.registry.registry import Registry
from vprog.replays.recorded_run import RecordedRun, open_run
from vprog.replays.recorded_source import recorded_source
from vprog.replays.replay_run import replay
from vprog.replays.run_changed import ReplayRuntimes
from vprog.types import Frame


def opened(result: vprog.Result, **given: Any) -> RecordedRun:
    return open_run(result.trace_path, given)  # type: ignore[arg-type]


def test_settings_of_then_hold_unless_given_anew(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = run("answer(1)", max_calls=7, repairs=2, max_seconds=9.0, floor=0.1)
    monkeypatch.setenv("VPROG_REPAIRS", "5")
    run = opened(recorded, max_calls=8).settings
    assert (run.max_calls, run.repairs, run.floor) == (8, 5, 0.1)
    assert run.max_seconds == 600.0  # of now: other machines take other times
    closed = open_run(recorded.trace_path, {"max_calls": 8}, is_closed=True).settings  # type: ignore[arg-type]
    assert (closed.max_calls, closed.repairs, closed.floor) == (7, 2, 0.1)


def test_settings_that_no_longer_fit_are_passed_over(run: Run) -> None:
    recorded = run("answer(1)")
    file = recorded.trace_path / "trace.jsonl"  # type: ignore[operator]
    first, *rest = file.read_text().splitlines()
    started = msgspec.json.decode(first.encode())
    started["settings"] |= {"max_calls": "many", "trace_dir": "/elsewhere", "gone_since": 3}
    file.write_text("\n".join([msgspec.json.encode(started).decode(), *rest]) + "\n")
    run = opened(recorded).settings
    assert run.max_calls == 5000
    assert run.trace_dir == recorded.trace_path.parent  # type: ignore[union-attr]


def test_frames_are_shown_to_no_model_that_is_not_named_now(run: Run) -> None:
    recorded = run("answer(1)", vlm="openai:tiny")
    assert opened(recorded).settings.vlm == ""
    assert opened(recorded, vlm="openai:other").settings.vlm == "openai:other"
    closed = open_run(recorded.trace_path, {}, is_closed=True)  # type: ignore[arg-type]
    assert closed.settings.vlm == "openai:tiny"  # told, and not opened


def test_run_of_no_program_says_why(film: Path, registry: Registry) -> None:
    recorded = vprog.solve(film, "Why is the square so sad?", registry=registry)
    with pytest.raises(TraceError, match="no program ran in it"):
        _ = opened(recorded).cells
    with pytest.raises(TraceError, match="no program ran in it"):
        replay(recorded.trace_path, edits={1: "answer(1)"}, registry=registry)  # type: ignore[arg-type]


def test_modules_are_those_of_then_and_need_not_run(run: Run) -> None:
    run = opened(run())
    registry = registry_with(FindCorner, broken("2"), without=(FindSquare,))
    found = run.modules(registry)
    assert found["find_square"].implementation == "FindSquare"
    assert run.modules(registry, {"find_square": "FindCorner"})["find_square"].cls is FindCorner
    assert run.changes_of_version(found) == {
        "find_square": "find_square/FindSquare was version 1 and is 2 now"
    }
    assert run.changes_of_version(run.modules(registry_with())) == {}


def test_module_that_was_called_and_is_gone_is_missing_and_others_are_left_out(run: Run) -> None:
    without = registry_with(without=(FindSquare,))
    assert "find_square" not in opened(run("answer(1)")).modules(without)
    with pytest.raises(PackageMissingError, match="it called find_square/FindSquare of"):
        opened(run()).modules(without)


def test_source_opens_a_video_when_it_is_first_looked_at(run: Run, film: Path) -> None:
    run = opened(run())
    media = recorded_source(run, is_closed=False).media
    film.unlink()
    assert media.videos[0].n_frames == 20
    assert media.origin(0) == (str(film), None)
    with pytest.raises(VideoError, match=r"film\.mp4"):
        media.pixels(Frame(0, 0.5))
    media.close()


def test_source_shares_its_files_with_other_runs_through_the_pool(run: Run, film: Path) -> None:
    recorded = opened(run("answer(1)"))
    pool = MediaPool()
    sources = [recorded_source(recorded, is_closed=False, pool=pool) for _ in range(2)]
    for source in sources:
        source.media.pixels(Frame(0, 0.5))
    assert pool.open(film).n_users == 3
    for source in sources:
        source.media.close()


@pytest.mark.parametrize("with_subtitles", [True, False])
def test_source_finds_subtitles_that_were_moved_along(
    run: Run, film: Path, tmp_path: Path, with_subtitles: bool
) -> None:
    subtitles = film.with_suffix(".srt")
    subtitles.write_text("1\n00:00:00,500 --> 00:00:01,000\nhello\n")
    run = opened(run("answer(1)"))
    moved = film.rename(tmp_path / "moved.mp4")
    if with_subtitles:
        subtitles.rename(moved.with_suffix(".srt"))
    media = recorded_source(run, is_closed=False, videos=[moved]).media
    assert [subtitle.text for subtitle in media.subtitles(0)] == ["hello"]
    media.close()


def test_source_with_subtitles_that_changed_is_another_file(run: Run, film: Path) -> None:
    run = opened(run("answer(1)"))
    film.with_suffix(".srt").write_text("1\n00:00:00,500 --> 00:00:01,000\nhello\n")
    with pytest.raises(VideoError, match="that of the subtitles beside it, has changed"):
        recorded_source(run, is_closed=False).media.subtitles(0)


def test_source_of_another_number_of_videos_is_refused(run: Run, film: Path) -> None:
    with pytest.raises(UsageError, match="it has 1 videos, got 2"):
        recorded_source(opened(run("answer(1)")), is_closed=False, videos=[film, film])


def test_engine_of_a_closed_run_leaves_no_cache_behind(
    run: Run, registry: Registry, tmp_path: Path
) -> None:
    run = opened(run(PROGRAM))
    vprog.close()
    shutil.rmtree(tmp_path / "cache")
    with (
        ReplayRuntimes() as runtimes,
        runtimes.lend(run, run.modules(registry), registry, is_closed=True) as runtime,
    ):
        assert set(runtime.modules) >= {"find_square", "frame_at", "note_call"}
    assert not (tmp_path / "cache").exists()


def test_replays_of_equal_runs_share_a_runtime(run: Run, registry: Registry) -> None:
    first, second = opened(run(PROGRAM)), opened(run(PROGRAM))
    modules = first.modules(registry)
    with ReplayRuntimes() as runtimes:
        with runtimes.lend(first, modules, registry, is_closed=False) as one:
            pass
        with runtimes.lend(second, second.modules(registry), registry, is_closed=False) as same:
            assert same is one
        fewer = {task: spec for task, spec in modules.items() if task != "frame_at"}
        with runtimes.lend(first, fewer, registry, is_closed=False) as other:
            assert other is not one
