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
    cases, beyond = score.load_cases("cases.jsonl"), score.load_cases("unanswerable.jsonl")
    assert len(cases) >= 80
    assert len(beyond) >= 20
    assert 0.25 <= sum(bool(case.get("held_out")) for case in cases) / len(cases) <= 0.4
    for case in cases + beyond:
        assert (media_dir / case["video"]).is_file(), case
        assert case["question"].strip()
        assert case["source"], case
        if case.get("choices") and isinstance(case["answer"], str):
            assert case["answer"] in case["choices"], case


@pytest.mark.timeout(1800)
def test_answerable_questions_are_answered_right(media_dir: Path, solve):
    scored = score.score(score.load_cases("cases.jsonl"), media_dir, solve)
    print(score.table(scored))
    bad = [
        f"{each.verdict}: {each.case['question']} -> {each.answer!r} {each.why}"
        for each in scored
        if each.verdict != "right"
    ]
    assert score.share(scored, "right") >= 0.85, bad
    assert score.share(scored, "wrong") <= 0.05, bad


@pytest.mark.timeout(600)
def test_unanswerable_questions_are_never_answered(media_dir: Path, solve):
    scored = score.score(score.load_cases("unanswerable.jsonl"), media_dir, solve)
    assert [each.case["question"] for each in scored if each.verdict == "wrong"] == []
    assert [each.why for each in scored if each.verdict == "failed"] == []
    assert all(each.why for each in scored), "abstaining says what is missing"


@pytest.mark.parametrize(
    ("expected", "answer", "extra", "verdict"),
    [
        (3, 3, {}, "right"),
        (3, 4, {}, "wrong"),
        (3, 4, {"tolerance": 1}, "right"),
        (3, "three", {}, "wrong"),
        (5.0, [5.2, 6.0], {"tolerance": 0.3}, "right"),
        (5.0, [6.0, 7.0], {"tolerance": 0.3}, "wrong"),
        ([5.0, 6.0], [5.1, 6.1], {"tolerance": 0.2}, "right"),
        ([5.0, 6.0], [5.1, 9.0], {"tolerance": 0.2}, "wrong"),
        ([5.0, 6.0], 5.5, {}, "right"),
        ("yes", "yes", {}, "right"),
        ("yes", "no", {}, "wrong"),
        (["Frame = 11", "11"], "Frame=11", {}, "right"),
        (["11"], "110", {}, "wrong"),
        ({"any_of": [1.6, 8.4]}, 8.3, {"tolerance": 0.2}, "right"),
        ({"any_of": [1.6, 8.4]}, 5.0, {"tolerance": 0.2}, "wrong"),
        (None, "a dog", {}, "wrong"),
    ],
)
def test_judge_tells_right_from_wrong(expected, answer, extra, verdict):
    assert score.judge({"answer": expected, **extra}, "answered", answer) == verdict


@pytest.mark.parametrize(
    ("status", "verdict"), [("abstained", "abstained"), ("failed", "failed"), ("limit", "failed")]
)
def test_judge_keeps_abstaining_apart_from_failing(status, verdict):
    assert score.judge({"answer": 3}, status, None) == verdict
