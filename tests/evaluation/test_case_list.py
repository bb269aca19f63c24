"""Lists of questions: lines, tables, folders, patterns; what is wrong is named with its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vprog.errors import UsageError
from vprog.evaluation.case_list import ListedCase, cases_of, list_cases


def test_list_reads_json_lines_whose_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text(
        '{"id": "k", "video": "a.mp4", "question": "How many?", "answer": 3}\n\n'
        '{"video": ["a.mp4", "/b.mp4"], "question": "Which?", "choices": ["x", "y"], '
        '"subs": "s.srt"}\n'
    )
    assert list(list_cases(str(tmp_path / "cases.jsonl"))) == [
        ListedCase("k", (tmp_path / "a.mp4",), "How many?"),
        ListedCase(
            "3", (tmp_path / "a.mp4", Path("/b.mp4")), "Which?", ("x", "y"), tmp_path / "s.srt"
        ),
    ]


def test_list_reads_a_table(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text(
        "\ufeffid,video,question,choices\n7,a.mp4,How many?,\n8,b.mp4,Which?,red | blue\n",
        encoding="utf-8",
    )
    assert list(list_cases(str(tmp_path / "cases.csv"))) == [
        ListedCase("7", (tmp_path / "a.mp4",), "How many?"),
        ListedCase("8", (tmp_path / "b.mp4",), "Which?", ("red", "blue")),
    ]


def test_list_keeps_line_ends_of_other_kinds_within_a_question(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text(
        '{"video": "a", "question": "How\u2028many?"}\r\n{"video": "a", "question": "Why?"}',
        encoding="utf-8",
        newline="",
    )
    (tmp_path / "c.csv").write_text('video,question\r\na,"How\nmany?"\r\n', newline="")
    (many, why), (of_table,) = (list_cases(str(tmp_path / name)) for name in ("c.jsonl", "c.csv"))
    assert (many.question, why.question, of_table.question) == (
        "How\u2028many?", "Why?", "How\nmany?",
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_list_says_which_encoding_it_takes(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "c.csv").write_text("video,question\na,Wie groß?\n", encoding=encoding)
    with pytest.raises(UsageError, match="must be UTF-8, and byte"):
        list_cases(str(tmp_path / "c.csv"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")
def test_list_does_not_wait_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "c.jsonl")
    with pytest.raises(UsageError, match="no regular file"):
        list_cases(str(tmp_path / "c.jsonl"))


def test_list_asks_the_same_of_each_file_of_a_folder_or_pattern(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("b.mp4", "deep/a.MKV", "notes.txt"):
        (tmp_path / name).touch()
    in_folder = list_cases(str(tmp_path), ["How many?"])
    assert [case.id for case in in_folder] == ["b.mp4", "deep/a.MKV"]
    matched = list_cases(f"{tmp_path}/*.mp4", ["How many?", "Why?"])
    assert [(case.id, case.question) for case in matched] == [
        (f"{tmp_path}/b.mp4#1", "How many?"),
        (f"{tmp_path}/b.mp4#2", "Why?"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("c.jsonl", '{"video": "a.mp4"}', r"c.jsonl line 1: no case: .*`question`"),
        ("c.jsonl", '{"question": "a"}', "line 1: no case: .*`video`"),
        ("c.jsonl", '{"video": "a", "question": "q"}\n{', "line 2: no case"),
        ("c.jsonl", '{"video": "a", "question": " "}', "line 1: the question is empty"),
        ("c.jsonl", '{"video": [], "question": "q"}', "line 1: no video"),
        ("c.jsonl", '{"video": "a", "question": "q", "choices": ["x"]}', "1 choices"),
        (
            "c.jsonl",
            '{"id": 1, "video": "a", "question": "q"}\n{"id": "1", "video": "b", "question": "q"}',
            'line 2: the id "1" is that of line 1 as well',
        ),
        ("c.jsonl", "", "holds no case"),
        ("c.csv", "video,text\na.mp4,How?\n", r"c.csv line 2: no case: .*`question`"),
        ("c.csv", "video,question\n", "holds no case"),
        pytest.param(
            "c.jsonl",
            '{"video": "a", "question": "q", "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
            "line 1: no case: .*recursion",
            id="deep",
        ),
        pytest.param(
            "c.csv",
            f"video,question\na,{'x' * 200_000}\n",
            "line 2: no CSV: field larger",
            id="long",
        ),
        ("c.csv", 'video,question\na,"How?\nb,Why?\n', "no CSV: unexpected end of data"),
        ("c.csv", "video,question\na,Red, or blue?\n", "line 2: no case: more fields"),
        ("c.csv", "video,video,question\na,b,How?\n", "line 1: a column is there twice"),
    ],
)
def test_list_says_what_is_no_case(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=words):
        list_cases(str(tmp_path / name))


@pytest.mark.parametrize(
    ("source", "questions", "words"),
    [
        ("nowhere.jsonl", (), "cannot be read"),
        pytest.param("x" * 5000 + ".jsonl", (), "cannot be read: File name too long", id="long"),
        ("talk.mp4", (), "neither cases"),
        (".", (), "question missing"),
        (".", ("How many?",), "holds no video"),
        ("*.mp4", ("How many?",), "holds no video"),
    ],
)
def test_list_says_what_cannot_be_listed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    questions: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=words):
        list_cases(source, questions)


def test_list_with_questions_of_its_own_takes_no_other(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"video": "a", "question": "q"}')
    with pytest.raises(UsageError, match="brings its own questions"):
        list_cases(str(tmp_path / "c.jsonl"), ["How many?"])


def test_cases_of_takes_paths_and_numbers_those_without_an_id() -> None:
    cases = cases_of([{"video": Path("a.mp4"), "question": "q"}, {"video": "b", "question": "q"}])
    assert [(case.id, case.videos) for case in cases] == [
        ("1", (Path("a.mp4"),)),
        ("2", (Path("b"),)),
    ]
    with pytest.raises(UsageError, match="case 1: no case"):
        cases_of([{"video": 3, "question": "q"}])


def test_digest_changes_with_the_question_and_with_how_it_is_asked() -> None:
    case = ListedCase("1", (Path("a"),), "q")
    other = ListedCase("1", (Path("a"),), "r")
    digests = {case.digest({}), other.digest({}), case.digest({"llm": "x"})}
    assert len(digests) == 3
    assert case.digest({"a": 1, "b": 2}) == case.digest({"b": 2, "a": 1})
