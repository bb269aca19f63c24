"""DoraVQA: mcq_dataset.json, as the script of its authors writes it.

It names a season and an episode, and no file: episodes are yours to bring, as EPISODE.mp4. It has
no times either, so that a question is about its whole episode; its transcript is told (`told`).

Source of the fields: scripts/generate_dora_vqa.py of the authors of Structured Over Scale, 2026.
"""

from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader, SuiteRow

_FIELDS = ChoiceFields(
    video="{episode}.mp4",
    question="question",
    choices="choices",
    answer="answer",
    answer_as="text",
    groups={"reasoning": "reasoning_category", "modality": "modality"},
)


def _case(row: SuiteRow) -> CaseForm:
    """A case; the index of the right choice must be that of the answer."""
    form = _FIELDS(row)
    if form.choices.index(form.answer) != row.index("correct_index", len(form.choices)):
        raise row.refusal("correct_index", "that of the answer", row.number("correct_index"))
    form.told = row.text("transcript") if row.row.fields.get("transcript") else ""
    return form


LOADER = SuiteLoader(
    "DoraVQA, 2026: JSON of its authors' script, multiple choice",
    _case,
)
