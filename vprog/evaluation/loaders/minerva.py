"""MINERVA: the JSON file of its authors."""

from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader

LOADER = SuiteLoader(
    "MINERVA, 2025: JSON",
    ChoiceFields(
        video="{video_id}.mp4",
        question="question",
        choices=(
            "answer_choice_0",
            "answer_choice_1",
            "answer_choice_2",
            "answer_choice_3",
            "answer_choice_4",
        ),
        answer="answer_id",
        answer_as="index",
        groups={"category": "category"},
    ),
    also="lmms-eval: minerva",
)
