"""Which format is meant, and which rows a run has."""

from __future__ import annotations

import pytest

from tests.view.exports.conftest import VIDEO, MakeJob, events
from tests.view.runs import answered, ended, program, started
from vprog.errors import UsageError
from vprog.trace.event import VideoOpened
from vprog.view.exports.export_format import export_formats, format_named


def test_export_formats_are_those_that_are_promised() -> None:
    assert sorted(export_formats()) == [
        "coco", "csv", "edl", "html", "json", "mot", "mp4", "otlp", "parquet", "rrd", "srt", "vtt",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "file", "format_name"),
    [(None, "a.b/x.SRT", "srt"), ("csv", "x.srt", "csv"), (None, "x.htm", "html"),
     (None, "gt.txt", "mot")],
)  # fmt: skip
def test_format_named_by_option_or_by_ending(name: str, file: str, format_name: str) -> None:
    assert format_named(name, file).name == format_name


@pytest.mark.parametrize(
    ("name", "file", "words"),
    [(None, "answer", "cannot be told"), (None, "x.doc", "cannot be told"),
     ("vttt", "x", 'Did you mean "vtt"')],
)  # fmt: skip
def test_format_named_wrongly_is_an_error(name: str, file: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        format_named(name, file)


def test_job_has_evidence_and_what_modules_found(make_job: MakeJob) -> None:
    job = make_job()
    kinds = [row.kind for row in job.rows]
    assert kinds == [
        "Evidence", "Evidence", "Detection", "Track", "Detection", "Detection", "Mask", "Level",
        "Speech",
    ]  # fmt: skip
    assert [row.track for row in job.rows[:6]] == [1, None, None, 1, 1, 1]
    assert [row.kind for row in make_job("evidence").rows] == ["Evidence"] * 2
    assert [(row.start, row.label) for row in make_job("tracks").spans if row.kind == "Track"] == [
        (1.0, "dog")
    ]


def test_job_expands_a_cited_track_to_its_boxes(make_job: MakeJob) -> None:
    job = make_job("evidence")
    assert [(row.start, row.x0) for row in job.boxes] == [(1.0, 10), (2.0, 12)]
    assert job.noted == ["1 rows without a box are left out"]  # type: ignore[attr-defined]


def test_job_without_an_answer_says_why_there_are_no_rows(make_job: MakeJob) -> None:
    job = make_job("evidence", run=events(is_answered=False))
    assert job.rows == []
    noted = job.noted  # type: ignore[attr-defined]
    assert noted == ["no rows: there is no answer (abstained: no dog was seen.)"]
    bare = make_job("evidence", run=[started(), program("answer(1)"), answered(1), ended()])
    assert bare.rows == []
    assert "names no evidence" in bare.noted[0]  # type: ignore[attr-defined]


def test_job_of_one_video_must_know_which(make_job: MakeJob) -> None:
    two = [VideoOpened(path=f"/v/{name}", content_hash="0" * 64, video=VIDEO._replace(index=index))
           for index, name in enumerate("ab")]  # fmt: skip
    run = [started(videos=two), program("answer(1)"), answered(1), ended()]
    with pytest.raises(UsageError, match="2 videos") as raised:
        _ = make_job(run=run).opened
    assert "--input N (0 a, 1 b)" in raised.value.hint
    assert make_job(run=run, video=1).opened.index == 1
