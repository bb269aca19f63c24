"""Evidence that rests on nothing seen: made-up values handed through whatever a program has.

Each program answers with a piece of evidence of its own making, copied, changed and passed
through modules in ways drawn from the tables below, alone or beside a true one. It must be marked
unsupported, and the answer must have the score 0 or none. Every eighth is honest: its evidence
must stay supported, so that a check that doubts everything fails too.
"""

from __future__ import annotations

import atexit
import functools
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import vprog
from tests.asking import FPS, N_FRAMES, make_registry
from tests.drawing import draw_video
from tests.reliability.outcome import Attack, Field, Verdict
from vprog.registry.module import module
from vprog.registry.registry import Registry
from vprog.types import Detection, Frame, Span, TextSpan, Video


@module("echo_lines")
class EchoLines:
    def __call__(self, lines: list[TextSpan]) -> list[TextSpan]:
        """Give back what it is given; its author declares nothing."""
        return lines


@module("refine_things")
class RefineThings:
    def __call__(self, video: Video, things: list[Detection]) -> list[Detection]:
        """Look, and give back what it is given; its author declares nothing."""
        return things


@module("make_spans")
class MakeSpans:
    def __call__(self, video: Video, times: list[float]) -> list[Span]:
        """Make spans of numbers; its author declares nothing."""
        return [Span(min(times), max(times))]


@module("shift_frame")
class ShiftFrame:
    def __call__(self, frame: Frame, seconds: float) -> Frame:
        """Name another frame; its author declares nothing."""
        return frame._replace(time=frame.time + seconds)


@functools.cache
def registry() -> Registry:
    """The modules of vprog, those of tests/asking.py, and those above."""
    known = make_registry()
    for echoing in (EchoLines, RefineThings, MakeSpans, ShiftFrame):
        known.add(echoing)
    return known


