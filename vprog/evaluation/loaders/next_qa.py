"""NExT-QA's multiple choice: val.csv and test.csv of its authors."""

from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader

LOADER = SuiteLoader(
    "NExT-QA, CVPR 2021: CSV, multiple choice",
    ChoiceFields(
        video="{video}.mp4",
        question="question",
        choices=("a0", "a1", "a2", "a3", "a4"),
        answer="answer",
        answer_as="index",
        id="{video}-{qid}",
        groups={"type": "type"},
    ),
    also="lmms-eval: nextqa_mc_test",
)
