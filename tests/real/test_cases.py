"""Real questions about real video, through `vprog.solve` with nothing downloaded.

Of those whose videos are here (see tests/real_media.py). Module results are cached on disk for
the whole run.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import vprog
from tests.real import score


@pytest.fixture(scope="module")
def solve(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("real")

    def ask(video, question, **asked):
        return vprog.solve(
            video,
            question,
            trace_dir=folder / "traces",
            cache_dir=folder / "cache",
            **asked,
        )

    return ask


def test_cases_are_enough_and_well_formed():
    everywhere = Path()
    cases, beyond = (
        score.load_cases(name, everywhere) for name in ("cases.jsonl", "unanswerable.jsonl")
    )
    assert len(cases) >= 80
    assert len(beyond) >= 20
    assert 0.25 <= sum(case.held_out for case in cases) / len(cases) <= 0.4
    for case in cases + beyond:
        assert case.question.strip()
        assert case.source, case
        if case.choices and isinstance(case.answer, str):
            assert case.answer in case.choices, case


def test_cases_about_the_media_of_the_repository_are_more_than_half():
    cases = score.load_cases("cases.jsonl")
    assert all(video.is_file() for case in cases for video in case.videos)
    assert len(cases) > len(score.load_cases("cases.jsonl", Path())) / 2


@pytest.mark.timeout(1800)
def test_answerable_questions_are_answered_right(solve):
    outcomes = score.score(score.load_cases("cases.jsonl"), solve)
    print(score.table(outcomes))
    bad = [
        f"{scored.verdict}: {scored.case.question} -> {scored.answer!r} {scored.why}"
        for scored in outcomes
        if scored.verdict != "right"
    ]
    assert score.share(outcomes, "right") >= 0.85, bad
    assert score.share(outcomes, "wrong") <= 0.05, bad


@pytest.mark.timeout(600)
def test_unanswerable_questions_are_never_answered(solve):
    outcomes = score.score(score.load_cases("unanswerable.jsonl"), solve)
    assert [scored.case.question for scored in outcomes if scored.verdict == "wrong"] == []
    assert [scored.why for scored in outcomes if scored.verdict == "failed"] == []
    assert all(scored.why for scored in outcomes), "abstaining says what is missing"