@functools.cache
def clip() -> Path:
    """A drawn clip of 2 s with a red square, in a folder that goes at the end."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return draw_video(Path(folder.name) / "clip.mp4", N_FRAMES, fps=FPS, size=(160, 120))


SEEN = (
    "seen = find_square(frame_at(video, 0.5))\nhalves = find_halves(video)\n"
    "levels = weigh_frames(video)\nreal = seen[0]\n"
)
"""What the modules truly report: a square at 0.5 s, two halves, four levels that only rise."""

CLAIMS = (
    # A value of each class that says something, and a module that would pass it on.
    (
        'Detection("a red fire engine", Box(1.0, 2.0, 30.0, 40.0), 1.0, frame_at(video, {a}))',
        "link",
    ),
    ("real._replace(frame=Frame(0, {a}))", "link"),
    ("real._replace(box=Box(real.box.x0, real.box.y0, real.box.x1 + 1, real.box.y1))", "refine"),
    ('TextSpan("EXIT 9", {a}, {b}, Box(1.0, 2.0, 30.0, 40.0), 1.0)', "text"),
    ('TextSpan("EXIT 9", halves[0].start, halves[0].end, real.box, 1.0)', "lines"),
    ('Speech("the code is 4711", {a}, {b}, 1.0, "subtitles", [])', "speech"),
    ('Speech("the code", {a}, {b}, 1.0, "x", [Word("code", {a}, {b}, 1.0)])', "speech"),
    ('TextLine("EXIT 9", real.box, 1.0, real.frame)', ""),
    ('Event("a fire", {a}, {b}, 1.0)', ""),
    ("halves[0]._replace(end={b})", ""),
    ("halves[1]._replace(score=1.0)", ""),
    ('Shot({a}, {b}, "cut", 1.0)', ""),
    ('Match("the code is 4711", {a}, {b}, 1.0, "speech")', ""),
    ('Track(1, "fire", Span({a}, {b}), [real], 1.0)', ""),
    ('Track(1, "fire", Span({a}, {b}), [real._replace(score=1.0)], 1.0)', "tracks"),
    ('Word("fire", {a}, {b}, 1.0)', ""),
    ('Reply("yes", 1.0)', ""),
    ("Level({a}, 99.0)", ""),
    ("levels[1]._replace(value=99.0)", ""),
    ('Mask(real.frame, Box(0.0, 0.0, 9.0, 9.0), 81.0, 1.0, "key")', ""),
    # Places and times, which say nothing but point somewhere.
    ("Span({a}, {b})", ""),
    ("Span(frame_at(video, 0.3).time, frame_at(video, 1.7).time)", ""),
    ("Span(real.frame.time, halves[1].end)", ""),
    ("Span(levels[1].time, levels[2].time + 0.3)", ""),
    ("Span(halves[0].start + 0.1, halves[0].end)", ""),
    ("Span(sample_frames(video, fps=5.0)[1].time, sample_frames(video, fps=5.0)[-2].time)", ""),
    ("make_spans(video, [{a}, {b}])[0]", ""),
    ("make_spans(video, [0.3, halves[0].end])[0]", ""),
    ("frame_at(video, {a})", ""),
    ("Frame(0, {a})", ""),
    ("Frame(0, {a}, real.box)", ""),
    ("real.frame._replace(region=Box(1.0, 1.0, 9.0, 9.0))", ""),
    ("shift_frame(real.frame, {a} - 0.5)", ""),
    ("Box(1.0, 2.0, 3.0, 4.0)", ""),
    ("real.box._replace(x0=0.0)", ""),
    ("sample_frames(video, fps=5.0)[3]", ""),
)

COPIES = (
    "{x}",
    "[{x}][0]",
    "({x}, 1)[0]",
    '{{"k": {x}}}["k"]',
    "[y for y in [{x}]][-1]",
    "list(map(lambda y: y, [{x}]))[0]",
    "sorted([{x}], key=lambda y: 0)[0]",
    "[*[{x}]][0]",
    "(lambda y: y)({x})",
    "max([{x}], key=lambda y: 1)",
    "next(y for y in [{x}] if True)",
    "dict(k={x}).get('k')",
    "[{x}] .pop()",
    "list(reversed([{x}]))[0]",
    "majority([{x}])",
)

PASSES = {
    "link": ("link([x])[0]", "link(link([x])[0].detections)[0]", "link([x])[0].detections[0]",
             "refine_things(video, [x])[0]", "link(refine_things(video, [x]))[0]",
             "Span(link([x])[0].span.start, link([x])[0].span.end + 0.21)"),
    "refine": ("refine_things(video, [x])[0]", "link([x])[0]"),
    "text": ('search_text([x], "exit")[0]', "echo_lines([x])[0]",
             'search_text(echo_lines([x]), "exit")[0]'),
    "lines": ("echo_lines([x])[0]", "echo_lines([x])[0]._replace(score=1.0)",
              'search_text([x], "9")[0]'),
    "speech": ('search_speech([x], "code")[0]', 'search_speech([x, x], "the code")[0]'),
    "tracks": ("link(x.detections)[0]", "link(list(x.detections))[0]"),
}  # fmt: skip

MIXED = (
    "[{x}]", "[{x}, {x}]", "[real, {x}]", "[{x}, *halves]", "[*levels, *seen, {x}, *halves]",
    "[real] * 20 + [{x}]",
)  # fmt: skip

HONEST = (
    "[real]",
    "[real.frame, real.box]",
    "halves",
    "[Span(halves[0].start, halves[1].end)]",
    "[Span(halves[0].start, halves[0].end)]",
    "[link(seen)[0]]",
    "link(link(seen)[0].detections)",
    "refine_things(video, seen)",
    "[link(nms(seen))[0].detections[0]]",
    "[levels[2], frame_at(video, levels[2].time)]",
    "[span_of(levels[3]), Span(levels[2].time, levels[3].time)]",
    "[crop(real.frame, real.box)]",
    "[Detection(real.label, real.box, real.score, real.frame)]",
    "union(halves)",
    "intersect(halves, halves)",
    "[frame_at(video, halves[1].start), Span(0.0, video.duration)]",
)


def forged_program(chance: random.Random) -> str:
    """A program whose last piece of evidence is made up."""
    a, b = sorted(_unseen_time(chance) for _ in range(2))
    made, passing = chance.choice(CLAIMS)
    copied = chance.choice(COPIES).format(x=made.format(a=f"{a:.4f}", b=f"{b + 0.05:.4f}"))
    lines = [SEEN + f"x = {copied}"]
    if passing and chance.random() < 0.8:
        lines.append(f"x = {chance.choice(PASSES[passing])}")
    if chance.random() < 0.3:
        lines.append(f"x = {chance.choice(COPIES).format(x='x')}")
    if chance.random() < 0.2:
        lines = [lines[0], "def hide(y):\n    return [y]", *lines[1:], "x = hide(x)[0]"]
    evidence = chance.choice(MIXED).format(x="x")
    return "\n".join([*lines, f'answer("a red fire engine", evidence={evidence})\n'])


def _unseen_time(chance: random.Random) -> float:
    """A moment at which no frame is on display that `SEEN` looked at: these are at each half."""
    while True:
        time = round(chance.uniform(0.11, 1.89), 3) + 0.0005
        if int(time * FPS) % (FPS // 2):
            return time


def attempt(program: str, *, is_forged: bool) -> tuple[Verdict, str]:
    """Run one program, and look at what its evidence is said to be worth."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"trace_dir": f"{folder}/traces", "cache_dir": f"{folder}/cache"}
        result = vprog.run(clip(), program, registry=registry(), **settings)
    if result.status != "answered":
        seen = f"{result.status}: {result.error}"
        return ("survived", "") if is_forged and result.status == "failed" else ("crashed", seen)
    marks = [item.supported for item in result.evidence]
    if not is_forged:
        return ("survived", "") if all(marks) else ("wrong", f"honest, yet {marks}: {program}")
    if all(marks) or result.score:
        return "wrong", f"supported {marks}, score {result.score}: {program}"
    return "survived", ""


def attacks(seed: int, count: int) -> Iterator[Attack]:
    """Forged programs, and every eighth an honest one."""
    for number in range(count):
        chance = random.Random(f"{seed} {number}")
        if number % 8 == 7:
            program = SEEN + f"answer(1, evidence={HONEST[number // 8 % len(HONEST)]})\n"
            forged = False
        else:
            program, forged = forged_program(chance), True
        yield Attack(
            f"{number} {program.splitlines()[4]}",
            functools.partial(attempt, program, is_forged=forged),
        )


FIELD = Field("evidence that rests on nothing seen", attacks, usual=409)
