"""One question from its files to its result: what is left behind whatever happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.asking import Ask
from vprog.errors import AbstainedError, ModuleFailedError, UsageError, VideoError
from vprog.execute.runtime import Runtime
from vprog.runs.inputs import MOST_CHOICES, MOST_QUESTION, check_question, open_files
from vprog.trace.store import read_trace
from vprog.types import Frame


def test_question_trace_begins_with_files_modules_and_walls(ask: Ask, clip: Path) -> None:
    run = ask("What now?", choices=["a", "b"])
    started = read_trace(run.recorder.folder).started
    assert (started.question, started.choices) == ("What now?", ["a", "b"])
    (opened,) = started.videos
    assert opened.path == str(clip)
    assert len(opened.content_hash) == 64
    assert opened.video.n_frames == 20
    assert {"find_square", "probe"} <= {module.task for module in started.modules}
    assert started.isolation["vm"] is True


def test_question_ends_its_trace_once_with_the_result(ask: Ask) -> None:
    run = ask()
    outcome = run.executor.run_whole("answer(4)")
    result = run.result_of(outcome, path="program", program="answer(4)")
    recording = read_trace(result.trace_path)  # type: ignore[arg-type]
    assert recording.ended is not None
    assert recording.ended.status == "answered"
    assert b'"answer":4' in bytes(recording.ended.result)
    assert recording.ended.peak_memory_mb > 1


def test_question_abstained_and_failed_are_results_with_their_hints(ask: Ask) -> None:
    abstained = ask().abstained(AbstainedError("no module.", hint="pip install it"), path="rules")
    assert (abstained.status, abstained.error.hint) == ("abstained", "pip install it")  # type: ignore[union-attr]
    failed = ask().failed(ModuleFailedError("broke."), path="rules", line=2)
    assert (failed.status, failed.path) == ("failed", "rules")


def test_question_interrupted_in_its_block_ends_the_trace(ask: Ask) -> None:
    run = ask()
    with pytest.raises(KeyboardInterrupt), run:
        raise KeyboardInterrupt
    assert read_trace(run.recorder.folder).ended.status == "interrupted"  # type: ignore[union-attr]


def test_question_that_was_closed_without_an_end_reads_as_cut_off(ask: Ask) -> None:
    run = ask()
    run.close()
    run.close()
    assert read_trace(run.recorder.folder).ended is None


def test_question_budget_holds_for_frames_that_modules_take_but_not_for_the_end(ask: Ask) -> None:
    run = ask(max_seconds=0.0)
    result = run.failed(ModuleFailedError("x."), path="p")
    assert result.status == "failed"
    assert run.media.pixels(Frame(0, 0.0)).size  # still open for pictures


@pytest.mark.parametrize(
    ("question", "choices", "words"),
    [
        ("", (), "empty"),
        ("  \n", (), "empty"),
        ("x" * (MOST_QUESTION + 1), (), "characters"),
        ("ok?", ("a",), "1 choices"),
        ("ok?", ["a"] * (MOST_CHOICES + 1), "27 choices"),
        ("ok?", ("a", "x" * 501), "too long"),
        ("ok?", "ab", "list of texts"),
        ("ok?", (1, 2), "list of texts"),
        ("\ud800?", (), "half a character"),
        ("ok?", ("a", "\udcff"), "half a character"),
    ],
)
def test_check_question_says_what_is_wrong(question: str, choices: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        check_question(question, choices)  # type: ignore[arg-type]


def test_check_question_takes_what_can_be_asked() -> None:
    check_question("x" * MOST_QUESTION, ["a"] * MOST_CHOICES)
    check_question("", (), needs_text=False)


def test_open_files_leaves_none_open_when_one_cannot_be_read(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="nowhere"):
        open_files([clip, tmp_path / "nowhere.mp4"], None, "pyav")
    with pytest.raises(UsageError, match="one video"):
        open_files([clip, clip], tmp_path / "a.srt", "pyav")
    with pytest.raises(UsageError, match="no video"):
        open_files([], None, "pyav")


def test_question_on_a_file_that_is_no_video_leaves_no_trace(
    ask: Ask, runtime: Runtime, tmp_path: Path
) -> None:
    (tmp_path / "notes.mp4").write_text("not a video at all")
    with pytest.raises(VideoError):
        ask(videos=[tmp_path / "notes.mp4"])
    assert not (tmp_path / "traces").exists()
