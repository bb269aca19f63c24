"""Each loader on a small file of its benchmark's true form, and on one that is not."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import msgspec
import numpy as np
import pytest
from PIL import Image

from vprog.errors import UsageError
from vprog.evaluation.case import Case, Cited, InOrder, TimedMask, cases_of_forms
from vprog.evaluation.loaders import load_suite, suites
from vprog.types.mask_rle import MaskRle, decode_mask, encode_mask

ROW: dict[str, Any] = {"question": "What colour?"}
FIVE = {f"a{index}": text for index, text in enumerate(["red", "blue", "green", "black", "white"])}
LETTERED = {"A": "red", "B": "blue"}

V_STAR = {
    "vid": "v",
    "domain": "Animals",
    "fps": 10,
    "frame_count": 300,
    **ROW,
    "answer": "blue",
    "timestamps": [1, 4],
    "bboxes": [{"timestamp": 2, "xmin": 0, "ymin": 1, "xmax": 5, "ymax": 6}],
}


class Suite(NamedTuple):
    """A row as the benchmark has it, what must come of it, and what makes it wrong."""

    file: str
    row: Any
    answer: object
    wrong: dict[str, Any]
    message: str
    video: str = "v.mp4"


OF_LETTER = {"answer": "E"}, "field 'answer' must be a letter from A to B"

SUITES: dict[str, Suite] = {
    "next_qa": Suite(
        "val.csv",
        {"video": "v", "frame_count": 9, **ROW, "answer": 1, "qid": 4, "type": "CW", **FIVE},
        "blue",
        {"answer": 5},
        "field 'answer' must be a whole number from 0 to 4, got 5.0",
    ),
    "next_gqa": Suite(
        "val.csv",
        {"video_id": "v", **ROW, "answer": "blue", "qid": 4, "type": "CW", **FIVE},
        "blue",
        {"qid": 5},
        "field 'qid' must be that of a question with spans",
    ),
    "egoschema": Suite(
        "subset.jsonl",
        {
            "video_idx": "v",
            **ROW,
            "option": ["A. red", "B. blue", "C. x", "D. y", "E. z"],
            "answer": "1",
        },
        "blue",
        {"option": "red"},
        "field 'option' must be a list",
    ),
    "video_mme": Suite(
        "test.jsonl",
        {
            "videoID": "v",
            "question_id": "001-1",
            "duration": "short",
            "domain": "Art",
            "task_type": "Counting",
            **ROW,
            "options": ["A. red", "B. blue"],
            "answer": "B",
        },
        "blue",
        *OF_LETTER,
    ),
    "long_video_bench": Suite(
        "lvb_val.json",
        {
            "id": "v_0",
            "video_path": "v.mp4",
            **ROW,
            "candidates": ["red", "blue", "green"],
            "correct_choice": 1,
            "duration_group": 15,
            "question_category": "S2E",
            "subtitle_path": "v_en.json",
            "starting_timestamp_for_subtitles": 100.5,
        },
        "blue",
        {"starting_timestamp_for_subtitles": "soon"},
        "field 'starting_timestamp_for_subtitles' must be a number",
        "videos/v.mp4",
    ),
    "mlvu": Suite(
        "1_plotQA.json",
        {
            "video": "v.mp4",
            "duration": 9,
            **ROW,
            "candidates": ["red", "blue"],
            "answer": "blue",
            "question_type": "plotQA",
        },
        "blue",
        {"answer": "B"},
        "field 'answer' must be one of the options",
        "1_plotQA/v.mp4",
    ),
    "lvbench": Suite(
        "test.jsonl",
        {"video_path": "v.mp4", "question": "What colour?\n(A) red\n(B) blue", "answer": "B"},
        "blue",
        {"question": "What colour? red or blue"},
        "field 'question' must be a question with an option a line",
    ),
    "mvbench": Suite(
        "moving_direction.json",
        {"video": "v.mp4", **ROW, "candidates": ["red", "blue"], "answer": "blue"},
        "blue",
        {"candidates": None},
        "there must be a field 'candidates'; there are: video, question, candidates, answer",
    ),
    "tvbench": Suite(
        "action_count.json",
        {"video": "v.mp4", **ROW, "candidates": ["red", "blue"], "answer": "blue"},
        "blue",
        {"answer": "green"},
        "field 'answer' must be one of the options",
    ),
    "temp_compass": Suite(
        "multi-choice.jsonl",
        {
            "video_id": "v",
            "question": "What colour?\nA. red\nB. blue",
            "answer": "B. blue",
            "dim": "attribute_change",
        },
        "blue",
        {"answer": "D. green"},
        "field 'answer' must be one of the options",
    ),
    "minerva": Suite(
        "minerva.json",
        {
            "video_id": "v",
            **ROW,
            **{f"answer_choice_{index}": text for index, text in enumerate(FIVE.values())},
            "answer_id": 1,
            "category": "sports",
        },
        "blue",
        {"answer_id": -1},
        "field 'answer_id' must be a whole number",
    ),
    "vr_bench": Suite(
        "VRBench_eval.jsonl",
        {
            "video_id": "v",
            "video_path": "v.mp4",
            "mcq": {"qa1": {**ROW, "options": LETTERED, "answer": "B", "reasoning_type": "x"}},
        },
        "blue",
        {"mcq": {"qa1": {**ROW, "options": {"B": "red"}, "answer": "B"}}},
        "mcq.qa1: VRBench: field 'options' must be options A, B",
    ),
    "cg_bench": Suite(
        "cgbench.json",
        {
            "video_uid": "v",
            "qid": 7,
            **ROW,
            "choices": ["red", "blue"],
            "right_answer": "B",
            "domain": "Life",
            "sub_category": "Food",
            "clue_intervals": [[1, 2], [5, 6]],
        },
        "blue",
        {"right_answer": "blue"},
        "field 'right_answer' must be a letter",
    ),
    "video_mmmu": Suite(
        "test.jsonl",
        {
            "id": "v",
            **ROW,
            "options": ["red", "blue"],
            "answer": "B",
            "question_type": "multiple-choice",
        },
        "blue",
        *OF_LETTER,
    ),
    "video_holmes": Suite(
        "test_Video-Holmes.json",
        {
            "video ID": "v",
            "Question": "What colour?",
            "Options": {**LETTERED, "C": "x"},
            "Answer": "B",
            "Question Type": "SR",
        },
        "blue",
        {"Options": ["red"]},
        "field 'Answer' must be a letter from A to A",
    ),
    "scivideobench": Suite(
        "test.jsonl",
        {
            "video_id": "v",
            **ROW,
            "options": LETTERED,
            "answer": "B",
            "question_type": "x",
            "category": "y",
        },
        "blue",
        *OF_LETTER,
    ),
    "video_math_qa": Suite(
        "mbin.jsonl",
        {
            "videoID": "v",
            "question_id": "q1",
            **ROW,
            "options": ["A. red", "B. blue"],
            "answer": "B",
            "category": "geometry",
            "length": "short",
        },
        "blue",
        *OF_LETTER,
    ),
    "vcr_bench": Suite(
        "meta.json",
        {
            "id": 0,
            "video_path": "v.mp4",
            "dimension": "Plan",
            **ROW,
            "multiple-choice": True,
            "choices": {**LETTERED, "C": "", "D": ""},
            "answer": "B",
        },
        "blue",
        {"multiple-choice": "yes"},
        "field 'multiple-choice' must be true or false",
    ),
    "vcrbench_order": Suite(
        "data.json",
        {"video_file": "v.mp4", "goal": "make tea", "ground_truth": [2, 0, 1]},
        InOrder([3, 1, 2]),
        {"ground_truth": [2, 0]},
        "field 'ground_truth' must be every clip once",
    ),
    "v_star": Suite(
        "V_STaR_test.json",
        V_STAR,
        "blue",
        {"timestamps": "1-4"},
        "field 'timestamps' must be a list",
    ),
    "black_swan": Suite(
        "BlackSwanSuite_MCQ_Val.jsonl",
        {
            "q_id": 12,
            "task": "Detective",
            "difficulty": "hard",
            "default_question": "What happened in the hidden part?",
            "mcq_options": ["red", "blue", "x"],
            "mcq_gt_option": 1,
            "video_path": "v.mp4",
        },
        "blue",
        {"task": "Painter"},
        "field 'task' must be Detective or Reporter",
    ),
    "video_espresso": Suite(
        "bench_final.json",
        {
            "video_path": "v.mp4",
            **ROW,
            "options": ["(A): red", "(B): blue"],
            "correct_answer": "(B)",
            "evidence": "It is painted.",
            "task": "Causal Analysis",
        },
        "blue",
        {"correct_answer": "(B): red"},
        "field 'correct_answer' must be the letter of an option",
    ),
    "hour_video": Suite(
        "dev_v1.0_annotations.json",
        {
            "video_metadata": {"duration_in_seconds": 3600.0},
            "benchmark_dataset": [
                {
                    "qid": "q1",
                    "task": "reasoning/predictive",
                    **ROW,
                    **{f"answer_{number}": text for number, text in enumerate(FIVE.values(), 1)},
                    "correct_answer_label": "B",
                    "relevant_timestamps": "0:20:05 - 0:21:00",
                }
            ],
        },
        "blue",
        {"benchmark_dataset": [{"qid": "q1", "task": "x", **ROW, "answer_1": "red"}]},
        "question 1: HourVideo: there must be a field 'correct_answer_label'",
    ),
    "dora_vqa": Suite(
        "mcq_dataset.json",
        {
            "transcript": "Which boat?",
            **ROW,
            "answer": "blue",
            "choices": ["red", "blue", "x", "y"],
            "correct_index": 1,
            "season": 1,
            "episode": "v",
            "reasoning_category": "object_selection",
            "modality": "multimodal",
        },
        "blue",
        {"correct_index": 0},
        "field 'correct_index' must be that of the answer",
    ),
    "v_star_chains": Suite(
        "V_STaR_test.json",
        {
            **V_STAR,
            "temporal_question": "When does it?",
            "spatial_question": "Where is it then?",
            "spatial_question_2": "Where is it?",
        },
        "blue",
        {"spatial_question_2": ""},
        "field 'spatial_question_2' must be a text",
    ),
    "reason_vos": Suite(
        "meta_expressions.json",
        {
            "source": "MOSE",
            "frames": ["00000", "00001"],
            "expressions": [{"obj_id": 3, "exp_id": 0, "exp_text": "What moves?", "is_sent": True}],
        },
        Cited(0.5),
        {"source": "BURST"},
        "expression 1: ReasonVOS: field 'obj_id' must be a thing with masks",
        "JPEGImages/v.mkv",
    ),
    "revos": Suite(
        "meta_expressions_valid_.json",
        {
            "vid_id": 0,
            "frames": ["00000", "00001"],
            "expressions": {
                "0": {"exp": "what moves", "anno_id": [7, 8], "type_id": 1},
                "1": {"exp": "a horse", "anno_id": [], "type_id": 2},
            },
        },
        Cited(0.5),
        {"expressions": {"0": {"exp": "what moves", "anno_id": [9], "type_id": 0}}},
        "expression 0: ReVOS: field 'anno_id' must be ids with 2 masks in mask_dict.json",
        "JPEGImages/v.mkv",
    ),
    "rvtbench": Suite(
        "rvtbench.json",
        {
            "video": "v",
            "task": "segmentation",
            "category": "spatial",
            "level": 2,
            "query": "What is on the right?",
            "objects": [2],
        },
        Cited(0.5),
        {"objects": [3]},
        "RVTBench: field 'objects' must be objects in Annotations/v, got [3]",
        "JPEGImages/v.mkv",
    ),
    "video_reason_bench": Suite(
        "cup.json",
        {"video": "v.mp4", **ROW, "answer": "blue", "dim": "recall_order", "num_operation": 5},
        "blue",
        {"answer": None},
        "there must be a field 'answer'",
    ),
    "clevrer": Suite(
        "validation.json",
        {
            "scene_index": 10000,
            "questions": [
                {"question_id": 0, "question_type": "descriptive", **ROW, "answer": "blue"},
                {
                    "question_id": 1,
                    "question_type": "explanatory",
                    "question": "Why?",
                    "choices": [{"choice_id": 0, "choice": "the cube", "answer": "wrong"}],
                },
            ],
        },
        "blue",
        {
            "questions": [
                {
                    "question_id": 1,
                    "question_type": "predictive",
                    "question": "Why?",
                    "choices": [{"choice_id": 0, "choice": "the cube", "answer": "no"}],
                }
            ]
        },
        "an option: CLEVRER: field 'answer' must be correct or wrong",
        "video_10000.mp4",
    ),
    "star": Suite(
        "STAR_val.json",
        {
            "question_id": "Interaction_T1_13",
            "video_id": "v",
            "start": 11.1,
            "end": 19.6,
            **ROW,
            "choices": [
                {"choice_id": 0, "choice": "red"},
                {"choice_id": 1, "choice": "blue"},
            ],
            "answer": "blue",
        },
        "blue",
        {"answer": "green"},
        "field 'answer' must be one of the options",
    ),
    "charades_sta": Suite(
        "charades_sta_test.txt",
        "v 1.0 4.5##a person opens a door.",
        [1.0, 4.5],
        {},
        "line 1: Charades-STA: the line must be VIDEO START END##SENTENCE",
    ),
}


def write(path: Path, row: Any) -> Path:
    if path.suffix == ".txt":
        path.write_text(f"{row}\n")
    elif path.suffix == ".csv":
        with path.open("w", newline="") as file:
            table = csv.DictWriter(file, list(row))
            table.writeheader()
            table.writerow(row)
        spans = {"v": {"duration": 9, "location": {"4": [[1.2, 5.8], [7, 8]]}, "fps": 10}}
        path.with_name(f"gsub_{path.stem}.json").write_text(json.dumps(spans))
    elif path.stem in ("cup",):
        path.write_text(json.dumps({"state3_op5": row}))
    elif path.stem.startswith("dev_"):
        path.write_text(json.dumps({"v": row}))
    elif path.stem.startswith("meta_expressions"):
        path.write_text(json.dumps({"videos": {"v": row}}))
        masks = path.with_name("Annotations") / "MOSE_v_3"
        masks.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(masks / "00001.png"), np.array([[0, 255], [0, 255]], np.uint8))
        one = msgspec.to_builtins(encode_mask(np.array([[0, 1], [0, 1]], bool)))
        known = {"7": [None, one], "8": [one, one]}
        path.with_name("mask_dict.json").write_text(json.dumps(known))
    elif path.suffix == ".jsonl":
        path.write_text(json.dumps(row) + "\n")
    elif path.stem == "rvtbench":
        path.write_text(json.dumps([row]))
        numbered(path.with_name("Annotations") / "v" / "00001.png", [[1, 0, 2], [0, 2, 2]])
    else:
        path.write_text(json.dumps([row]))
    return path


def numbered(path: Path, pixels: list[list[int]]) -> None:
    """A picture with a palette, as DAVIS has them: its values are numbers of objects."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(np.array(pixels, np.uint8)).convert("P")
    picture.putdata([number for row in pixels for number in row])
    picture.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
    picture.save(path)


