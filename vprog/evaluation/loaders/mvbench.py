"""MVBench: the JSON file of one task."""

from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader

LOADER = SuiteLoader(
    "MVBench, CVPR 2024: JSON of a task",
    ChoiceFields(
        video="{video}",
        question="question",
        choices="candidates",
        answer="answer",
        answer_as="text",
    ),
    also="lmms-eval: mvbench",
)
