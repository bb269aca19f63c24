"""Known answers as files hold them, and the one judge: what fits which form of answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vprog.errors import UsageError
from vprog.evaluation.case import AllOf, AnyOf, Case, Cited, InOrder, read_cases
from vprog.evaluation.judge import is_right, verdict_of


def test_cases_are_read_with_paths_beside_the_file(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    rows = [
        {
            "video": "a.mp4",
            "question": "How many?",
            "answer": 3,
            "group": "facts",
            "x": "left alone",
        },
        {"video": ["b.mp4", "/c.mp4"], "question": "Which?", "answer": "x", "choices": ["x", "y"]},
    ]
    file.write_text("\n\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    first, second = read_cases(file)
    assert (first.line, first.videos) == (1, (tmp_path / "a.mp4",))
    assert (second.line, second.videos) == (3, (tmp_path / "b.mp4", Path("/c.mp4")))
    assert second.choices == ("x", "y")
    assert read_cases(file, folder=Path("/media"))[0].videos == (Path("/media/a.mp4"),)
    assert (first.groups, first.held_out) == ({"group": "facts"}, False)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("3", 3),
        ("[2, 3.5]", [2, 3.5]),
        ('["a", "b"]', ["a", "b"]),
        ('{"any_of": [1.5, "x", [2, 3]]}', AnyOf([1.5, "x", [2, 3]])),
        ("null", None),
    ],
)
def test_case_answer_has_one_of_five_forms(answer: str, expected: object, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(f'{{"video": "a", "question": "?", "answer": {answer}}}', encoding="utf-8")
    assert read_cases(file, allow_unanswerable=True)[0].answer == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no case"),
        ("{", "line 1: no case"),
        ('{"video": "a", "answer": 3}', "line 1: no case"),
        ('{"video": "a", "question": "?", "answer": null}', "line 1: the answer must be"),
        ('{"video": "a", "question": "?", "answer": {"x": 1}}', "line 1: the answer must be"),
        ('{"video": "a", "question": "?", "answer": true}', "line 1: the answer must be"),
        ('{"video": "a", "question": "?", "answer": []}', "line 1: the answer must be"),
        ('{"video": "a", "question": "?", "answer": [3, 2]}', "line 1: the answer must be"),
        ('{"video": "a", "question": "?", "answer": ["a", 2]}', "line 1: the answer must be"),
        ('{"video": "a", "question": "?", "answer": {"any_of": []}}', "line 1: the answer must"),
    ],
)
def test_file_that_holds_no_cases_is_refused(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        read_cases(file)
    with pytest.raises(UsageError, match="cannot be read"):
        read_cases(tmp_path / "none")


def case(answer: Any, tolerance: float = 0.0) -> Case:
    return Case(1, (Path("a.mp4"),), "?", answer, tolerance=tolerance)


@pytest.mark.parametrize(
    ("expected", "tolerance", "answer", "right"),
    [
        (3, 0.0, 3, True),
        (3, 0.0, 4, False),
        (3, 1.0, 4, True),
        (3, 0.0, "3", True),
        (3, 0.0, "3 dogs", False),
        (62.5, 0.0, "1:02.5", True),
        (62.5, 0.0, "1:62.5", False),
        (3, 0.0, "three", False),
        (3, 0.0, None, False),
        (1, 0.0, True, False),
        (2.0, 0.5, 2.4, True),
        (2.0, 0.5, [2.4, 9.0], True),  # a span: its start is meant
        (5.0, 0.3, [6.0, 7.0], False),
        (2, 0.0, [2, 5, 9], False),  # no span, and not one number
        (2, 0.0, [2, 1], False),
        ("Blue.", 0.0, "blue", True),
        ("blue", 0.0, "light blue", False),
        ("yes", 0.0, "yes", True),
        ("yes", 0.0, "no", False),
        ("yes", 0.0, "Yes, a dog.", True),
        ("no", 0.0, "No one is there", False),
        ("no", 0.0, "no", True),
        ([2.0, 4.0], 0.0, 3.0, True),
        ([2.0, 4.0], 0.0, 4.5, False),
        ([2.0, 4.0], 0.6, [2.5, 4.5], True),
        ([2.0, 4.0], 0.4, [2.5, 4.0], False),
        ([2.0, 4.0], 0.0, "2.0 4.0", False),
        ([2.0, 4.0], 9.0, [2.0, 3.0, 4.0], False),
        (["cat", "kitten"], 0.0, "Kitten", True),
        (["frame 11"], 0.0, "2 Frame = 11 ms", True),  # word for word, whatever stands between
        (["frame 1"], 0.0, "Frame = 11", False),
        (["Frame = 11", "11"], 0.0, "Frame=11", True),
        (["!"], 0.0, "anything", False),
        (AnyOf([3, "three"]), 0.0, "three", True),
        (AnyOf([3, "three"]), 0.0, 4, False),
        (AnyOf([1.6, 8.4]), 0.2, 8.3, True),
        (AnyOf([1.6, 8.4]), 0.2, 5.0, False),
        (AnyOf([[1, 2], 9]), 0.0, 1.5, True),
        (AllOf(["cat", "dog"]), 0.0, ["dog", "Cat"], True),
        (AllOf(["cat", "cat"]), 0.0, ["dog", "Cat"], False),
        (AllOf([1, 2]), 1.0, [2, 3], True),  # 2 for 1, 3 for 2
        (AllOf([2, 1]), 1.0, [2, 3], True),
        (AllOf(["cat"]), 0.0, "cat", False),
        (InOrder([2, 0, 1]), 0.0, [2, 0, 1], True),
        (InOrder([2, 0, 1]), 0.0, [0, 1, 2], False),
        (InOrder([2, 0, 1]), 0.0, [2, 0], False),
        (None, 0.0, "a dog", False),
        (None, 0.0, None, False),
    ],
)
def test_judge_holds_an_answer_against_the_right_one(
    expected: Any, tolerance: float, answer: Any, right: bool
) -> None:
    assert is_right(case(expected, tolerance), answer) is right
    assert verdict_of(case(expected, tolerance), "answered", answer) == (
        "right" if right else "wrong"
    )


@pytest.mark.parametrize(
    ("status", "verdict"), [("abstained", "abstained"), ("failed", "failed"), ("limit", "failed")]
)
def test_judge_keeps_abstaining_apart_from_failing(status: str, verdict: str) -> None:
    assert verdict_of(case(3), status, None) == verdict


@pytest.mark.parametrize(
    ("known", "answer", "right"),
    [
        ("A dog", "A dog", True),
        ("A dog", "B", True),  # the letter, alone
        ("A dog", "(b)", True),
        ("A dog", 1, False),  # neither its text nor a number among the choices
        ("A man", "A man is walking", False),  # the A of "A man" is no letter
        ("B", "a dog", True),
        (AnyOf(["A", "B"]), "b.", True),
        (["A man", "A cat"], "C", True),
        ("A cat", "B or C", False),
    ],
)
def test_judge_of_choices_takes_a_text_or_a_letter_that_stands_alone(
    known: Any, answer: Any, right: bool
) -> None:
    asked = Case(1, (Path("a.mp4"),), "?", known, ("A man", "A dog", "A cat"))
    assert is_right(asked, answer) is right


def test_judge_of_choices_of_the_same_text_holds_each_for_right() -> None:
    asked = Case(1, (Path("a.mp4"),), "?", "a dog", ("a dog", "a cat", "a dog"))
    assert asked.right_choices == {0, 2}
    assert is_right(asked, "a dog")
    assert is_right(asked, "C")
    assert not is_right(asked, "a cat")


@pytest.mark.parametrize(
    ("answer", "right"),
    [([4.0, 8.0], False), ([2.0, 7.0], True), (3.0, False), ([2.0, 2.0], False), ("2-6", False)],
)
def test_judge_of_spans_by_temporal_iou(answer: Any, right: bool) -> None:
    asked = Case(1, (Path("a.mp4"),), "?", [2.0, 6.0], tiou=0.5)
    assert is_right(asked, answer) is right


def test_judge_holds_abstaining_for_right_where_nothing_can_be_known() -> None:
    assert verdict_of(case(None), "abstained", None) == "right"
    assert verdict_of(case(None), "answered", "a dog") == "wrong"
    assert verdict_of(case(None), "limit", None) == "failed"


FULL = {
    "id": "k",
    "video": "a.mp4",
    "question": "When?",
    "answer": [1.0, 2.0],
    "tiou": 0.5,
    "group": {"task": "when", "length": "short"},
    "span": [[1.0, 2.0], [4, 5]],
    "box": [{"time": 1.5, "box": [0, 0, 4, 4]}],
    "subs": "a.srt",
    "subs_offset": -3.5,
    "start": 0.5,
    "end": 9,
}


def test_case_holds_all_that_a_benchmark_gives(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps(FULL), encoding="utf-8")
    (read,) = read_cases(file)
    assert (read.id, read.names, read.groups) == ("k", ("a.mp4",), FULL["group"])
    assert read.spans == ((1.0, 2.0), (4.0, 5.0))
    assert read.boxes[0].time == 1.5
    assert (read.subtitles_offset, read.start, read.end, read.tiou) == (-3.5, 0.5, 9.0, 0.5)


def test_case_table_reads_json_where_it_is_some(tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text(
        "video,question,choices,answer,tolerance,span\n"
        'a.mp4,How many?,,3,0.5,"[1, 2]"\n'
        "a.mp4,Which?,red|blue,blue,,\n"
        "a.mp4,Which?,1|2,2,,\n"
    )
    number, text, choice = read_cases(file)
    assert (number.answer, number.tolerance, number.spans) == (3, 0.5, ((1.0, 2.0),))
    assert (text.answer, text.right_choices) == ("blue", {1})
    assert choice.right_choices == {1}


def test_case_parquet_is_read_where_pyarrow_is_installed(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="parquet is read with pyarrow")
    from pyarrow import parquet

    file = tmp_path / "cases.parquet"
    rows = [{"video": "a.mp4", "question": "Which?", "choices": ["x", "y"], "answer": "y"}]
    parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    assert read_cases(file)[0].right_choices == {1}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"choices": ["x", "y"], "answer": "z"}, "the answer 'z' is none of the choices"),
        ({"span": [3, 1]}, "span must be"),
        ({"box": [{"time": 1, "box": [1, 2]}]}, "box must be a list of places"),
        ({"tiou": 1.5}, "tiou must be in"),
        ({"video": []}, "no video"),
        ({"answer": {"any_of": [1], "all_of": [1]}}, "the answer must be"),
    ],
)
def test_case_with_a_wrong_field_is_refused(
    more: dict[str, Any], words: str, tmp_path: Path
) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps({"video": "a", "question": "?", "answer": 1, **more}))
    with pytest.raises(UsageError, match=rf"line 1: {words}"):
        read_cases(file)


def test_case_with_options_in_its_question_has_choices(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    question = "Which way does it move?\nA. left\nB. right\nThe best answer is:"
    file.write_text(json.dumps({"video": "a", "question": question, "answer": "B"}))
    (read,) = read_cases(file)
    assert (read.question, read.choices) == ("Which way does it move?", ("left", "right"))
    assert is_right(read, "right")


def test_case_with_the_id_of_another_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    row = json.dumps({"id": "k", "video": "a", "question": "?", "answer": 1})
    file.write_text(f"{row}\n{row}\n")
    with pytest.raises(UsageError, match=r'line 2: the id "k" is that of .* line 1'):
        read_cases(file)


def test_masks_and_steps_are_read_and_said_where_they_are_wrong(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    mask = '{"time": 2.0, "size": [2, 2], "counts": "04"}'
    line = '{"video": "a.mp4", "question": "?", "answer": "x", "mask": [MASK], "steps": ["a", 2]}'
    path.write_text(line.replace("MASK", mask))
    (case,) = read_cases(path)
    assert (case.masks[0].size, case.masks[0].time, case.steps) == ((2, 2), 2.0, ("a", 2))
    path.write_text(line.replace("MASK", '{"time": 2.0, "counts": "04"}'))
    with pytest.raises(UsageError, match=r"line 1: mask must be a list of places: .*size"):
        read_cases(path)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ('"answer": {"cited": 0}', r"line 1: cited must be in \(0, 1\], got 0"),
        ('"answer": {"cited": 0.5}', "line 1: nothing is known that could be cited"),
    ],
)
def test_answers_that_point_need_something_to_be_cited(
    more: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(f'{{"video": "a.mp4", "question": "Where?", {more}}}')
    with pytest.raises(UsageError, match=message):
        read_cases(path)
    box = '"box": [{"time": 1.0, "box": [0, 0, 4, 4]}]'
    path.write_text(f'{{"video": "a.mp4", "question": "Where?", "answer": {{"cited": 1}}, {box}}}')
    assert read_cases(path)[0].answer == Cited(1.0)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("video;question;answer\na.mp4;How long?;3\n", "line 2: no case", "has video;question;ans"),
        ("video,question\na.mp4,How long?\n", "line 2: no case", "has video, question."),
        ('video,question,answer\na.mp4,"How long?,3\n', "line 2: no CSV", "Check the quotes"),
    ],
)
def test_a_table_that_is_none_says_what_its_columns_are(
    text: str, message: str, hint: str, tmp_path: Path
) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=message) as refused:
        read_cases(path)
    assert hint in refused.value.hint