def read(name: str, path: Path) -> list[Case]:
    return cases_of_forms(load_suite(name, path), Path())


def test_suites_are_all_tried_here() -> None:
    assert sorted(SUITES) == list(suites())


@pytest.mark.parametrize("name", SUITES)
def test_suite_reads_a_file_of_its_true_form(name: str, tmp_path: Path) -> None:
    suite = SUITES[name]
    case = read(name, write(tmp_path / suite.file, suite.row))[0]
    assert case.answer == suite.answer
    assert case.names == (suite.video,)
    if case.choices:
        assert case.right_choices == {1}
        assert case.choices[:2] == ("red", "blue")  # without their letters


@pytest.mark.parametrize("name", SUITES)
def test_suite_says_what_is_wrong_and_where(name: str, tmp_path: Path) -> None:
    suite = SUITES[name]
    row = {**suite.row, **suite.wrong} if suite.wrong else "v 1.0##a person opens a door."
    path = write(tmp_path / suite.file, row)
    with pytest.raises(UsageError) as refused:
        read(name, path)
    assert suite.message in refused.value.message
    assert str(path) in refused.value.message
    assert "row 1" in refused.value.message or "line" in refused.value.message


def only(name: str, tmp_path: Path, **more: Any) -> Case:
    suite = SUITES[name]
    row = {**suite.row, **more} if more else suite.row
    return read(name, write(tmp_path / suite.file, row))[0]


