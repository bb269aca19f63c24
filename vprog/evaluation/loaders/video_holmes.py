"""Video-Holmes: the JSON file of the test set."""

from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader

LOADER = SuiteLoader(
    "Video-Holmes, 2025: JSON",
    ChoiceFields(
        video="{video ID}.mp4",
        question="Question",
        choices="Options",
        answer="Answer",
        answer_as="letter",
        groups={"type": "Question Type"},
    ),
    also="lmms-eval: video_holmes",
)
