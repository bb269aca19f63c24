"""VCRBench: the rows of the hub; clips of an activity are to be put in order."""

from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import SuiteLoader, SuiteRow


def _case(row: SuiteRow) -> CaseForm:
    """A case; the answer is the list of clip numbers, from 1, in the order of the activity."""
    order = row.items("ground_truth")
    if sorted(order) != list(range(len(order))):
        raise row.refusal("ground_truth", "every clip once, from 0", order)
    goal = row.text("goal")
    return CaseForm(
        video=row.text("video_file"),
        question=f"The video shows {len(order)} numbered clips out of order. In which order of "
        f"their numbers do they reach this goal: {goal}? Answer with the list of numbers.",
        answer={"in_order": [place + 1 for place in order]},
        group={"goal": goal},
    )


LOADER = SuiteLoader(
    "VCRBench, 2025: JSON or parquet of the hub, the order of shuffled clips",
    _case,
    also="lmms-eval: vcrbench",
)
