"""Video-MME: the rows of the hub."""

from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader

LOADER = SuiteLoader(
    "Video-MME, CVPR 2025: parquet of the hub",
    ChoiceFields(
        video="{videoID}.mp4",
        question="question",
        choices="options",
        answer="answer",
        answer_as="letter",
        id="{question_id}",
        groups={"duration": "duration", "domain": "domain", "task": "task_type"},
    ),
    also="lmms-eval: videomme",
)
