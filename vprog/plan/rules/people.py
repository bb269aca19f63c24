"""People and faces: whether, how many at a time or at most, when first and last.

The offline detectors know standing people and frontal faces. A count at a time is the
middle one of three frames, so that one missed person in one frame does not decide it.
A face counts as a person only where no whole person is seen (a close-up). That nobody is
there is answered only when the detectors find nothing even at a low score: between the
two scores the program abstains.
"""

from __future__ import annotations

from vprog.plan.rules.draft import Draft, Kind
from vprog.plan.rules.question import Question
from vprog.plan.rules.spans import during, moment
from vprog.plan.rules.times import When
from vprog.plan.rules.words import FIRST, LAST, MOST, ONCE, PICTURE, SEE, words

FAMILY = "people"

PEOPLE = words(
    "person persons people human humans humanbeing anyone anybody someone somebody pedestrian "
    "pedestrians individuals individual folks"
)
NOBODY = words("nobody no-one noone")
FACE = words("face faces")
_HERE = words(
    "up in on at out turn turns walking standing different people visible can be come comes "
    "into "
    "around present moment right shot scene camera for the time"
)


def write_people(question: Question) -> Draft | None:
    """A program about people, or None if the question asks for something else."""
    if question.quotes or not question.has(PEOPLE | NOBODY | FACE | words("no crowded busiest")):
        return None
    if question.has(FACE) and question.has(PEOPLE - words("human")):
        return None
    for rule in (_compare, _most, _count, _exists, _when):
        draft = rule(question)
        if draft is not None:
            return draft
    return None


def _draft(reading: str, body: str, kind: Kind, evidence: str, slack: float = 0.0) -> Draft:
    return Draft(FAMILY, reading, body, kind, evidence, ("detect", "frame_at", "track"), slack)


def _label(question: Question) -> str:
    return "face" if question.has(FACE) else "person"


COUNT_AT = """\
def people_at(time: float) -> list[Detection]:
    # The middle one of three counts around the time; faces only where no whole person is seen.
    times = [max(0.0, time - 0.2), time, min(time + 0.2, {last!r})]
    seen = [detect(frame_at(video, each), "person") for each in times]
    if max([len(found) for found in seen]) == 0:
        seen = [detect(frame_at(video, time), "face")]
    return sorted(seen, key=len)[len(seen) // 2]


"""
FACES_AT = """\
def people_at(time: float) -> list[Detection]:
    # The middle one of three counts around the time.
    times = [max(0.0, time - 0.2), time, min(time + 0.2, {last!r})]
    seen = [detect(frame_at(video, each), "face") for each in times]
    return sorted(seen, key=len)[1]


"""


def _helper(question: Question) -> str:
    template = FACES_AT if question.has(FACE) else COUNT_AT
    return template.format(last=round(max(0.0, question.video.duration - 0.05), 3))


def _at(question: Question, when: When) -> float:
    return moment(when, question.video.duration)


def _steps(question: Question) -> tuple[float, float, float]:
    """First and last time and the step of a walk over the stretch that is asked about."""
    when = question.when
    start = when.start if when else 0.0
    end = min(when.end if when else question.video.duration, question.video.duration)
    step = max(0.5, (end - start) / 120)
    return round(start, 3), round(end, 3), round(step, 3)


def _count(question: Question) -> Draft | None:
    if question.ask != "count" or not question.has(PEOPLE | FACE) or len(question.times) > 1:
        return None
    if not question.only(PEOPLE, FACE, PICTURE, SEE, _HERE, words("total all")):
        return None
    things = "faces" if question.has(FACE) else "people"
    when = question.when
    if when is not None and when.kind == "at":
        return _draft(
            f"How many {things} are in the picture{during(when)}.",
            f"{_helper(question)}found = people_at({_at(question, when)!r})\nvalue = len(found)",
            "number",
            "[each for each in found]",
            slack=1.0,
        )
    if question.has(words("total all different")):
        return None
    body, evidence = _most_body(question)
    return _draft(
        f"How many {things} are in the picture at once at most{during(when)}.",
        body,
        "number",
        evidence,
        slack=1.0,
    )


def _most_body(question: Question) -> tuple[str, str]:
    start, end, step = _steps(question)
    count = max(1, int((end - start) / step))
    body = (
        f"{_helper(question)}times = [{start!r} + {step!r} * i for i in range({count})]\n"
        "seen = [people_at(time) for time in times]\n"
        "# A count must hold in two neighbouring moments; one alone may be a false alarm.\n"
        "held = [min(len(seen[i]), len(seen[i + 1])) for i in range(len(seen) - 1)]\n"
        "value = max(held, default=len(seen[0]))\n"
        "busiest = held.index(value) if held else 0"
    )
    return body, "[each for each in seen[busiest]]"


