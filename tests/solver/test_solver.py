"""`vprog.solve` and `vprog.run`: every status, the cache, threads, event loops, several files."""

from __future__ import annotations

import asyncio
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import vprog
from tests.asking import entered, released
from vprog.errors import ConfigError, UsageError, VideoError
from vprog.registry.registry import Registry
from vprog.solver.solver import shared

pytestmark = pytest.mark.usefixtures("home")

SQUARES = """\
frames = [frame_at(video, k / 5) for k in range(10)]
found = [find_square(frame)[0] for frame in frames]
answer(len(found), evidence=found[:2])
"""


def test_solve_answers_by_rules_with_evidence_and_trace(clip: Path) -> None:
    result = vprog.solve(clip, "How long is the video?")
    assert (result.status, result.answer, result.path) == ("answered", 2.0, "rules")
    assert result.program is not None
    assert "answer(" in result.program
    assert result.trace.question == "How long is the video?"
    assert result.trace.status == "answered"
    assert result.isolation["gate"] is True
    assert result.score is None  # a fact of the file
    assert result.confidence is not None


def test_solve_abstains_where_the_rules_cannot_read_the_question(clip: Path) -> None:
    result = vprog.solve(clip, "Why is the square so sad?")
    assert (result.status, result.answer, result.exit_code) == ("abstained", None, 7)
    assert result.error is not None
    assert result.error.code == "abstained"
    assert result.trace.status == "abstained"


def test_solve_takes_a_choice_by_index(clip: Path) -> None:
    result = vprog.solve(clip, "How long is the video?", choices=["9 s", "2 s", "5 s"])
    assert (result.answer, result.choice) == ("2 s", 1)


def test_run_same_program_again_spends_no_module_call(
    clip: Path, registry: Registry, tmp_path: Path
) -> None:
    def ask(program: str) -> vprog.Result:
        return vprog.run(clip, program, registry=registry, cache_dir=tmp_path / "cache")

    first = ask(SQUARES)
    assert (first.status, first.answer) == ("answered", 10)
    assert first.cost.module_calls["executed"] == 20
    assert first.cost.frames_decoded > 0
    again = ask(SQUARES)
    assert again.answer == 10
    assert again.cost.module_calls["executed"] == 0
    assert again.cost.module_calls["cached"] == 20
    assert again.cost.frames_decoded == 0
    other = ask(SQUARES.replace("range(10)", "range(9, -5, -1) if k >= 0"))  # nothing new
    assert other.cost.module_calls["executed"] == 0
    more = ask(SQUARES.replace("k / 5", "k / 10"))  # every second of its frames is known
    assert more.cost.module_calls["executed"] == 10


def test_run_cache_holds_for_a_copy_of_the_file_and_a_new_process_of_engines(
    clip: Path, registry: Registry, tmp_path: Path
) -> None:
    shutil.copy(clip, tmp_path / "renamed.mp4")
    first = vprog.run(clip, SQUARES, registry=registry, cache_dir=tmp_path / "cache")
    vprog.close()
    again = vprog.run(
        tmp_path / "renamed.mp4", SQUARES, registry=registry, cache_dir=tmp_path / "cache"
    )
    assert first.cost.module_calls["executed"] == 20
    assert again.cost.module_calls["executed"] == 0


@pytest.mark.parametrize(
    ("program", "given", "status", "code", "words"),
    [
        ("answer(1", {}, "rejected", "rejected", "line 1"),
        ("answer(detct(video))", {}, "rejected", "rejected", "detct"),
        ("answer([1][4])", {}, "failed", "failed", "IndexError"),
        ("x = break_down(frame_at(video, 0.0))\nanswer(x)", {}, "failed", "failed", "break_down"),
        ("answer(len(give_garbage(video)))", {}, "failed", "failed", "give_garbage"),
        ("answer(load_badly(video))", {}, "failed", "failed", "did not load"),
        ("answer(lack_package(video))", {}, "missing", "missing", "no_such_package"),
        ("abstain('nothing to see')", {}, "abstained", "abstained", "nothing to see"),
        (SQUARES, {"max_calls": 3}, "limit", "limit", "3 module calls"),
        ("answer(scan_frames(video))", {"max_seconds": 1.0}, "limit", "limit", "1 seconds"),
        ("answer(1)", {"choices": ["a", "b"]}, "failed", "failed", "none of the choices"),
    ],
)
def test_run_says_what_ended_the_program(
    clip: Path, registry: Registry, program: str, given: dict[str, Any], status: str, code: str,
    words: str,
) -> None:  # fmt: skip
    result = vprog.run(clip, program, registry=registry, **given)
    assert (result.status, result.answer) == (status, None)
    assert result.error is not None
    assert result.error.code == code
    assert words in f"{result.error.message} {result.error.hint}"
    trace = result.trace
    assert trace.status == status
    assert trace.result["error"]["code"] == code
    assert any(step.kind in ("error", "abstain") for step in trace.steps) or status == "rejected"


