"""Calibration from answers to the confidence of the next question."""

from __future__ import annotations

from pathlib import Path

import pytest

from vprog.errors import ConfigError, MissingError, VideoNotFoundError
from vprog.evaluation.calibrate.fitting import CaseRun, fit, run_cases
from vprog.evaluation.case import Case
from vprog.exit_status import Status
from vprog.runs.result import Result
from vprog.runs.stored_calibration import file_for, load_grader, save
from vprog.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


def cases(n: int) -> list[Case]:
    return [Case(at + 1, (Path("a.mp4"),), "?", "yes") for at in range(n)]


def said(answer: str, score: float | None, path: str) -> Result:
    return Result(Status.ANSWERED, answer=answer, score=score, path=path)


def answers(case: Case, mode: str) -> Result:
    """Fast is sure of the even cases and right there; slow is right on the odd ones."""
    even = case.line % 2 == 0
    if mode == "fast":
        return said("yes" if even else "no", 0.9 if even else 0.3, "fast")
    return said("no" if even else "yes", 0.5, "slow")


def settings(**given: object) -> Settings:
    return load_settings({"vlm": "openai:eye", "llm": "openai:pen", **given})


def test_fit_finds_the_threshold_and_the_confidence() -> None:
    case_runs = run_cases(cases(20), ["fast", "slow"], answers, lambda case_run: None)
    fitted = fit(case_runs, settings())
    assert fitted.auto == (0.9, 1.0, 0.5)
    assert fitted.notes == []
    assert [figure.path for figure in fitted.figures] == ["fast", "slow"]
    fast = fitted.figures[0]
    assert (fast.n_cases, fast.n_answered, fast.n_right, fast.n_scored) == (20, 20, 10, 20)
    assert fast.error_before == pytest.approx((0.1 + 0.3) / 2)
    assert fast.error_after == pytest.approx(0.0, abs=0.08)
    assert fast.curve == [(0.9, 0.5, 0.0), (0.3, 1.0, 0.5)]
    save(fitted.calibration)
    grader = load_grader(settings())
    assert grader.confidence("fast", 0.9) == pytest.approx(10.5 / 11, abs=1e-4)
    assert grader.confidence("fast", 0.3) == pytest.approx(0.5 / 11, abs=1e-4)
    assert grader.confidence("slow", 0.5) == pytest.approx(0.5, abs=1e-4)
    assert grader.confidence("rules", 0.5) is None
    assert grader.confidence("fast", None) is None
    assert grader.threshold(settings()) == 0.9
    assert grader.threshold(settings(threshold=0.4)) == 0.4


def test_answers_that_no_module_scored_have_the_share_of_such_that_were_right() -> None:
    def measures(case: Case, mode: str) -> Result:
        is_measured = case.line <= 12
        if is_measured:
            return said("no" if case.line == 1 else "yes", None, "slow")
        return answers(case, "fast")

    case_runs = run_cases(cases(40), ["slow"], measures, lambda case_run: None)
    save(fit(case_runs, settings()).calibration)
    grader = load_grader(settings())
    assert grader.confidence("slow", None) == pytest.approx(11.5 / 13, abs=1e-4)
    assert grader.confidence("slow", 0.9) == pytest.approx(14.5 / 15, abs=1e-4)


def test_calibration_holds_for_its_preset_and_models_only() -> None:
    case_runs = run_cases(cases(20), ["fast", "slow"], answers, lambda case_run: None)
    save(fit(case_runs, settings()).calibration)
    for other in (
        settings(vlm="openai:other"), settings(llm="rules"), settings(preset="offline"),
        settings(strategy="params"),
    ):  # fmt: skip
        grader = load_grader(other)
        assert grader.confidence("fast", 0.9) is None
        assert grader.threshold(other) == 0.7


def test_each_strategy_keeps_a_calibration_of_its_own() -> None:
    case_runs = run_cases(cases(20), ["fast", "slow"], answers, lambda case_run: None)
    first = save(fit(case_runs, settings()).calibration)
    flipped = [
        CaseRun(Case(ran.case.line, ran.case.videos, "?", "no"), ran.mode, ran.result)
        for ran in case_runs
    ]
    second = save(fit(flipped, settings(strategy="params")).calibration)
    assert first != second
    default, params, tree = (
        load_grader(settings(strategy=strategy)).confidence("fast", 0.9)
        for strategy in (settings().strategy, "params", "tree")
    )
    assert default == pytest.approx(10.5 / 11, abs=1e-4)
    assert params == pytest.approx(0.5, abs=1e-4)
    assert tree is None


def test_a_calibration_of_another_preset_with_the_same_file_is_left_alone() -> None:
    Path("vprog.toml").write_text('[presets."a/b"]\n[presets.a_b]\n', encoding="utf-8")
    case_runs = run_cases(cases(20), ["fast", "slow"], answers, lambda case_run: None)
    save(fit(case_runs, settings(preset="a/b")).calibration)
    assert file_for("a/b", "program") == file_for("a_b", "program")
    assert load_grader(settings(preset="a/b")).confidence("fast", 0.9) is not None
    assert load_grader(settings(preset="a_b")).confidence("fast", 0.9) is None


def test_few_answers_or_all_of_a_kind_are_not_fitted() -> None:
    few = fit(run_cases(cases(9), ["fast", "slow"], answers, lambda case_run: None), settings())
    assert (few.calibration.maps, few.calibration.threshold, few.auto) == ({}, None, None)
    assert any("9 scored answers" in note for note in few.notes)
    assert any("threshold: not fitted" in note for note in few.notes)
    right = fit(
        run_cases(
            cases(12), ["slow"], lambda c, m: said("yes", 0.5, "rules"), lambda case_run: None
        ),
        settings(vlm=""),
    )
    assert any("all right" in note for note in right.notes)
    unscored = fit(
        run_cases(
            cases(12), ["slow"], lambda c, m: said("yes", None, "rules"), lambda case_run: None
        ),
        settings(vlm=""),
    )
    assert unscored.figures[0].error_before is None
    assert any("0 scored answers" in note for note in unscored.notes)


def test_case_that_cannot_be_run_is_kept_and_what_is_missing_ends_it() -> None:
    def broken(case: Case, mode: str) -> Result:
        raise VideoNotFoundError("no file.")

    def missing(case: Case, mode: str) -> Result:
        raise MissingError("no model.")

    heard: list[CaseRun] = []
    case_runs = run_cases(cases(2), ["slow"], broken, heard.append)
    assert case_runs == heard
    assert [case_run.problem for case_run in case_runs] == ["no file.", "no file."]
    assert fit(case_runs, settings(vlm="")).figures[0].n_answered == 0
    with pytest.raises(MissingError):
        run_cases(cases(2), ["slow"], missing, heard.append)


@pytest.mark.parametrize("text", ["{", "[]", '{"preset": "auto"}'])
def test_damaged_calibration_is_told(text: str) -> None:
    path = file_for("auto", settings().strategy)
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="no calibration"):
        load_grader(settings())


def test_name_of_a_preset_stays_inside_the_folder() -> None:
    assert file_for("../../x", "program").name == ".._.._x.program.json"
