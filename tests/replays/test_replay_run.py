"""A run with something changed: what depends on the change runs, and nothing else does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import vprog
from tests.asking import FindSquare, calls
from tests.drawing import draw_video
from tests.llm.server import ChatServer
from tests.looking import REGISTRY, VLM, answered_by
from tests.modules.vlm.chat_replies import sure
from tests.replays.conftest import (
    FindCorner,
    FindWithPackage,
    Run,
    broken,
    events_of,
    registry_with,
)
from vprog.errors import (
    MissingError,
    ModuleUnknownError,
    TraceNotFoundError,
    UsageError,
)
from vprog.registry.registry import Registry
from vprog.replays.edits import Edit
from vprog.replays.replay_run import Replayed, replay
from vprog.trace.event import ModuleCalled, PictureKept, ProgramWritten
from vprog.trace.store import run_folders

Change = Callable[..., Replayed]


@pytest.fixture
def change(run: Run, registry: Registry) -> Change:
    """The program of these tests, recorded once and replayed with a change."""
    recorded = run()
    assert recorded.trace_path is not None
    vprog.close()

    def replay_it(*edits: str, **given: Any) -> Replayed:
        return replay(recorded.trace_path, edits=edits, **{"registry": registry, **given})  # type: ignore[arg-type]

    return replay_it


@pytest.mark.parametrize(
    ("edits", "answer", "n_replayed", "n_run"),
    [
        (["5=answer(7)"], 7, 9, 0),
        (["4="], 4, 8, 0),  # nothing takes the place of the note
        (["4=said = note_call(str(len(found) + 1))"], 4, 8, 1),
        # One frame more: it, what is found in it, and the note that says 5.
        (["1=frames = [frame_at(video, k / 4) for k in range(5)]"], 5, 8, 3),
        (["1=frames = [frame_at(video, k / 4) for k in range(5)]", "4="], 5, 8, 2),
        # The same two frames asked for twice: what was recorded once serves for ever.
        (["1=frames = [frame_at(video, (k % 2) / 4) for k in range(4)]"], 4, 9, 0),
        (["2=found = [find_square(frame) for frame in frames[:2]]"], 2, 6, 1),
    ],
)
def test_only_what_depends_on_an_edit_runs(
    change: Change, edits: list[str], answer: int, n_replayed: int, n_run: int
) -> None:
    before = len(calls)
    made = change(*edits)
    assert (made.result.answer, made.n_replayed, made.n_run) == (answer, n_replayed, n_run)
    counts = made.result.cost.module_calls
    assert counts["issued"] == n_replayed + n_run
    notes = [event for event in events_of(made.result, ModuleCalled) if event.task == "note_call"]
    assert len(calls) - before == sum(note.how == "executed" for note in notes)
    assert made.is_changed
    assert made.first_difference is not None
    assert isinstance(made.first_difference.one, ProgramWritten)
    assert made.first_difference.fields == ("source",)


@pytest.mark.parametrize("edit", ["5=answer(7)", "5=x = 1", "5=answer(", "4=x = [1][3]"])
def test_changed_run_is_replayed_as_any(change: Change, registry: Registry, edit: str) -> None:
    made = change(edit).result
    again = replay(made.trace_path, registry=registry)  # type: ignore[arg-type]
    assert (again.first_difference, again.n_run) == (None, 0)
    assert again.result.program == made.program


def test_edits_are_texts_edits_or_a_dict(change: Change, registry: Registry) -> None:
    folder = change("5=answer(7)").original.folder
    forms: list[Any] = [
        {5: "answer(7)"},
        [Edit(5, "answer(7)", 0)],
        "5=answer(7)",
        ["0:5=answer(7)"],
    ]
    answers = [replay(folder, edits=form, registry=registry).result.answer for form in forms]
    assert answers == [7, 7, 7, 7]


def test_edit_that_no_longer_parses_is_rejected_with_its_line(change: Change) -> None:
    made = change("3=widths = (")
    assert (made.result.status, made.n_run, made.n_replayed) == ("rejected", 0, 0)
    assert made.result.error is not None
    assert made.result.error.line == 3
    assert made.original.ended is not None


def test_edit_that_names_what_is_not_there_is_rejected(change: Change) -> None:
    made = change("4=said = note_cal(str(len(found)))")
    assert made.result.status == "rejected"
    assert made.result.error is not None
    assert made.result.error.line == 4


def test_edit_of_no_line_leaves_no_trace(change: Change, tmp_path: Path) -> None:
    before = run_folders(tmp_path / "traces")
    with pytest.raises(UsageError, match="line 6: the program has 5 lines"):
        change("6=x")
    assert run_folders(tmp_path / "traces") == before


def test_edit_runs_without_the_video_where_nothing_looks_at_it(
    change: Change, film: Path, tmp_path: Path
) -> None:
    film.unlink()
    shutil.rmtree(tmp_path / "cache")
    made = change("5=answer(len(widths), evidence=[frames[0]])")
    assert (made.result.status, made.result.answer, made.n_run) == ("answered", 4, 0)
    assert events_of(made.result, PictureKept)


def test_edit_that_needs_the_video_that_is_gone_says_so(change: Change, film: Path) -> None:
    film.unlink()
    made = change("1=frames = [frame_at(video, k / 4 + 0.1) for k in range(4)]")
    assert made.result.status == "failed"
    assert any(str(film) in warning for warning in made.result.warnings)
    assert made.original.ended is not None
    assert change().first_difference is None  # nothing is lost


def test_edit_that_needs_a_video_with_another_content_says_so(change: Change, film: Path) -> None:
    draw_video(film, 20, fps=10, size=(96, 64))
    made = change("2=found = [find_square(frame_at(video, 0.1))]")
    assert made.result.status == "unreadable"
    assert any("not the file of the recorded run" in warning for warning in made.result.warnings)


def test_video_that_was_moved_is_named(change: Change, film: Path, tmp_path: Path) -> None:
    moved = film.rename(tmp_path / "moved.mp4")
    made = change("2=found = [find_square(frame_at(video, 0.1))]", videos=[moved])
    assert (made.result.answer, made.n_run) == (1, 3)
    assert made.result.trace.recording.started.videos[0].path == str(moved)
    with pytest.raises(UsageError, match="it has 1 videos, got 2"):
        change("5=answer(1)", videos=[moved, moved])


def test_swapped_module_runs_and_everything_else_is_answered_from_the_trace(
    change: Change, film: Path
) -> None:
    made = change(
        "3=widths = [squares[0].score for squares in found]", "5=answer(widths[0])",
        modules={"find_square": "FindCorner"}, registry=registry_with(FindCorner),
    )  # fmt: skip
    assert (made.result.answer, made.n_replayed, made.n_run) == (0.5, 5, 4)
    served = {(event.task, event.implementation, event.how)
              for event in events_of(made.result, ModuleCalled)}  # fmt: skip
    assert served == {
        ("frame_at", "FrameAtIndex", "replayed"),
        ("find_square", "FindCorner", "executed"),
        ("note_call", "NoteCall", "replayed"),
    }


def test_swapped_module_alone_is_a_change(change: Change) -> None:
    made = change(modules={"find_square": "FindCorner"}, registry=registry_with(FindCorner))
    assert made.is_changed
    assert (made.result.answer, made.n_replayed, made.n_run) == (4, 5, 4)


def test_unknown_or_missing_module_to_swap_is_an_error_with_names(
    change: Change, tmp_path: Path
) -> None:
    before = run_folders(tmp_path / "traces")
    with pytest.raises(ModuleUnknownError, match='no implementation "FindSqare"') as caught:
        change(modules={"find_square": "FindSqare"}, registry=registry_with(FindCorner))
    assert "FindCorner, FindSquare" in caught.value.hint
    with pytest.raises(ModuleUnknownError, match='Did you mean "find_square"'):
        change(modules={"find_sqare": "FindSquare"})
    with pytest.raises(MissingError, match="no_such_package_anywhere is not installed") as missing:
        change(modules={"find_square": "FindWithPackage"}, registry=registry_with(FindWithPackage))
    assert missing.value.hint == "Run: pip install a-square"
    assert run_folders(tmp_path / "traces") == before


def test_module_whose_version_changed_is_noted_and_its_results_are_used(change: Change) -> None:
    newer = registry_with(broken(version="2"), without=(FindSquare,))
    made = change(registry=newer)
    assert made.first_difference is None
    assert made.notes == (
        "find_square/FindSquare was version 1 and is 2 now: its recorded results are used",
    )
    assert made.notes[0] in made.result.warnings
    edited = change("5=answer(7)", registry=newer)
    assert (edited.result.answer, edited.notes) == (7, made.notes)


def test_module_that_is_named_is_asked_anew_though_it_is_the_same(change: Change) -> None:
    newer = registry_with(broken(version="2"), without=(FindSquare,))
    made = change(modules={"find_square": "FindSquare"}, registry=newer)
    assert (made.result.status, made.notes) == ("failed", ())
    assert made.result.error is not None
    assert "its library is gone" in made.result.error.hint


def test_module_that_is_not_installed_any_more_is_missing(change: Change) -> None:
    with pytest.raises(MissingError, match="it called find_square/FindSquare of"):
        change(registry=registry_with(without=(FindSquare,)))


def test_changed_search_runs_the_path_that_was_chosen(
    film: Path, registry: Registry, tmp_path: Path
) -> None:
    script = tmp_path / "script.txt"
    cells = ["first = note_call('a')", "second = note_call('b')", "answer(first + second)"]
    script.write_text("\n---\n".join(f"```python\n{cell}\n```" for cell in cells))
    recorded = vprog.solve(
        film, "What?", registry=registry, strategy="tree", nodes=3, llm=f"scripted:{script}"
    )
    assert recorded.answer == "ab"
    assert recorded.trace_path is not None
    made = replay(recorded.trace_path, edits=["1:1=second = note_call('c')"], registry=registry)
    assert (made.result.answer, made.n_replayed, made.n_run) == ("ac", 1, 1)
    assert (made.result.path, made.result.program) == (
        "program", "first = note_call('a')\nsecond = note_call('c')\nanswer(first + second)\n",
    )  # fmt: skip
    with pytest.raises(UsageError, match="the program has 3 cells"):
        replay(recorded.trace_path, edits=["1=x = 1"], registry=registry)


def test_changed_question_that_looked_needs_the_model_only_for_what_is_new(
    film: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    recorded, _ = answered_by([sure("a cat", 0.8)], monkeypatch, film, "What is it?", mode="fast")
    assert recorded.trace_path is not None
    same = replay(recorded.trace_path, edits=["3=answer('a dog')"], registry=REGISTRY)
    assert (same.result.answer, same.n_run) == ("a dog", 0)
    other = ["2=reply = ask(frames, 'Which animal?')"]
    without = replay(recorded.trace_path, edits=other, registry=REGISTRY)
    assert (without.result.status, without.result.exit_code) == ("missing", 4)
    with ChatServer([sure("a lion", 0.9)]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        made = replay(recorded.trace_path, edits=other, registry=REGISTRY, vlm=VLM)
        assert len(server.asked) == 1
    assert (made.result.answer, made.n_replayed, made.n_run) == ("a lion", 1, 1)


def test_two_replays_at_once_have_traces_of_their_own(change: Change) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: change(), range(2)))
    assert [replayed.first_difference for replayed in both] == [None, None]
    assert both[0].result.trace_path != both[1].result.trace_path


def test_replay_listens_and_knows_last(change: Change, registry: Registry) -> None:
    seen: list[str] = []
    made = change(listen=lambda event: seen.append(type(event).__name__))
    assert (seen[0], seen[-1], seen.count("ModuleCalled")) == ("RunStarted", "RunEnded", 9)
    last = replay("last", registry=registry)
    assert last.original.folder == made.result.trace_path
    with pytest.raises(TraceNotFoundError):
        replay("nowhere", registry=registry)
