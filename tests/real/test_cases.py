"""Real questions about real video, through `vprog.solve` with nothing downloaded.

Skipped where the media are absent. Module results are cached on disk for the whole run.
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


def test_cases_are_enough_and_well_formed(media_dir: Path):
    cases, beyond = (
        score.load_cases(name, media_dir) for name in ("cases.jsonl", "unanswerable.jsonl")
    )
    assert len(cases) >= 80
    assert len(beyond) >= 20
    assert 0.25 <= sum(case.held_out for case in cases) / len(cases) <= 0.4
    for case in cases + beyond:
        assert all(video.is_file() for video in case.videos), case
        assert case.question.strip()
        assert case.source, case
        if case.choices and isinstance(case.answer, str):
            assert case.answer in case.choices, case


@pytest.mark.timeout(1800)
def test_answerable_questions_are_answered_right(media_dir: Path, solve):
    outcomes = score.score(score.load_cases("cases.jsonl", media_dir), solve)
    print(score.table(outcomes))
    bad = [
        f"{scored.verdict}: {scored.case.question} -> {scored.answer!r} {scored.why}"
        for scored in outcomes
        if scored.verdict != "right"
    ]
    assert score.share(outcomes, "right") >= 0.85, bad
    assert score.share(outcomes, "wrong") <= 0.05, bad


@pytest.mark.timeout(600)
def test_unanswerable_questions_are_never_answered(media_dir: Path, solve):
    outcomes = score.score(score.load_cases("unanswerable.jsonl", media_dir), solve)
    assert [scored.case.question for scored in outcomes if scored.verdict == "wrong"] == []
    assert [scored.why for scored in outcomes if scored.verdict == "failed"] == []
    assert all(scored.why for scored in outcomes), "abstaining says what is missing"
