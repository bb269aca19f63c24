"""Questions as they are asked: subtitles moved, what cannot be asked refused by name."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pysubs2
import pytest

from vprog.errors import UsageError
from vprog.evaluation.case import Case
from vprog.evaluation.results import asked_case

CASE = Case(1, (Path("a.mp4"),), "What?", "x", id="k", subtitles_offset=-10.0)


@pytest.mark.parametrize(
    "lines",
    [
        [
            {"start": "00:00:01.0", "end": "00:00:02.0", "line": "gone"},
            {"start": "00:00:10.5", "end": "00:00:12.0", "line": "hello"},
        ],
        [{"timestamp": [1, 2], "text": "gone"}, {"timestamp": [10.5, 12.0], "text": "hello"}],
    ],
)
def test_subtitles_of_longvideobench_are_moved_and_written_as_srt(
    lines: list[dict[str, Any]], tmp_path: Path
) -> None:
    file = tmp_path / "a_en.json"
    file.write_text(json.dumps(lines))
    asked = asked_case(replace(CASE, subtitles=file), "c.jsonl", tmp_path / "subtitles")
    (line,) = pysubs2.load(str(asked.subtitles))
    assert (line.start, line.end, line.plaintext) == (500, 2000, "hello")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"question": " "}, "c.jsonl, case k: the question is empty"),
        ({"choices": ("one",)}, "c.jsonl, case k: got 1 choices"),
        ({"subtitles": Path("none.srt")}, "none.srt: the subtitles cannot be read"),
    ],
)
def test_case_that_cannot_be_asked_is_refused(
    more: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=words):
        asked_case(replace(CASE, **more), "c.jsonl", tmp_path)


def test_case_about_a_part_is_asked_about_that_part(tmp_path: Path) -> None:
    asked = asked_case(replace(CASE, subtitles=None, start=1.0), "c.jsonl", tmp_path)
    assert asked.part == (1.0, 0.0)
    whole = asked_case(replace(CASE, subtitles=None), "c.jsonl", tmp_path)
    assert (whole.part, whole.digest({}) == asked.digest({})) == ((0.0, 0.0), False)


def test_subtitles_that_are_none_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a_en.json"
    file.write_text('[{"line": "no time"}]')
    with pytest.raises(UsageError, match="must have start and end"):
        asked_case(replace(CASE, subtitles=file), "c.jsonl", tmp_path)
