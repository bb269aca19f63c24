"""`fast`: the VLM answers from evenly spread frames, with its own confidence.

What it does is a program of a few lines as well: it runs in the sandbox, its call is cached
and recorded, and a person can change it and run it again. It is the same for every question
of a kind; nobody writes it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

from vprog.errors import AbstainedError, MissingError
from vprog.prompt.program_prompt import FirstLook
from vprog.registry.availability import availability
from vprog.rules import RuleProgram, write
from vprog.rules.times import take_times
from vprog.runs.attempt import Attempt
from vprog.runs.run import Run
from vprog.runs.workspace import Workspace
from vprog.strategies import vlm_cells
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_cells import (
    even_frames,
    frames_of,
    look_together,
    replies_of,
    seen_videos,
)
from vprog.types import Reply, Video

FRAMES = 32
"""Of one look, over all videos together."""

PATH = "fast"

_CLOSE_FRAMES = 8
"""Of each time that a question names."""

_AROUND_S = 1.0
"""Seconds before and after a moment that is named."""

_YES_NO = re.compile(
    r"^\W*(is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should)\b(?!.*\bor\b)",
    re.IGNORECASE | re.DOTALL,
)
_COUNT = re.compile(r"\bhow many\b|\bnumber of\b|\bcount\b", re.IGNORECASE)
_WHEN = re.compile(
    # "When" begins the question or a sentence of it, and no clause before another question.
    r"(^|[.?!;:])\W*when\b(?![^.?!;:]*,\s*(what|who|where|how|which|why|is|are|was|were|do|does|did"
    r"|has|have|can)\b)"
    r"|\b(at|around|about|near|until|till|by|from|between) (about |approximately |roughly )?"
    r"(what|which) (times?|seconds?|points?|moments?|timestamps?)\b",
    re.IGNORECASE,
)
_HEARD = re.compile(
    r"\b(sounds?|soundtrack|audio|silen(t|ce)|noises?|music|loud(er|est|ness)?|quiet(er|est)?"
    r"|hear(d|s|ing)?|audible|spoken|subtitles?|captions?|transcript)\b",
    re.IGNORECASE,
)
_HOW_LONG = re.compile(r"\bhow long\b", re.IGNORECASE)

_SECONDS = r'numbers = re.findall(r"(?<![\d:.])\d+(?:\.\d+)?(?![\d:])", reply.text)'
"""Of a reply: a clock such as 1:05 is none, for it would be read as two."""

_TAKES = {
    "yes_no": "answer(reply.text, evidence=[{evidence}])",
    "text": "answer(reply.text, evidence=[{evidence}])",
    "heard": """\
if reply.text.strip(" .").lower() == "unknown":
    abstain("the VLM sees nothing of it in the frames")
answer(reply.text, evidence=[{evidence}])""",
    "choice": """\
if reply.choice is None:
    abstain("the VLM chose none: " + reply.text[:200])
answer(choices[reply.choice], evidence=[{evidence}])""",
    "count": """\
numbers = re.findall(r"-?\\d+", reply.text)
if len(numbers) != 1:
    abstain("the VLM gave no single number: " + reply.text[:200])
answer(int(numbers[0]), evidence=[{evidence}])""",
    "seconds": _SECONDS
    + """
if len(numbers) != 1:
    abstain("the VLM gave no single number of seconds: " + reply.text[:200])
answer(float(numbers[0]), evidence=[{evidence}])""",
    "when": _SECONDS
    + """
times = sorted([float(number) for number in numbers])
if len(times) == 1:
    answer(times[0], evidence=[{evidence}])
if len(times) != 2:
    abstain("the VLM gave no single time: " + reply.text[:200])
