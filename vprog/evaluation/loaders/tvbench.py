"""TVBench: the JSON file of one task, in the form of MVBench."""

from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader

LOADER = SuiteLoader(
    "TVBench, 2024: JSON of a task",
    ChoiceFields(
        video="{video}",
        question="question",
        choices="candidates",
        answer="answer",
        answer_as="text",
    ),
    also="lmms-eval: tvbench",
)
