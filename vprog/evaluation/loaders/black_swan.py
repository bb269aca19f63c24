"""Black Swan: BlackSwanSuite_MCQ_Val.jsonl of the hub, multiple choice.

A Detective sees what happens before and after an event that is hidden, a Reporter all of it. Which
video a row shows is no field of the file: name it `video_path` in each row, as the published
scripts do, with the hidden part cut out or blackened for Detectives.

Source of the fields: q_id, task, difficulty, default_question, mcq_options, mcq_gt_option, as
scripts that evaluate UBC-ViL/BlackSwanSuite-MCQ read them.
"""

from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader, SuiteRow

_FIELDS = ChoiceFields(
    video="{video_path}",
    question="default_question",
    choices="mcq_options",
    answer="mcq_gt_option",
    answer_as="index",
    id="{q_id}",
    groups={"task": "task", "difficulty": "difficulty"},
)


def _case(row: SuiteRow) -> CaseForm:
    if row.text("task") not in ("Detective", "Reporter"):
        raise row.refusal("task", "Detective or Reporter", row.text("task"))
    return _FIELDS(row)


LOADER = SuiteLoader(
    "Black Swan, CVPR 2025: JSON lines of the hub, multiple choice, with the video's path",
    _case,
)