def test_suites_give_what_grounding_is_scored_with(tmp_path: Path) -> None:
    assert only("next_gqa", tmp_path).spans == ((1.2, 5.8), (7.0, 8.0))
    assert only("cg_bench", tmp_path).spans == ((1.0, 2.0), (5.0, 6.0))
    v_star = only("v_star", tmp_path)
    assert v_star.spans == ((1.0, 4.0),)
    assert v_star.boxes[0].box == (0.0, 1.0, 5.0, 6.0)
    assert v_star.groups == {"domain": "Animals", "length": "short"}
    star = only("star", tmp_path)
    assert (star.start, star.end, star.groups) == (11.1, 19.6, {"type": "Interaction"})
    assert only("charades_sta", tmp_path).tiou == 0.5


def pixels(mask: TimedMask) -> list[list[int]]:
    return decode_mask(MaskRle(mask.size, mask.counts).text()).astype(int).tolist()


def test_suites_of_masks_give_them_by_the_time_of_their_picture(tmp_path: Path) -> None:
    asked = only("reason_vos", tmp_path)
    assert (asked.question, asked.id, asked.groups) == ("What moves?", "v-0", {"source": "MOSE"})
    assert [(mask.time, pixels(mask)) for mask in asked.masks] == [(0.2, [[0, 1], [0, 1]])]


