"""Whether scores put right answers before wrong ones: area under risk and coverage, nulls, ECE.

    python -m benchmarks.score_order [--sets offline,replayed,scripted] [--count 20] [-o ROWS.jsonl]
        [--against EARLIER.jsonl] [--cases FILE --media FOLDER]

Labelled questions, asked of three writers without a model: the rules on real files (offline:
tests/real, or a file of cases), the kept replies of a strong model played by hand (replayed:
tests/hand_round), and programs of which a share is wrong, over modules that err, on drawn worlds
(scripted: strategies_on_worlds.py). One line a writer: answers, wrong ones, those without a
score, and the mean risk over all coverages; where nothing is scored, the score is 0.

`-o` keeps what came of each question; `--against` puts the same figures of an earlier file, of
another state of the code, beside them, over the questions that both have.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import vprog
from tests.hand_round.replay_server import ReplayServer
from tests.real.score import load_cases
from tests.real_media import find_media
from vprog.evaluation.calibrate.risk_coverage import (
    ScoredAnswer,
    area_under_risk,
    calibration_error,
)
from vprog.evaluation.case import Case, read_cases
from vprog.evaluation.judge import verdict_of

ROOT = Path(__file__).resolve().parents[1]
HAND_ROUND = ROOT / "tests" / "hand_round"
STRATEGIES = ("program", "vote", "params")
SETS = ("offline", "replayed", "scripted")

Row = dict[str, Any]
"""A question with writer, status, verdict, score."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--count", type=int, default=20, help="videos of each drawn world")
    parser.add_argument("--cases", type=Path, help="a file of cases, in place of tests/real")
    parser.add_argument("--media", type=Path, help="the folder that its paths lead into")
    parser.add_argument("-o", "--out", type=Path, help="keep the rows here")
    parser.add_argument("--against", type=Path, help="the rows of an earlier run")
    options = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "offline" in options.sets:
            rows += offline(folder, options.cases, options.media)
        if "replayed" in options.sets:
            rows += replayed(folder)
        if "scripted" in options.sets:
            rows += scripted(folder, options.count)
    if options.out is not None:
        options.out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    before: list[Row] = []
    if options.against is not None:
        lines = options.against.read_text(encoding="utf-8").splitlines()
        asked = {(row["writer"], row["id"]) for row in rows}
        before = [row for line in lines if _key(row := json.loads(line)) in asked]
        kept = {_key(row) for row in before}
        rows = [row for row in rows if _key(row) in kept]
    print("| writer | answers | wrong | no score | AURC | AURC of those scored | ECE |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for writer in dict.fromkeys(row["writer"] for row in rows):
        for when, listed in (("before", before), ("now", rows)):
            answers = [row for row in listed if row["writer"] == writer]
            if answers:
                print(figures(f"{writer}, {when}" if before else writer, answers))
    return 0


def offline(folder: Path, cases: Path | None, media: Path | None) -> Iterator[Row]:
    """The rules on real files."""
    if cases is None:
        listed = load_cases("cases.jsonl")
    else:
        listed = read_cases(cases, folder=media, allow_unanswerable=True)
    with vprog.Engine(cache_dir=folder / "cache", trace_dir=folder / "traces") as engine:
        for case in listed:
            if not all(Path(path).is_file() for path in case.videos):
                continue
            result = engine.solve(list(case.videos), case.question, choices=case.choices or ())
            yield _row("offline", case, result.status, result.answer, result.score)


def replayed(folder: Path) -> Iterator[Row]:
    """The conversations of both hand rounds."""
    os.environ["OPENAI_API_KEY"] = "none"
    listed = read_cases(HAND_ROUND / "cases.jsonl", folder=Path(), allow_unanswerable=True)
    cases = {case.id: case for case in listed}
    for name in ("conversations", "second_round"):
        kept = (HAND_ROUND / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        with ReplayServer() as server:
            os.environ["OPENAI_BASE_URL"] = server.url
            with vprog.Engine(
                llm="openai:writer",
                vlm="openai:looker",
                cache_dir=folder / name / "cache",
                trace_dir=folder / name / "traces",
                max_seconds=300.0,
            ) as engine:
                for row in map(json.loads, kept):
                    case = cases[row["case"]]
                    video = find_media(case.names[0])
                    if video is None:
                        continue
                    server.begin(row["turns"])
                    result = engine.solve(
                        video, case.question, choices=case.choices or (), mode=row["mode"]
                    )
                    answered = _row("replayed", case, result.status, result.answer, result.score)
                    yield {**answered, "id": f"{name}/{case.id}/{row['mode']}"}


def scripted(folder: Path, count: int) -> Iterator[Row]:
    """Programs that err over modules that err, by three strategies."""
    command = [sys.executable, "-m", "benchmarks.strategies_on_worlds", "--no-blame",
               "--out", folder / "out", "--count", count,
               "--strategies", ",".join(STRATEGIES)]  # fmt: skip
    ran = subprocess.run(
        list(map(str, command)), check=False, cwd=ROOT, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    if ran.returncode not in (0, 3):  # 3: some questions failed, which their rows say
        raise RuntimeError(f"{' '.join(ran.args)} ended with {ran.returncode}: {ran.stderr[-500:]}")
    for strategy in STRATEGIES:
        text = (folder / "out" / strategy / "results.jsonl").read_text(encoding="utf-8")
        for result in map(json.loads, text.splitlines()):
            told = {key: result[key] for key in ("status", "verdict", "score", "answer")}
            yield {"writer": f"scripted, {strategy}", "id": result["id"], **told}


def figures(name: str, rows: Sequence[Row]) -> str:
    """The line of the table for one writer."""
    answered = [row for row in rows if row["status"] == "answered"]
    scored = _scored(row for row in answered if row["score"] is not None)
    n_wrong = sum(row["verdict"] == "wrong" for row in answered)
    ordered = (
        f"{area_under_risk(scored):.4f} | {calibration_error(scored):.4f}" if scored else "- | -"
    )
    return (
        f"| {name} | {len(answered)} | {n_wrong} | {len(answered) - len(scored)} | "
        f"{area_under_risk(_scored(answered)):.4f} | {ordered} |"
    )


def _scored(rows: Iterable[Row]) -> list[ScoredAnswer]:
    return [ScoredAnswer(row["score"] or 0.0, row["verdict"] == "right") for row in rows]


def _row(writer: str, case: Case, status: str, answer: object, score: float | None) -> Row:
    return {
        "writer": writer,
        "id": f"{case.id}/{case.question}",
        "status": str(status),
        "verdict": verdict_of(case, status, answer),  # type: ignore[arg-type]
        "score": score,
        "answer": answer,
    }


def _key(row: Row) -> tuple[str, str]:
    return row["writer"], row["id"]


if __name__ == "__main__":
    sys.exit(main())
