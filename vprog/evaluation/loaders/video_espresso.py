"""VideoEspresso: the JSON file of the close-ended benchmark (bench_final.json, bench_hard.json).

The gold evidence is told (`told`): `--arms told_too` asks with it, `text_twin` with it alone.

Source of the fields: eval/README.md and eval/close_ended.py of hshjerry/VideoEspresso.
"""

from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import SuiteLoader, SuiteRow


def _case(row: SuiteRow) -> CaseForm:
    """A case; the answer is the option's letter, "(A)", which its text may follow."""
    choices = row.texts("options")
    given = row.text("correct_answer")
    letter, _, text = given.lstrip("(").partition(")")
    place = ord(letter) - ord("A") if len(letter) == 1 else -1
    if not 0 <= place < len(choices) or text.strip(" :") not in ("", choices[place]):
        raise row.refusal("correct_answer", 'the letter of an option, "(A)"', given)
    return CaseForm(
        video=row.text("video_path"),
        question=row.text("question"),
        choices=choices,
        answer=choices[place],
        told=row.text("evidence") if "evidence" in row else "",
        group={"task": row.text("task")},
    )


LOADER = SuiteLoader(
    "VideoEspresso, CVPR 2025: JSON, multiple choice with evidence in words",
    _case,
)