def test_suite_of_masks_takes_several_things_and_none(tmp_path: Path) -> None:
    suite = SUITES["revos"]
    two, none = read("revos", write(tmp_path / suite.file, suite.row))
    assert two.question == "Which pixels show this: what moves?"
    assert [mask.time for mask in two.masks] == [0.0, 0.2, 0.0, 0.2]
    assert pixels(two.masks[0]) == [[0, 0], [0, 0]]  # the first thing is not in this picture
    assert (none.answer, none.masks, none.groups) == (None, (), {"type": "nothing there"})


def test_suite_of_four_tasks_asks_for_pixels_boxes_or_words(tmp_path: Path) -> None:
    asked = only("rvtbench", tmp_path)
    assert asked.question == "What is on the right?"
    assert [(mask.time, pixels(mask)) for mask in asked.masks] == [(0.2, [[0, 0, 1], [0, 1, 1]])]
    assert asked.groups == {"task": "segmentation", "category": "spatial", "level": "2"}
    boxed = only("rvtbench", tmp_path, task="grounding", query="the larger thing")
    assert (boxed.question, boxed.answer) == ("Where is this: the larger thing?", Cited(0.5))
    assert [(box.time, box.box) for box in boxed.boxes] == [(0.2, (1.0, 0.0, 3.0, 2.0))]
    told = only("rvtbench", tmp_path, task="vqa", answer="it turns")
    assert (told.question, told.answer) == ("What is on the right?", "it turns")
    with pytest.raises(UsageError, match="'task' must be one of segmentation, grounding"):
        only("rvtbench", tmp_path, task="tracking")


