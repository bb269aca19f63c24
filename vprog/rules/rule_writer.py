"""The rule writer: a question, and choices if given, become a program; or a reason why not.

It needs no model. It knows a handful of question families (see the other files of this
folder) in many phrasings, and it never passes over a word: a question with a word that no
rule accounts for has no program here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from vprog.rules.colour_questions import write_colours
from vprog.rules.draft import Draft, finish
from vprog.rules.extremes import write_extremes
from vprog.rules.file_facts import write_facts
from vprog.rules.interpretation import RuleProgram, Unanswerable
from vprog.rules.missing import missing_task, not_understood
from vprog.rules.numbers import read_ordinal
from vprog.rules.order import write_order
from vprog.rules.people_questions import write_people
from vprog.rules.presence import write_presence
from vprog.rules.question_text import ParsedQuestion, read_question
from vprog.rules.shot_questions import write_shots
from vprog.rules.sides import write_sides, write_ways
from vprog.rules.single_shot import write_one_shot
from vprog.rules.speech_questions import write_speech
from vprog.rules.spoken_words import write_said
from vprog.rules.states import write_states
from vprog.rules.text_questions import write_text
from vprog.rules.text_search import write_sought
from vprog.types import Video

LONGEST = 1000
"""Characters. No question of these families is longer."""

FAMILIES: tuple[Callable[[ParsedQuestion], Draft | None], ...] = (
    write_order,
    write_facts,
    write_shots,
    write_one_shot,
    write_colours,
    write_sides,
    write_ways,
    write_people,
    write_extremes,
    write_states,
    write_presence,
    write_said,
    write_speech,
    write_text,
    write_sought,
)
"""In the order in which they are tried; the first that accounts for every word writes."""


def write(
    question: str, choices: Sequence[str], videos: Sequence[Video], tasks: Collection[str]
) -> RuleProgram | Unanswerable:
    """The program that answers a question with the modules at hand.

    Args:
        question: as a person asked it.
        choices: the answers to choose among; empty for a free answer.
        videos: the run's videos.
        tasks: names of the modules that can be called.

    Returns:
        A program, or why there is none and what would add the capability.

    Example:
        >>> video = Video(0, 10.0, 640, 360, 25.0, 250, True, False)
        >>> write("How many shots are there?", [], [video], {"find_shots"}).family
        'shots'
    """
    if not re.search(r"\w", question):
        return Unanswerable("The question is empty.")
    if len(question) > LONGEST:
        return Unanswerable(f"The question is longer than the rules read ({LONGEST} characters).")
    if not videos:
        return Unanswerable("There is no video to ask about.")
    chosen = _which_video(question, videos)
    if isinstance(chosen, Unanswerable):
        return chosen
    video, question, opening = chosen
    read = read_question(question, video, has_choices=bool(choices))
    for when in read.times:
        if video.duration > 0 and when.start > video.duration + 0.5:
            return Unanswerable(
                f"The question asks about {when.start:g} s; the video ends at "
                f"{video.duration:.1f} s."
            )
    for family in FAMILIES:
        draft = family(read)
        if draft is None:
            continue
        unfit = _unfit(draft, video)
        if unfit is not None:
            return unfit
        written = finish(draft, choices, opening)
        if isinstance(written, RuleProgram):
            absent = {
                task for task in draft.tasks if task not in tasks and f"{task}(" in written.program
            }
            if absent:
                return missing_task(absent)
        return written
    return not_understood(read.left, read.tokens)


_PICTURE_TASKS = frozenset(
    [
        "find_shots",
        "measure_brightness",
        "find_black",
        "name_colours",
        "find_colour",
        "track_colour",
        "measure_motion",
        "track_moving",
        "detect",
        "track",
        "read_text",
        "find_text",
    ]
)
_SOUND_TASKS = frozenset(("measure_loudness", "find_silence"))


def _unfit(draft: Draft, video: Video) -> Unanswerable | None:
    """Why a file without picture or sound cannot carry a program."""
    called = {task for task in draft.tasks if f"{task}(" in draft.body}
    if video.width == 0 and called & _PICTURE_TASKS:
        return Unanswerable("The question is about the picture, and the file has none.")
    if not video.has_audio and called & _SOUND_TASKS:
        return Unanswerable("The question is about the sound, and the file has none.")
    if not video.has_audio and not video.has_subtitles and called & {"transcribe", "find_speech"}:
        return Unanswerable(
            "The question is about speech; the file has neither sound nor subtitles."
        )
    return None


_WHICH = re.compile(
    r"(?:,? ?\b(?:in|of|for|from) )?\bthe (?P<nth>first|second|third|fourth|fifth|last|"
    r"\d+(?:st|nd|rd|th)) (?:video|clip|file|recording|film)\b(?:'s)?"
    r"|(?:,? ?\b(?:in|of|for|from) )?\b(?:video|clip|file) (?:number |no\.? ?)?(?P<number>\d+)\b",
    re.IGNORECASE,
)


def _which_video(question: str, videos: Sequence[Video]) -> tuple[Video, str, str] | Unanswerable:
    """The video a question is about, the question without its name, and the line that picks it."""
    if len(videos) == 1:
        return videos[0], question, ""
    hits = list(_WHICH.finditer(question))
    if len(hits) != 1:
        return Unanswerable(
            f"There are {len(videos)} videos, and the question does not name one of them. "
            'Ask e.g. "... in the first video", or about each video on its own.'
        )
    hit = hits[0]
    nth = int(hit["number"]) if hit["number"] else read_ordinal(hit["nth"].lower())
    if nth is None or nth == 0 or nth > len(videos):
        return Unanswerable(f"There are only {len(videos)} videos.")
    at = nth - 1 if nth > 0 else len(videos) - 1
    named = (
        " "
        if hit[0].lower().lstrip(" ,").startswith(("in ", "of ", "for ", "from "))
        else " the video "
    )
    rest = f"{question[: hit.start()]}{named}{question[hit.end() :]}"
    return videos[at], rest, f"video = videos[{at}]\n"