def test_run_evidence_that_nothing_supports_is_marked(clip: Path, registry: Registry) -> None:
    result = vprog.run(
        clip,
        "known = find_halves(video)\n"
        "answer(1.0, evidence=[known[0], Span(0.25, 0.75), frame_at(video, 0.5)])",
        registry=registry,
    )
    # The frame is named and nothing looked at it.
    assert [item.supported for item in result.evidence] == [True, False, False]
    assert result.score == 0.0


@pytest.mark.parametrize(
    ("program", "answer"),
    [("answer((0.5, 1.25))", [0.5, 1.25]), ("answer(Span(0.5, 1.0))", [0.5, 1.0]),
     ("answer(1 / 3)", 0.333), ("answer(True)", "yes"), ("answer(['a', 'b'])", ["a", "b"])],
)  # fmt: skip
def test_run_answers_are_plain(clip: Path, program: str, answer: object) -> None:
    assert vprog.run(clip, program).answer == answer


def test_run_several_videos_evidence_lies_in_its_own(
    clip: Path, other_clip: Path, registry: Registry
) -> None:
    result = vprog.run(
        [clip, other_clip],
        "halves = find_halves(videos[1])\nanswer(len(videos), evidence=halves[:1])",
        registry=registry,
    )
    assert (result.answer, result.evidence[0].video, result.evidence[0].supported) == (2, 1, True)
    kept = {video for video, _ in result.trace.frames}
    assert kept == {1}


def test_solve_names_the_video_that_a_question_is_about(clip: Path, other_clip: Path) -> None:
    assert vprog.solve([clip, other_clip], "How long is the second video?").answer == 1.0
    assert vprog.solve([clip, other_clip], "How long is the video?").status == "abstained"


def test_of_a_cut_file_what_is_asked_of_a_moment_that_is_there_loses_nothing(
    media_dir: Path,
) -> None:
    cut = media_dir / "broken" / "truncated_vtest.avi"
    moment = vprog.solve(cut, "How many people are there at 0:01?")
    assert "read" not in moment.score_parts
    assert vprog.solve(cut, "How many people are there at most?").score_parts["read"] < 0.05


def test_solve_sound_only_file(media_dir: Path) -> None:
    result = vprog.solve(media_dir / "speech" / "jfk.flac", "How long is the recording?")
    assert result.answer == pytest.approx(11.0, abs=0.1)
    seen = vprog.solve(media_dir / "speech" / "jfk.flac", "How many shots are there?")
    assert seen.status == "abstained"
    assert "picture" in seen.error.message  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("video", "question", "given", "error"),
    [
        ("nowhere.mp4", "How long is the video?", {}, VideoError),
        (".", "How long is the video?", {}, VideoError),
        (None, " ", {}, UsageError),
        (None, "x" * 5000, {}, UsageError),
        (None, 3, {}, UsageError),
        (None, "How long?", {"choices": ["one"]}, UsageError),
        (None, "How long?", {"choices": "yes"}, UsageError),
        (None, "How long?", {"choices": ["a", " "]}, UsageError),
        ([], "How long?", {}, UsageError),
        (7, "How long?", {}, UsageError),
        (None, "How long?", {"subtitles": "nowhere.srt"}, VideoError),
        (None, "How long?", {"max_second": 3}, ConfigError),
        (None, "How long?", {"preset": "best"}, ConfigError),
        (None, "How long?", {"llm": "magic:wand"}, ConfigError),
    ],
)
def test_solve_refuses_what_is_put_together_wrongly(
    clip: Path, tmp_path: Path, video: Any, question: Any, given: dict[str, Any],
    error: type[Exception],
) -> None:  # fmt: skip
    with pytest.raises(error) as caught:
        vprog.solve(clip if video is None else video, question, **given)
    assert caught.value.hint  # type: ignore[attr-defined]
    assert not (tmp_path / "traces").exists()


