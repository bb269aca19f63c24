"""HourVideo: samples_v1.0.json or dev_v1.0_annotations.json, questions by video.

Questions whose options are pictures (two kinds of navigation, the layout of space) are read as
they are, with the names of the pictures for options: nothing here shows pictures as options, so
that what is answered to them is a guess. The group `options` tells the two apart.

Source of the fields: hourvideo/hv_utils.py of keshik6/HourVideo, and the dataset's card.
"""

from collections.abc import Iterator

from vprog.evaluation.case import CaseForm
from vprog.evaluation.case_rows import CaseRow
from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader, SuiteRow

_FIELDS = ChoiceFields(
    video="{video_uid}.mp4",
    question="question",
    choices=tuple(f"answer_{number}" for number in range(1, 6)),
    answer="correct_answer_label",
    answer_as="letter",
    id="{qid}",
    groups={"task": "task"},
)
_PREDICTIVE = "reasoning/predictive"
_PICTURES = (".png", ".jpg", ".jpeg")


def _cases(row: SuiteRow) -> Iterator[CaseForm]:
    """The cases of a video; summarization tasks are counted together, as the authors do."""
    for number, fields in enumerate(row.items("benchmark_dataset"), start=1):
        if not isinstance(fields, dict):
            raise row.refusal("benchmark_dataset", "a list of objects", fields)
        where = f"{row.row.where}, question {number}"
        question = SuiteRow(
            CaseRow(row.row.number, where, {**fields, "video_uid": row.text("key")}),
            "HourVideo",
            row.path,
        )
        form = _FIELDS(question)
        task = question.text("task")
        are_pictures = all(choice.lower().endswith(_PICTURES) for choice in form.choices)
        form.group = {
            "task": "summarization" if task.startswith("summarization/") else task,
            "options": "pictures" if are_pictures else "text",
        }
        if task == _PREDICTIVE:
            form.end = _first_second(question)
        yield form


def _first_second(question: SuiteRow) -> float:
    """The start of "0:20:05 - 0:21:00": what comes after that is to be predicted."""
    given = question.text("relevant_timestamps")
    parts = given.split("-")[0].strip().split(":")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        raise question.refusal("relevant_timestamps", "H:MM:SS-H:MM:SS", given)
    hours, minutes, seconds = map(int, parts)
    return float(hours * 3600 + minutes * 60 + seconds)


LOADER = SuiteLoader(
    "HourVideo, NeurIPS 2024: JSON by video, five options",
    _cases,
)