def _most(question: Question) -> Draft | None:
    """The largest number at once, and when that is."""
    crowded = question.says("most crowded|busiest")
    if not (crowded or question.has(PEOPLE | FACE, MOST)) or len(question.times) > 1:
        return None
    most_people = question.ask == "what" and question.says("most (?:people|persons|faces)")
    if question.ask not in ("count", "when") and not most_people:
        return None
    if not question.only(
        PEOPLE,
        FACE,
        PICTURE,
        SEE,
        _HERE,
        MOST,
        ONCE,
        words("number at crowded any one point busiest"),
    ):
        return None
    body, evidence = _most_body(question)
    if question.ask == "when":
        return _draft(
            "When the most people are in the picture.",
            f"{body}\nvalue = round(times[busiest], 2)",
            "seconds",
            evidence,
            slack=1.0,
        )
    return _draft(
        f"The largest number of people in the picture at once{during(question.when)}.",
        body,
        "number",
        evidence,
        slack=1.0,
    )


def _exists(question: Question) -> Draft | None:
    if question.ask != "yes or no" or len(question.times) > 1:
        return None
    none = (
        question.has(NOBODY)
        or question.says("no (?:people|persons?|one|humans?|pedestrians|faces?)")
        or question.says("(?:empty|free) of people")
    )
    if not none and question.has(words("no not empty free")):
        return None
    if not question.has(PEOPLE | NOBODY | FACE) and not question.says("no one"):
        return None
    beside = words("no one empty free ") if none else frozenset()
    if not question.only(
        PEOPLE, NOBODY, FACE, PICTURE, SEE, _HERE, beside, words("being beings point")
    ):
        return None
    label = _label(question)
    when = question.when
    if when is not None and when.kind == "at":
        time = _at(question, when)
        frames = f"frames = [frame_at(video, {time!r})]\n"
    else:
        start, end, _ = _steps(question)
        count = max(1, min(40, int((end - start) * 2)))
        step = round((end - start) / count, 3)
        frames = f"frames = [frame_at(video, {start!r} + {step!r} * i) for i in range({count})]\n"
    other = "" if label == "face" else '    found = found + detect(frame, "face", min_score=0.1)\n'
    body = (
        f"{frames}"
        "seen: list[Detection] = []\n"
        "for frame in frames:\n"
        f'    found = detect(frame, "{label}", min_score=0.1)\n'
        f"{other}"
        "    seen = seen + found\n"
        f"sure = [each for each in seen if each.score >= {SURE}]\n"
        f"if not sure and len(seen) > 0:\n"
        '    abstain("something may be a person, but no score is high enough to say so")\n'
        f"value = len(sure) {'==' if none else '>'} 0"
    )
    plural = "nobody" if none else f"a {label}"
    return _draft(
        f"Whether {plural} is in the picture{during(when)}.",
        body,
        "yes or no",
        "[each for each in sure[:10]] or [frame for frame in frames[:20]]",
    )


SURE = 0.25
"""Detections scored lower are not facts for a yes or a no."""


def _when(question: Question) -> Draft | None:
    """When the first person is seen, the last one, or the picture holds somebody."""
    if question.ask != "when" or question.times or not question.has(PEOPLE | FACE):
        return None
    if not question.only(
        PEOPLE, FACE, PICTURE, SEE, _HERE, FIRST, LAST, words("time leave leaves gone")
    ):
        return None
    if question.has(FIRST) and question.has(LAST):
        return None
    if question.has(words("leave leaves gone")) and not question.has(LAST):
        return None
    label = _label(question)
    last = question.has(LAST)
    pick, edge = ("max", "end") if last else ("min", "start")
    return _draft(
        f"When a {label} is seen {'last' if last else 'first'}.",
        f'people = [each for each in track(video, "{label}") if len(each.detections) >= 3]\n'
        "if not people:\n"
        f'    abstain("no {label} was found")\n'
        f"chosen = {pick}(people, key=lambda each: each.span.{edge})\n"
        f"value = round(chosen.span.{edge}, 2)",
        "seconds",
        "[chosen]",
        slack=1.0,
    )


def _compare(question: Question) -> Draft | None:
    """Whether more people are there at one time than at another."""
    if question.ask != "yes or no" or len(question.times) != 2 or not question.has(PEOPLE | FACE):
        return None
    if not question.says("(?:more|fewer|less) (?:people|persons|pedestrians|faces).*than"):
        return None
    if not question.only(PEOPLE, FACE, PICTURE, SEE, _HERE, words("more fewer less than")):
        return None
    first, second = question.times
    if first.kind != "at" or second.kind != "at":
        return None
    sign = ">" if question.has(words("more")) else "<"
    return _draft(
        f"Whether {'more' if sign == '>' else 'fewer'} people are seen{during(first)} "
        f"than{during(second)}.",
        f"{_helper(question)}one = people_at({_at(question, first)!r})\n"
        f"other = people_at({_at(question, second)!r})\n"
        f"value = len(one) {sign} len(other)",
        "yes or no",
        "one + other",
    )
