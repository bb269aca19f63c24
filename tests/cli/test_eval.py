"""`vprog eval`: verdicts, report and archive; replayed, resumed, in parts, compared."""

from __future__ import annotations

import json
import shutil
import time
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from tests.cli.command import start, vprog
from tests.drawing import draw_video
from vprog.types.mask_rle import encode_mask

pytestmark = pytest.mark.usefixtures("home")

SAME = ("id", "verdict", "answer", "choice", "expected", "metrics", "status", "groups", "case")


def write_cases(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]


def said(folder: Path) -> list[list[Any]]:
    """What each result says, but for clocks and the names of runs."""
    return [[row[name] for name in SAME] for row in rows_of(folder)]


@pytest.fixture
def video(tmp_path: Path, clip: Path) -> Path:
    """A copy of the clip: these tests take it away."""
    (tmp_path / "media").mkdir()
    return Path(shutil.copy(clip, tmp_path / "media"))


@pytest.fixture
def cases(tmp_path: Path, video: Path, other_clip: Path) -> Path:
    rows: list[dict[str, Any]] = [
        {"id": "long", "question": "How long is the video?", "answer": 2.0, "group": "facts"},
        {"id": "off", "question": "How many shots are there?", "answer": 7, "group": "shots"},
        {"id": "how", "question": "Why is it quiet?", "answer": "a <b>library</b>"},
        {"id": "nobody", "question": "Why is it quiet?", "answer": None},
        {
            "id": "choice",
            "question": "How many shots are there?",
            "choices": ["1", "2"],
            "answer": "A",
            "span": [0.0, 2.0],
        },
    ]
    for row in rows:
        row["video"] = video.name
    rows.append({"id": "gone", "video": "gone.mp4", "question": "How long?", "answer": 1})
    rows.append({**rows[0], "id": "other", "video": "other.mp4", "answer": 1.0})
    shutil.copy(other_clip, video.with_name("other.mp4"))
    return write_cases(video.parent / "cases.jsonl", rows)


