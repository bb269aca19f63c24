"""What a question is asked with: its text, its choices, its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vprog.errors import UsageError
from vprog.media.media_pool import MediaPool
from vprog.media.perturbed_media import as_shown
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.media.window import window_of

MOST_QUESTION = 4000
MOST_CHOICES = 26
MOST_CHOICE = 500


def check_question(question: str, choices: Sequence[str], *, needs_text: bool = True) -> None:
    """Refuse what cannot be a question before any file is opened.

    Args:
        question: its text.
        choices: the options, if one of them is the answer.
        needs_text: whether there must be a text; a program of one's own needs none.

    Raises:
        UsageError: with what to do.
    """
    if not isinstance(question, str):
        raise UsageError(
            f"the question must be text, got {type(question).__name__}.",
            hint='Call vprog.solve("kitchen.mp4", "How many people are there?").',
        )
    if needs_text and not question.strip():
        raise UsageError("the question is empty.", hint="Ask something about the video.")
    if len(question) > MOST_QUESTION:
        raise UsageError(
            f"the question has {len(question)} characters, at most {MOST_QUESTION} are taken.",
            hint="Shorten it.",
        )
    if isinstance(choices, str) or not all(isinstance(choice, str) for choice in choices):
        raise UsageError("choices must be a list of texts.", hint='E.g. choices=["yes", "no"].')
    if any("\ud800" <= sign <= "\udfff" for text in (question, *choices) for sign in text):
        raise UsageError(
            "the question or a choice has half a character (a lone surrogate).",
            hint="Send it as UTF-8.",
        )
    if len(choices) == 1 or len(choices) > MOST_CHOICES:
        raise UsageError(
            f"got {len(choices)} choices; a question has none or 2 to {MOST_CHOICES}.",
            hint="Give --choice once for each option.",
        )
    for choice in choices:
        if not choice.strip() or len(choice) > MOST_CHOICE:
            raise UsageError(
                f"the choice {choice[:40]!r} is empty or too long.", hint="Correct it."
            )


def open_files(
    videos: Sequence[str | Path],
    subtitles: str | Path | None,
    reader: str,
    pool: MediaPool | None = None,
    seconds: float | None = None,
    part: tuple[float, float] = (0.0, 0.0),
    shown: str = "all",
) -> MediaSource:
    """Open and index the files of a question.

    Args:
        videos: where they lie.
        subtitles: of the one video.
        reader: which library decodes frames.
        pool: what shares them with other runs; by default nobody does.
        seconds: how long reading one may take; then its decoder process is ended.
        part: start and end of what is looked at of each, in seconds; an end of 0 for its own.
        shown: what of that can be seen and heard, as the setting has it.

    Raises:
        UsageError: no file, a part that is none of them, or subtitles for several.
        VideoError: a file cannot be read; none stays open.
    """
    if not videos:
        raise UsageError("no video was given.", hint="Name at least one file.")
    if subtitles is not None and len(videos) > 1:
        raise UsageError(
            "--subs goes with one video.", hint="Put subtitle files beside the videos instead."
        )
    files = []
    try:
        for video in videos:
            files.append(
                open_media(
                    video,
                    subtitles=Path(subtitles) if subtitles is not None else None,
                    reader=reader,
                    pool=pool,
                    seconds=seconds,
                )
            )
        for file in files:
            _ = file.content_hash  # a file that changes under us is told now
        window = window_of(*part, [file.video(index) for index, file in enumerate(files)])
    except BaseException:
        for file in files:
            file.close()
        raise
    return as_shown(MediaSource(files, window), shown)
