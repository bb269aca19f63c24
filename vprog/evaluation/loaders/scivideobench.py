"""SciVideoBench: the rows of the hub."""

from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader

LOADER = SuiteLoader(
    "SciVideoBench, 2025: parquet or JSON of the hub, up to ten options",
    ChoiceFields(
        video="{video_id}.mp4",
        question="question",
        choices="options",
        answer="answer",
        answer_as="letter",
        groups={"type": "question_type", "category": "category"},
    ),
    also="lmms-eval: scivideobench",
)