def test_suite_of_numbered_masks_refuses_pictures_of_colours(tmp_path: Path) -> None:
    path = write(tmp_path / "rvtbench.json", SUITES["rvtbench"].row)
    Image.new("RGB", (3, 2)).save(tmp_path / "Annotations" / "v" / "00001.png")
    with pytest.raises(UsageError, match=r"00001.png: RVTBench: .*picture of mode RGB"):
        read("rvtbench", path)


def test_suite_of_chains_asks_what_once_and_when_and_where_in_both_orders(tmp_path: Path) -> None:
    suite = SUITES["v_star_chains"]
    cases = read("v_star_chains", write(tmp_path / suite.file, suite.row))
    assert [(case.groups["chain"], case.groups["asks"]) for case in cases] == [
        ("both", "what"),
        ("what-when-where", "when"),
        ("what-where-when", "when"),
        ("what-when-where", "where"),
        ("what-where-when", "where"),
    ]
    _, when, told, within, anywhere = cases
    assert (when.question, when.answer, when.tiou) == ("When does it?", [1.0, 4.0], 0.3)
    assert told.question.endswith("at times that are not told: [[0,1,5,6]]")
    assert (within.start, within.end, within.answer) == (1.0, 4.0, Cited(0.1))
    assert (anywhere.start, anywhere.boxes) == (None, within.boxes)
    assert {case.together for case in cases} == {"v-1"}