answer(Span(times[0], times[1]), evidence=[{evidence}])""",
}
_CALLS = {
    "yes_no": "ask_yes_no(frames, question{more})",
    "choice": "ask_choice(frames, question, choices{more})",
}
"""The call for a kind of question; `ask` for the others."""

_INSTRUCTIONS = {
    "count": "Answer with one whole number in digits.",
    "seconds": "Answer with one number: how many seconds.",
    "when": "Answer with the time in seconds, or start and end if it lasts.",
    "heard": "Answer in as few words as it takes, without explanation, or with the word unknown "
    "if the frames do not show it.",
}


@strategy("fast", "a VLM answers from 32 frames", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """One look at 32 frames.

    Raises:
        MissingError: no VLM is named.

    Source: the fast path of FS-VisPR (2025).
    """
    workspace.path = PATH
    return look(workspace, FRAMES)


def look(workspace: Workspace, count: int) -> Attempt:
    """The answer of the VLM to so many frames.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is sound only.
    """
    need_vlm(workspace)
    run = workspace.run
    program = fast_program(
        _kind_for(run),
        count=count,
        n_videos=len(run.media.videos),
        frames=_frames_for(run, seen_videos(run), count),
    )
    return workspace.run_whole(
        program, note=f"looks at {count} frames", writer=run.settings.vlm or PATH
    )


def sampled_looks(workspace: Workspace, count: int, n_samples: int) -> list[Attempt]:
    """The answers of the VLM to so many frames in several samples, as many as the budget allows.

    Raises:
        As `look`.
    """
    need_vlm(workspace)
    run = workspace.run
    kind = _kind_for(run)
    frames = frames_line(
        count=count,
        n_videos=len(run.media.videos),
        frames=_frames_for(run, seen_videos(run), count),
    )
    asked = ask_about_frames(kind, more=", sample=number").removeprefix("reply = ").rstrip()
    at = look_together(
        workspace,
        lambda n: f"{frames}replies = [{asked} for number in range(1, {n + 1})]\n",
        n_samples,
    )
    if at.state is None:
        return [at]
    take = answer_from_reply(kind)
    return [
        vlm_cells.look(workspace, at, f"reply = replies[{place}]\n{take}", f"sample {place + 1}")
        for place in range(len(replies_of(at)))
    ]


def _frames_for(run: Run, seen: Sequence[Video], count: int) -> str:
    """The expression for the frames to look at; "" for those that are spread evenly.

    A time that the question names is looked at from near by, whatever else is.
    """
    if len(seen) < len(run.media.videos):
        return even_frames(run, seen, count)
    if len(run.media.videos) > 1:
        return ""
    duration = run.media.videos[0].duration
    spans = _named_spans(run.text, duration)[: count // _CLOSE_FRAMES // 2]
    if not spans:
        return ""
    moments = [moment for _, _, moment in spans if moment is not None]
    rest = count - _CLOSE_FRAMES * len(spans) - len(moments)
    close = "".join(
        f"\n    + sample_frames(video, span=Span({start:g}, {end:g}), count={_CLOSE_FRAMES})"
        for start, end, _ in spans
    )
    if moments:
        named = ", ".join(f"frame_at(video, {moment:g})" for moment in moments)
        close += f"\n    + [{named}]"
    every = f"sample_frames(video, count={rest}){close}"
    return f"(\n    {every}\n)\nframes = sorted(set(frames), key=lambda frame: frame.time)"


def _named_spans(question: str, duration: float) -> list[tuple[float, float, float | None]]:
    """The surroundings of the moments, and the spans, that a question names in digits or words.

    Each with the moment itself, for none of the frames around it may be that; None for a span.
    """
    _, times = take_times(question.lower(), duration)
    spans: list[tuple[float, float, float | None]] = []
    for time in times:
        margin = _AROUND_S if time.end - time.start < 2 * _AROUND_S else 0.0
        start, end = max(0.0, time.start - margin), min(duration, time.end + margin)
        if start < end and end - start < duration:
            moment = time.start if time.end == time.start else None
            spans.append((round(start, 2), round(end, 2), moment))
    return list(dict.fromkeys(spans))


def first_look(attempt: Attempt | None) -> FirstLook | None:
    """What a look came to, as those who write programs are told; None where nothing was said."""
    replies = [] if attempt is None else [r for r in attempt.results if isinstance(r, Reply)]
    if attempt is None or not replies:
        return None
    reply = replies[-1]
    seconds = tuple(frame.time for frame in reply.frames)
    return FirstLook(len(frames_of(attempt)), reply.text, reply.score, seconds)


def hold_floor(workspace: Workspace, attempt: Attempt, *, hint: str) -> Attempt:
    """An answer of the VLM, if it scores at least the floor of the settings.

    Args:
        workspace: of the question.
        attempt: what it came to.
        hint: what to do besides lowering the floor.

    Raises:
        AbstainedError: it scores less.
    """
    floor = workspace.run.settings.floor
    if not attempt.is_answered:
        return attempt
    score = workspace.score(attempt, PATH).value or 0.0
    if score < floor:
        raise AbstainedError(
            f"no answer that holds: the fast answer scores {score:.2f}, below the floor of "
            f"{floor:g}.",
            hint=f"Lower --floor to have it all the same, or {hint}.",
        )
    return attempt


def need_vlm(workspace: Workspace, *others: str) -> None:
    """Be sure that there is a VLM, for the question and for other tasks.

    Raises:
        MissingError: there is none.
    """
    run = workspace.run
    task = _call_for(kind_of(run.text, has_choices=bool(run.choices))).partition("(")[0]
    for other in (task, *others):
        if other not in run.runtime.modules:
            _raise_missing(workspace, other)


def _raise_missing(workspace: Workspace, task: str) -> NoReturn:
    registry = workspace.run.runtime.registry
    for spec in registry.implementations(task) if task in registry else ():
        able = availability(spec)
        if spec.vlm is not None and not able.ok:
            raise MissingError(
                f"no fast answer by {spec.vlm.spec}: {able.reason}.", hint=able.command
            )
    raise no_vlm(f'no module serves "{task}"')


def no_vlm(why: str) -> MissingError:
    """The error where a fast answer is asked for and there is no VLM."""
    return MissingError(
        f"no fast answer: {why}, and frames are shown only to a VLM that is named.",
        hint="Name one: --vlm openai:MODEL (with OPENAI_BASE_URL), or --vlm hf:MODEL after "
        'pip install "vprog[hf]". Or leave out --fast, or the strategy that needs a VLM.',
    )


_READ_AS = {"How many": "count", "When": "when"}
"""What a question is that the rules read so, whatever its own words: "faces at 0:03?"."""


def _kind_for(run: Run) -> str:
    """How the question of a run is put to the model."""
    kind = kind_of(run.text, has_choices=bool(run.choices))
    if kind != "text":
        return kind
    if is_heard(run.text):  # most frames show nothing of it
        return "heard"
    read = write(run.text, (), run.media.videos, run.runtime.modules)
    if isinstance(read, RuleProgram):
        kinds = (known for words, known in _READ_AS.items() if read.reading.startswith(words))
        kind = next(kinds, kind)
    return kind


def is_heard(question: str) -> bool:
    """Whether a question is about sound or subtitles, of which frames show nothing.

    What is said is left out: signs say things too.
    """
    return _HEARD.search(re.sub(r"[\"“].*?[\"”]", "", question)) is not None


def kind_of(question: str, *, has_choices: bool) -> str:
    """How a question is put to the model: choice, yes_no, count, seconds, when or text."""
    if has_choices:
        return "choice"
    if _COUNT.search(question):
        return "count"
    if _WHEN.search(question):
        return "when"
    if _HOW_LONG.search(question):
        return "seconds"
    return "yes_no" if _YES_NO.match(question) else "text"


def fast_program(kind: str, *, count: int, n_videos: int = 1, frames: str = "") -> str:
    """The program that asks a model about evenly spread frames, or those of an expression."""
    return frames_line(count=count, n_videos=n_videos, frames=frames) + answer_from_frames(kind)


def frames_line(*, count: int, n_videos: int = 1, frames: str = "") -> str:
    """The line that takes evenly spread frames, or those of an expression."""
    if not frames and n_videos == 1:
        frames = f"sample_frames(video, count={count})"
    elif not frames:
        share = max(1, count // n_videos)
        frames = f"[frame for source in videos for frame in sample_frames(source, count={share})]"
    return f"frames = {frames}\n"


def answer_from_frames(
    kind: str, *, instruction: str = "", more: str = "", evidence: str = "reply"
) -> str:
    """The lines that ask a model about `frames` and answer with what it says.

    Args:
        kind: as `kind_of` gives it; or "heard": text that frames may not show.
        instruction: what to know before that, in words of ours.
        more: further arguments of the call, after a comma.
        evidence: the items that the answer names.
    """
    called = ask_about_frames(kind, instruction=instruction, more=more)
    return called + answer_from_reply(kind, evidence=evidence)


def answer_from_reply(kind: str, *, evidence: str = "reply") -> str:
    """The lines that answer with what `reply` says; arguments as of `answer_from_frames`."""
    imported = "import re\n" if "re." in _TAKES[kind] else ""
    return f"{imported}{_TAKES[kind].replace('{evidence}', evidence)}\n"


def ask_about_frames(kind: str, *, instruction: str = "", more: str = "") -> str:
    """The line that asks a model about `frames`; arguments as of `answer_from_frames`."""
    of_kind = _INSTRUCTIONS.get(kind, "")
    if instruction and kind == "text":  # else it stands in place of what `ask` itself says
        of_kind = "Answer in as few words as it takes, without explanation."
    told = " ".join(part for part in (instruction, of_kind) if part)
    given = f", instruction={told!r}" if told else ""
    return f"reply = {_call_for(kind).format(more=given + more)}\n"


def _call_for(kind: str) -> str:
    return _CALLS.get(kind, "ask(frames, question{more})")
