"""`vprog.solve_many`: every case once, files shared, failures told, ended with the iteration."""

from __future__ import annotations

from pathlib import Path

import pytest

import vprog
from vprog.errors import UsageError
from vprog.registry.registry import Registry
from vprog.solver.engine import Engine

pytestmark = pytest.mark.usefixtures("home")


def test_many_gives_each_case_its_result(clip: Path, other_clip: Path) -> None:
    cases = [
        {"id": "a", "video": clip, "question": "How long is the video?"},
        {"id": "b", "video": other_clip, "question": "How long is the video?"},
        {"id": "c", "video": clip, "question": "How many shots are there?"},
        {"id": "d", "video": "nowhere.mp4", "question": "How long is the video?"},
        {"id": "e", "video": clip, "question": "Why is everybody so quiet?"},
        {
            "id": "f",
            "video": clip,
            "question": "How long is the video?",
            "choices": ["9 s", "2 s"],
        },
    ]
    results = dict(vprog.solve_many(cases, jobs=3))
    assert {key: (result.status, result.answer) for key, result in results.items()} == {
        "a": ("answered", 2.0),
        "b": ("answered", 1.0),
        "c": ("answered", 1),
        "d": ("unreadable", None),
        "e": ("abstained", None),
        "f": ("answered", "2 s"),
    }
    error = results["d"].error
    assert error is not None
    assert error.code == "unreadable"


def test_many_answers_as_single_questions_do(clip: Path) -> None:
    questions = [f"How many frames are there at second 0.{k}?" for k in range(3)]
    questions += ["Is the video longer than a second?", "What is the resolution?"]
    cases = [{"id": text, "video": clip, "question": text} for text in questions]
    together = {key: result.answer for key, result in vprog.solve_many(cases, jobs=4)}
    assert together == {text: vprog.solve(clip, text).answer for text in questions}


def test_case_may_be_about_a_part_of_its_video(clip: Path) -> None:
    question = "When is it brightest?"
    rows: list[dict[str, object]] = [
        {"id": "part", "video": clip, "question": question, "start": 1.0, "end": 1.5},
        {"id": "outside", "video": clip, "question": question, "start": 5.0, "end": 6.0},
    ]
    results = dict(vprog.solve_many(rows))
    (seen,) = results["part"].coverage
    assert seen.pictures is not None
    assert seen.pictures.unseen[0] == (0.0, 0.5)  # a picture counts for half a second around
    assert results["outside"].status == "unreadable"


def test_many_refuses_what_is_no_case_before_it_answers_anything(clip: Path) -> None:
    with pytest.raises(UsageError, match="case 2: no case"):
        vprog.solve_many([{"video": clip, "question": "How long?"}, {"video": clip}])


def test_many_keeps_a_file_open_for_its_questions(clip: Path) -> None:
    with Engine() as engine, engine.holding(clip):
        (shared,) = engine.runtimes._shared.values()
        (file,) = shared.runtime.media._files.values()
        assert file.n_users == 1
        assert engine.solve(clip, "How long is the video?").answer == 2.0
        assert file.n_users == 1
    assert file.n_users == 0


def test_many_ends_what_is_being_answered_where_nobody_wants_more(
    clip: Path, registry: Registry
) -> None:
    with Engine(registry=registry) as engine:
        cases = [{"video": clip, "question": "How long is the video?"} for _ in range(20)]
        results = vprog.solve_many(cases, jobs=2, engine=engine)
        assert next(results)[1].answer == 2.0
        results.close()  # type: ignore[attr-defined]
        assert list(results) == []
