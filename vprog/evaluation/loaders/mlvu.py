"""MLVU: the JSON file of one task of the dev set; its videos lie in a folder of the file's name."""

from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader, SuiteRow

_FIELDS = ChoiceFields(
    video="{video}",
    question="question",
    choices="candidates",
    answer="answer",
    answer_as="text",
    groups={"task": "question_type"},
)


def _case(row: SuiteRow) -> CaseForm:
    """A case; the names of videos are not unique without their folder (1_plotQA/ego_1.mp4)."""
    form = _FIELDS(row)
    form.video = f"{row.path.stem}/{form.video}"
    return form


LOADER = SuiteLoader(
    "MLVU, CVPR 2025: JSON of a task of the dev set, multiple choice",
    _case,
    also="lmms-eval: mlvu_dev",
)
