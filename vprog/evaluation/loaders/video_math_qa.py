"""VideoMathQA: the rows of the hub, of the configurations mcq and multi_binary."""

from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader, SuiteRow

_FIELDS = ChoiceFields(
    video="{videoID}.mp4",
    question="question",
    choices="options",
    answer="answer",
    answer_as="letter",
    groups={"category": "category", "length": "length"},
)


def _case(row: SuiteRow) -> CaseForm:
    """A case; of multi_binary, the pairs of one question count together."""
    form = _FIELDS(row)
    if len(form.choices) == 2:
        form.together = row.text("question_id")
    return form


LOADER = SuiteLoader(
    "VideoMathQA, 2025: parquet of the hub, five-way or multi-binary",
    _case,
    also="lmms-eval: videomathqa_mcq, videomathqa_mbin",
)