def test_solve_works_inside_a_running_event_loop(clip: Path) -> None:
    async def ask() -> vprog.Result:
        return vprog.solve(clip, "How long is the video?")

    assert asyncio.run(ask()).answer == 2.0


def test_solve_from_more_threads_than_there_are_places(clip: Path, registry: Registry) -> None:
    with ThreadPoolExecutor(12) as pool:
        run = [
            pool.submit(vprog.run, clip, f"answer(note_call('{n}'))", registry=registry)
            for n in range(24)
        ]
        results = [element.result(120) for element in run]
    assert [result.answer for result in results] == [str(n) for n in range(24)]
    assert len({result.trace_path for result in results}) == 24


def test_solve_with_other_settings_does_not_close_what_is_in_use(
    clip: Path, registry: Registry
) -> None:
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(
            vprog.run, clip, "answer(hold_on(video, 'first'))", registry=registry, max_calls=77
        )
        assert entered.acquire(timeout=30)
        quick = vprog.run(clip, "answer(note_call('x'))", registry=registry, max_calls=78)
        vprog.close()
        released.release()
        assert slow.result(30).answer == "first"
    assert quick.answer == "x"


def test_runtimes_keep_the_latest_and_close_the_others(tmp_path: Path) -> None:
    from vprog.settings import load_settings

    vprog.close()
    one, two = (load_settings({"cache_dir": tmp_path / name}) for name in "ab")
    with (
        shared.runtimes.lend(one) as first,
        shared.runtimes.lend(one) as same,
        shared.runtimes.lend(two) as second,
    ):
        assert first is same
        assert first is not second
        assert len(shared.runtimes) == 2
    assert len(shared.runtimes) == 1
    with shared.runtimes.lend(two) as again:
        assert again is second
    vprog.close()
    assert not len(shared.runtimes)


def test_solve_a_fault_of_ours_is_a_result_with_its_trace(
    clip: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vprog.execute.executor import Executor

    def fault(*args: object) -> None:
        raise LookupError("not thought of")

    monkeypatch.setattr(Executor, "begin", fault)
    result = vprog.run(clip, "answer(1)", registry=registry)
    assert (result.status, result.exit_code) == ("internal", 1)
    assert result.error is not None
    assert "LookupError: not thought of" in result.error.message
    assert "Traceback" in result.trace.story.warnings[0]
    monkeypatch.setenv("VPROG_DEBUG", "1")
    with pytest.raises(LookupError):
        vprog.run(clip, "answer(1)", registry=registry)


def test_run_interrupt_ends_the_trace_and_is_raised(clip: Path, registry: Registry) -> None:
    def interrupt(event: object) -> None:
        if type(event).__name__ == "ModuleCalled":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        vprog.run(clip, SQUARES, registry=registry, listen=interrupt)
    trace = vprog.Trace.load("last")
    assert trace.status == "interrupted"
    assert len([step for step in trace.steps if step.kind == "call"]) == 1
    assert vprog.run(clip, "answer(1)", registry=registry).answer == 1


def test_run_trace_that_cannot_be_written_is_an_error(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(vprog.VprogError, match="VPROG_TRACE_DIR"):
        vprog.run(clip, "answer(1)", trace_dir=tmp_path / "file" / "traces")


def test_run_full_cache_does_not_cost_the_answer(
    clip: Path, registry: Registry, tmp_path: Path
) -> None:
    given = {"registry": registry, "cache_dir": tmp_path / "cache"}
    vprog.run(clip, "answer(1)", **given)
    with runtime_for_cache(tmp_path / "cache", registry) as runtime:
        assert runtime.cache._file is not None
        runtime.cache._file._database.execute("PRAGMA max_page_count=4")
        result = vprog.run(clip, SQUARES, **given)
    assert (result.status, result.answer) == ("answered", 10)
    assert any("no space is left" in warning for warning in result.warnings)
    vprog.close()


def runtime_for_cache(folder: Path, registry: Registry) -> Any:
    from vprog.settings import load_settings

    return shared.runtimes.lend(load_settings({"cache_dir": folder}), registry)
