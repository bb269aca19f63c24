"""LVBench: the rows of the hub, options in a field of their own or in the question."""

from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader

_LISTED = ChoiceFields(
    video="{video_path}",
    question="question",
    choices="options",
    answer="answer",
    answer_as="letter",
)
_IN_QUESTION = ChoiceFields(
    video="{video_path}", question="question", choices="", answer="answer", answer_as="letter"
)

LOADER = SuiteLoader(
    "LVBench, 2024: parquet of the hub",
    lambda row: (_LISTED if "options" in row else _IN_QUESTION)(row),
    also="lmms-eval: lvbench",
)