def test_suite_of_predictions_shows_what_comes_before(tmp_path: Path) -> None:
    asked = only("hour_video", tmp_path)
    assert (asked.end, asked.groups) == (
        1205.0,
        {"task": "reasoning/predictive", "options": "text"},
    )


def test_suites_tell_what_their_rows_tell(tmp_path: Path) -> None:
    assert only("video_espresso", tmp_path).told == "It is painted."
    assert only("dora_vqa", tmp_path).told == "Which boat?"


def test_suite_with_subtitles_moves_them_into_the_clip(tmp_path: Path) -> None:
    case = only("long_video_bench", tmp_path)
    assert (case.subtitles, case.subtitles_offset) == (Path("subtitles/v_en.json"), -100.5)


def test_suites_count_pairs_and_options_of_one_question_together(tmp_path: Path) -> None:
    assert only("video_math_qa", tmp_path).together == "q1"
    five = ["A. red", "B. blue", "C. x", "D. y", "E. z"]
    assert only("video_math_qa", tmp_path, options=five).together == ""
    suite = SUITES["clevrer"]
    described, explained = read("clevrer", write(tmp_path / suite.file, suite.row))
    assert (described.id, described.together) == ("10000-0", "10000-0")
    assert (explained.answer, explained.together) == ("no", "10000-1")
    assert explained.question == "Why? Is this right: the cube"


def test_suite_takes_yes_and_no_where_there_are_no_options(tmp_path: Path) -> None:
    case = only("temp_compass", tmp_path, question="Is it red?", answer="no")
    assert (case.answer, case.choices) == ("no", ())
    with pytest.raises(UsageError, match="yes or no"):
        only("temp_compass", tmp_path, question="Is it red?", answer="B. blue")


def test_suite_of_another_benchmark_is_refused_with_the_fields_that_are_there(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "mvbench.json", SUITES["mvbench"].row)
    with pytest.raises(UsageError, match="must be a field 'options'; there are: video, question"):
        read("video_mme", path)
    with pytest.raises(UsageError, match='Did you mean "mvbench"'):
        load_suite("MV-Bnch", path)
    assert read("MVBench", path)[0].answer == "blue"


def test_option_letters_are_taken_off_only_if_each_option_has_its_own(tmp_path: Path) -> None:
    case = only("mvbench", tmp_path, candidates=["A man", "B. blue"], answer="A man")
    assert case.choices == ("A man", "B. blue")
