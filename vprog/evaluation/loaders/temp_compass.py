"""TempCompass: the rows of the hub, of multi-choice and yes_no."""

from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import SuiteLoader, SuiteRow
from vprog.runs.option_prompt import split_prompt


def _case(row: SuiteRow) -> CaseForm:
    """A case; the answer repeats the option ("A. left"), or is yes or no."""
    prompt = split_prompt(row.text("question"))
    question = row.text("question") if prompt is None else prompt.question
    choices = [] if prompt is None else list(prompt.choices)
    answer = row.text("answer")
    if choices:
        if not ("A" <= answer[0] < chr(ord("A") + len(choices)) and answer[1:2] in ("", ".", ")")):
            raise row.refusal("answer", "one of the options", answer)
        answer = choices[ord(answer[0]) - ord("A")]
    elif answer.casefold() not in ("yes", "no"):
        raise row.refusal("answer", "yes or no, where the question has no options", answer)
    return CaseForm(
        video=f"{row.text('video_id')}.mp4",
        question=question,
        choices=choices,
        answer=answer,
        group={"aspect": row.text("dim")},
    )


LOADER = SuiteLoader(
    "TempCompass, ACL 2024: parquet of the hub, multi-choice or yes_no",
    _case,
    also="lmms-eval: tempcompass",
)
