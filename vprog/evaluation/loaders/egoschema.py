"""EgoSchema: the rows that have an answer (the subset)."""

from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader

LOADER = SuiteLoader(
    "EgoSchema, NeurIPS 2023: parquet of the hub, subset with answers",
    ChoiceFields(
        video="{video_idx}.mp4",
        question="question",
        choices="option",
        answer="answer",
        answer_as="index",
        id="{video_idx}",
    ),
    also="lmms-eval: egoschema_subset",
)