def test_eval_reports_verdicts_and_counts_what_has_no_answer_as_wrong(
    cases: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    ran = vprog("eval", cases, "-o", out, "--json")
    assert ran.code == 3, ran.err  # one file is not there
    assert {row["id"]: row["verdict"] for row in rows_of(out)} == {
        "long": "right", "off": "wrong", "how": "abstained", "nobody": "right",
        "choice": "right", "gone": "failed", "other": "right",
    }  # fmt: skip
    overall = ran.json["overall"]
    assert (overall["n"], overall["right"], overall["accuracy"]) == (7, 4, pytest.approx(4 / 7))
    assert (overall["coverage"], overall["accuracy_answered"]) == (pytest.approx(4 / 7), 0.75)
    assert overall["error"] > 0
    assert ran.json["failures"] == {"abstained": 2, "unreadable": 1}
    assert ran.json["n_unanswerable"] == 1
    assert [group["name"] for group in ran.json["groups"]["group"]] == ["facts", "shots"]
    choice = next(row for row in rows_of(out) if row["id"] == "choice")
    assert set(choice["metrics"]) == {"tiou", "iop", "acc_gqa"}
    assert "mIoU" in ran.json["metrics"]
    page = (out / "report.html").read_text()
    assert "<script" not in page
    assert "a &lt;b&gt;library&lt;/b&gt;" in page
    assert 'href="traces/' in page
    assert "| facts" in (out / "report.md").read_text()


def test_eval_reports_every_form_of_an_answer(video: Path, tmp_path: Path) -> None:
    plan = {"start": "a", "goal": "b", "moves": {"a": {"right": "b"}}}
    known: dict[str, Any] = {
        "2": 2,
        "0.5, 1.5": [0.5, 1.5],
        "any of: 2; 3": {"any_of": [2, 3]},
        "all of: cat; dog": {"all_of": ["cat", "dog"]},
        "in order: 2; 0": {"in_order": [2, 0]},
        "a plan from a to b": {"plan": plan},
        "evidence that overlaps what is known by 0.5": {"cited": 0.5},
        "none": None,
    }
    mask = msgspec.to_builtins(encode_mask(np.tri(120, 160, dtype=bool)))
    rows = [
        {"video": video.name, "question": "How long is the video?", "answer": answer,
         "mask": [{"time": 0.5, **mask}]}
        for answer in known.values()
    ]  # fmt: skip
    out = tmp_path / "run"
    ran = vprog("eval", write_cases(video.parent / "cases.jsonl", rows), "-o", out, "--json")
    assert ran.code == 0, ran.err
    assert (ran.json["metrics"]["J"], ran.json["metrics"]["F"]) == (0.0, 0.0)
    page = (out / "report.html").read_text()
    for text in known:
        assert f'<td data-label="known:">{text}</td>' in page


def test_eval_archive_is_scored_again_with_the_same_bytes_where_no_video_is(
    cases: Path, tmp_path: Path
) -> None:
    out, away = tmp_path / "run", tmp_path / "elsewhere"
    vprog("eval", cases, "-o", out)
    away.mkdir()
    shutil.copy(out / "archive.zip", away)
    kept = {name: (out / name).read_bytes() for name in ("results.jsonl", "summary.json")}
    pages = [(out / name).read_bytes() for name in ("report.html", "report.md")]
    shutil.rmtree(cases.parent)
    shutil.rmtree(out)
    ran = vprog("eval", "--replay", away / "archive.zip", "-o", away / "again")
    assert ran.code == 0
    assert "equal: results.jsonl is that of the archive" in ran.err
    assert "without an answer: abstained 2, unreadable 1" in ran.err
    again = away / "again"
    assert {name: (again / name).read_bytes() for name in kept} == kept
    assert [(again / name).read_bytes() for name in ("report.html", "report.md")] == pages
    with zipfile.ZipFile(away / "archive.zip") as archive:
        names = archive.namelist()
        assert len([name for name in names if name.startswith("traces/")]) == 6
        manifest = json.loads(archive.read("manifest.json"))
        programs = [json.loads(line)["program"] for line in archive.open("answers.jsonl")]
    assert manifest["vprog"]
    assert any(module["task"] == "find_shots" for module in manifest["modules"])
    assert len(manifest["videos"]) == 2
    assert sum(program is not None for program in programs) >= 4


def test_eval_archive_that_was_changed_is_refused(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    vprog("eval", cases, "-o", out)
    with zipfile.ZipFile(out / "archive.zip") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["results.jsonl"] = members["results.jsonl"].replace(b'"wrong"', b'"right"')
    with zipfile.ZipFile(tmp_path / "forged.zip", "w") as forged:
        for name, data in members.items():
            forged.writestr(name, data)
    ran = vprog("eval", "--replay", tmp_path / "forged.zip", "-o", tmp_path / "again")
    assert ran.code == 2
    assert "results.jsonl is not what the manifest says" in ran.err
    ran = vprog("eval", "--replay", cases, "-o", tmp_path / "again")
    assert (ran.code, "no archive of an evaluation" in ran.err) == (2, True)


def test_eval_killed_at_moments_and_resumed_gives_equal_results(
    cases: Path, tmp_path: Path
) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    code = vprog("eval", cases, "-o", whole).code
    for wait_s in (0.6, 1.1, 1.5):
        process = start("eval", cases, "-o", out, "--jobs", "2", "--resume")
        time.sleep(wait_s)
        process.kill()
        process.communicate()
    ran = vprog("eval", cases, "-o", out, "--resume")
    assert ran.code == code
    assert said(out) == said(whole)


def test_eval_in_parts_is_scored_together(cases: Path, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    vprog("eval", cases, "-o", whole)
    for part in ("1/2", "2/2"):
        ran = vprog("eval", cases, "-o", out, "--shard", part)
        assert "without --shard" in ran.err
    assert not (out / "results.jsonl").exists()
    ran = vprog("eval", cases, "-o", out, "--resume")
    assert "vprog: 1 of 1" in ran.err  # the file that is not there is looked for again
    assert said(out) == said(whole)


def test_eval_compares_two_runs_case_by_case(cases: Path, tmp_path: Path) -> None:
    vprog("eval", cases, "-o", tmp_path / "a")
    text = cases.read_text().replace('"answer": 7', '"answer": 1')
    cases.write_text("".join(line + "\n" for line in text.splitlines()[:-1]))
    vprog("eval", cases, "-o", tmp_path / "b")
    ran = vprog("eval", "--compare", tmp_path / "a", tmp_path / "b", "--json")
    assert (ran.json["n"], ran.json["only_a"], ran.json["only_b"]) == (6, 0, 1)
    assert ran.json["difference"] == pytest.approx(1 / 6)
    assert ran.json["p_mcnemar"] == 1.0
    assert ran.json["left_out"] == 1
    assert (
        "right in A alone 0, in B alone 1"
        in vprog("eval", "--compare", tmp_path / "a", tmp_path / "b").out
    )


def test_eval_compares_strategies_of_equal_budgets(video: Path, tmp_path: Path) -> None:
    cases = write_cases(
        video.parent / "two.jsonl",
        [
            {"video": video.name, "question": "How many shots?", "answer": 1},
            {"video": video.name, "question": "How many cuts?", "answer": 0},
        ],
    )
    script = tmp_path / "replies.txt"
    good, bad = "```python\nanswer(1)\n```\n", "```python\nanswer(5)\n```\n"
    script.write_text("---\n".join([good, bad] + [bad] * 8))
    ran = vprog(
        "eval", cases, "-o", tmp_path / "out", "--strategies", "program,vote", "--jobs", "1",
        "--llm", f"scripted:{script}", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    first, second = ran.json["strategies"]
    assert (first["name"], first["accuracy"], first["is_front"]) == ("program", 0.5, True)
    assert (second["name"], second["accuracy"]) == ("vote", 0.0)
    assert second["llm_calls"] >= first["llm_calls"]
    (drift,) = ran.json["tables"]
    assert drift["rows"][0][:5] == ["vote", "2", "0 (0.0%)", "1 (50.0%)", "0 (0.0%)"]
    assert "program alone (drift)" in (tmp_path / "out" / "report.html").read_text()
    assert "program *" in (tmp_path / "out" / "report.md").read_text()
    assert "<circle" in (tmp_path / "out" / "report.html").read_text()
    assert (tmp_path / "out" / "vote" / "archive.zip").exists()


def test_eval_asks_a_named_model_to_judge_and_keeps_what_it_said(
    video: Path, tmp_path: Path
) -> None:
    rows = [
        {"id": str(number), "video": video.name, "question": question, "answer": answer}
        for number, (question, answer) in enumerate(
            [
                ("What is the resolution?", "160 by 120 pixels"),
                ("What is the resolution of the video?", "160x120"),
                ("What's the resolution of this clip?", "a dog"),
            ]
        )
    ]
    cases = write_cases(video.parent / "open.jsonl", rows)
    script = tmp_path / "judge.txt"
    script.write_text("Yes.\n---\nno, I think\n")
    spec = f"scripted:{script}"
    ran = vprog(
        "eval", cases, "-o", tmp_path / "out", "--judge-model", spec, "--json", "--jobs", "1"
    )
    assert ran.code == 0, ran.err
    scored = {row["id"]: row for row in rows_of(tmp_path / "out")}
    assert [scored[key]["verdict"] for key in "012"] == ["right", "right", "wrong"]
    assert [scored[key]["strict_verdict"] for key in "012"] == ["wrong", "right", "wrong"]
    assert [scored[key]["judge"] for key in "012"] == [spec, "grammar", spec]
    assert ran.json["strict_accuracy"] == pytest.approx(1 / 3)
    again = vprog(
        "eval", "--replay", tmp_path / "out" / "archive.zip", "-o", tmp_path / "again"
    )  # the judge is not asked: its script is at its end
    assert again.code == 0
    with zipfile.ZipFile(tmp_path / "out" / "archive.zip") as archive:
        assert len(json.loads(archive.read("manifest.json"))["judge_prompt_sha256"]) == 64


def test_eval_moves_the_times_of_subtitles(video: Path, tmp_path: Path) -> None:
    (video.parent / "late.srt").write_text("1\n00:00:10,500 --> 00:00:11,000\nhello there\n")
    row = {
        "video": video.name,
        "question": "When does someone say hello?",
        "answer": 0.5,
        "tolerance": 0.1,
        "subs": "late.srt",
        "subs_offset": -10.0,
    }
    cases = write_cases(video.parent / "subs.jsonl", [row])
    assert vprog("eval", cases, "-o", tmp_path / "out").code == 0
    assert rows_of(tmp_path / "out")[0]["verdict"] == "right"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("CASES",), "no folder for the results"),
        (("-o", "OUT"), "no cases"),
        (("nowhere.jsonl", "-o", "OUT"), "cannot be read"),
        (("CASES", "-o", "OUT", "--shard", "3/2"), "must be I/N"),
        (("CASES", "-o", "OUT", "--suite", "mvbnch"), 'no loader for "mvbnch"'),
        (("CASES", "-o", "OUT", "--strategies", "vote"), "needs two or more"),
        (("CASES", "-o", "OUT", "--strategies", "vote,votes"), 'unknown strategy "votes"'),
        (("CASES", "-o", "OUT", "--judge-model", "x:y"), "x"),
        (("--compare", "OUT", "OUT"), "the results cannot be read"),
        (("--replay", "nowhere.zip", "-o", "OUT"), "no archive of an evaluation"),
    ],
)
def test_eval_that_is_put_together_wrongly_exits_with_2(
    cases: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    names = {"CASES": str(cases), "OUT": str(tmp_path / "out")}
    ran = vprog("eval", *(names.get(item, item) for item in arguments))
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


def test_eval_leaves_results_alone_that_are_there(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    vprog("eval", cases, "-o", out)
    before = (out / "results.jsonl").read_bytes()
    ran = vprog("eval", cases, "-o", out)
    assert (ran.code, "has results already" in ran.err) == (2, True)
    assert (out / "results.jsonl").read_bytes() == before


def test_eval_audit_says_which_answers_do_not_rest_on_the_video(
    cases: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    vprog("eval", cases, "-o", out)
    ran = vprog("eval", "--audit", out, "--json")
    assert ran.code == 0, ran.err
    audits = {
        row["id"]: row for row in map(json.loads, (out / "audits.jsonl").read_text().splitlines())
    }
    assert set(audits) == {"long", "off", "choice", "other"}  # what was not answered is left out
    assert ran.json["answers"]["do not rest on the video"] >= 2  # a length needs no picture
    for name in ("long", "other"):
        blind = next(row for row in audits[name]["conditions"] if row["name"] == "blind")
        assert (blind["same"], blind["right"]) == (True, True)
    again = next(row for row in ran.json["conditions"] if row["what"] == "the video as it is")
    assert (again["n"], again["same"], again["right"]) == (4, 4, 3)
    assert again["against"]["difference"] == 0
    table = (out / "report.md").read_text()
    assert "no picture and no sound" in table
    assert vprog("eval", "--audit", tmp_path).code == 2


def test_eval_audit_names_the_answers_whose_videos_are_gone(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    vprog("eval", cases, "-o", out)
    (cases.parent / "other.mp4").unlink()
    ran = vprog("eval", "--audit", out)
    assert ran.code == 3
    assert "other: " in ran.err
    assert "could not be audited" in ran.out


def test_eval_asks_in_arms_and_goes_on_with_them(video: Path, tmp_path: Path) -> None:
    """A cut is there backwards too, and not in one frame or without the video."""
    draw_cut(video.with_name("cut.mp4"))
    asked = {"video": "cut.mp4", "question": "How many shots are there?"}
    cases = write_cases(
        video.parent / "arms.jsonl",
        [
            {**asked, "id": "open", "answer": 2},
            {**asked, "id": "choice", "answer": "2", "choices": ["1", "2"]},
            {"id": "long", "video": "cut.mp4", "question": "How long is it?", "answer": 2.0},
        ],
    )
    out = tmp_path / "run"
    ran = vprog("eval", cases, "-o", out, "--arms", "text_only,one_frame,shuffled", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["overall"]["accuracy"] == 1.0
    tables = {table["name"]: table["rows"] for table in ran.json["tables"]}
    assert [row[1:3] for row in tables["arms"]][:2] == [["3", "1 (33.3%)"], ["3", "1 (33.3%)"]]
    assert [row[1] for row in tables["classes"]] == ["1", "2", "0", "0"]
    assert "## Under other conditions" in (out / "report.md").read_text()
    assert "<h2>Under other conditions</h2>" in (out / "report.html").read_text()
    answers = (out / "arms/one_frame/answers.jsonl").read_bytes()
    more = vprog("eval", cases, "-o", out, "--resume", "--arms", "all", "--json")
    assert (out / "arms/one_frame/answers.jsonl").read_bytes() == answers
    rows = {row[0]: row for row in more.json["tables"][0]["rows"]}
    assert rows["the pictures backwards"][1:3] == ["3", "3 (100.0%)"]
    assert rows["the options in another order"][1:3] == ["1", "1 (100.0%)"]
    assert rows['"None of these" in place of the right option'][1:3] == ["1", "0 (0.0%)"]
    # One arm more keeps the others; with other settings they would be of another evaluation.
    one = vprog("eval", cases, "-o", out, "--resume", "--arms", "reversed", "--json")
    assert one.json["tables"] == more.json["tables"]
    assert "options_shuffled: 2 left out: no options to choose from" in more.err
    assert "2 left out: no options" in more.json["tables"][0]["note"]
    # The tables are in the archive, and so where it is scored again.
    again = vprog("eval", "--replay", out / "archive.zip", "-o", tmp_path / "again", "--json")
    assert again.code == 0
    assert again.json["tables"] == more.json["tables"]
    for name in ("report.md", "report.html"):
        assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes()
    # Other results: what the tables say is not of them.
    write_cases(cases, [{**asked, "id": "open", "answer": 2}])
    assert vprog("eval", cases, "-o", out, "--resume", "--json").json["tables"] == []


def test_eval_refuses_arms_that_cannot_be(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    ran = vprog("eval", cases, "-o", out, "--arms", "revers")
    assert (ran.code, 'no arm "revers"' in ran.err) == (2, True)
    ran = vprog("eval", cases, "-o", out, "--arms", "all", "--set", "shown=none")
    assert (ran.code, "says itself what is shown" in ran.err) == (2, True)
    assert not out.exists()


def draw_cut(path: Path) -> Path:
    """A second of red and a second of blue, with a moving mark."""

    def paint(number: int, width: int, height: int) -> np.ndarray:
        picture = np.empty((height, width, 3), dtype=np.uint8)
        picture[:] = (200, 40, 40) if number < 10 else (40, 60, 200)
        picture[40:60, 10 + 3 * (number % 10) : 30 + 3 * (number % 10)] = 255
        return picture

    return draw_video(path, 20, fps=10, paint=paint)


def test_eval_audit_is_gone_on_with_and_stands_in_the_report(video: Path, tmp_path: Path) -> None:
    rows = [{"id": str(n), "video": video.name, "question": question, "answer": answer}
            for n, (question, answer) in enumerate([("How many shots are there?", 1),
                                                    ("How long is it?", 2.0)])]  # fmt: skip
    cases, out = write_cases(video.parent / "two.jsonl", rows), tmp_path / "run"
    vprog("eval", cases, "-o", out)
    ran = vprog("eval", "--audit", out)
    assert ran.code == 0, ran.err
    lines = (out / "audits.jsonl").read_text().splitlines()
    assert len(lines) == 2
    assert "What answers rest on" in (out / "report.html").read_text()
    with zipfile.ZipFile(out / "archive.zip") as archive:
        assert {"tables/audit.json", "tables/audit-kinds.json"} <= set(archive.namelist())
    # Killed within the second line: the first is not made again, the second is.
    (out / "audits.jsonl").write_text(f"{lines[0]}\n{lines[1][:50]}")
    again = vprog("eval", "--audit", out)
    assert again.out == ran.out
    kept = (out / "audits.jsonl").read_text().splitlines()
    assert (kept[0], len(kept)) == (lines[0], 3)
    assert json.loads(kept[2])["id"] == "1"
