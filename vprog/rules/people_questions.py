"""People and faces: whether, how many at a time or at most, when first and last.

The offline tracker knows upright people and frontal faces, and is silent where it is not
sure. So what it finds counts, above SURE; faces count as people only where no whole
person is found (a close-up). What it does not find may be there all the same: that nobody
is in the picture is answered only for a plain picture, in which nobody can be.

A count is answered where everybody counted is sure enough and where the detector, which looks at
that frame alone, sees no more: people who stand together are followed as one.
"""

from __future__ import annotations

from vprog.rules.draft import Draft, Kind
from vprog.rules.family import RuleFamily
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.span_words import during, moment
from vprog.rules.times import When
from vprog.rules.word_forms import FIRST, LAST, MOST, ONCE, PICTURE, SEE, words

SURE = 0.3
"""Tracks scored lower rest on motion alone: something moves, perhaps nobody."""
SURE_COUNT = 0.5
"""A count of tracks of which one is scored lower is none: on the labelled clips of
benchmarks/labelled_people.py counts are right from 0.65 on, and were wrong from 0.28 to 0.41."""
SEEN = {"person": 0.5, "face": 0.6}
"""From which score on a figure, or a face, seen in one frame speaks against a smaller count."""
PLAIN_SHARE = 0.85
"""A picture that one colour covers to this share shows nobody."""

PEOPLE = words(
    "person persons people human humans anyone anybody someone somebody pedestrian "
    "pedestrians individuals individual folks"
)
NOBODY = words("nobody no-one noone")
FACE = words("face faces")
_HERE = words("up in on at be can visible present moment shot scene camera for the time")


def write_people(question: ParsedQuestion) -> Draft | None:
    """A program about people, or None if the question asks for something else."""
    named = PEOPLE | NOBODY | FACE | words("no crowded busiest")
    if question.quotes or not question.has(named):
        return None
    if question.has(FACE) and question.has(PEOPLE - words("human")):
        return None
    for rule in (_compare, _most, _count, _exists, _when):
        draft = rule(question)
        if draft is not None:
            return draft
    return None


def _draft(reading: str, body: str, kind: Kind, evidence: str) -> Draft:
    tasks = ("frame_at", "name_colours", "sample_frames", "track", "detect")
    return Draft(reading, body, kind, evidence, tasks, tolerance=1.0)


def people_call(question: ParsedQuestion, label: str = "person", around: When | None = None) -> str:
    """The call that follows people: through all of a short video, else near the time."""
    duration = question.video.duration
    if around is None or duration <= 60:
        rate = "" if duration <= 240 else f", fps={round(1200 / duration, 3)!r}"
        return f'track(video, "{label}"{rate})'
    start, end = max(0.0, around.start - 6), min(duration, around.end + 6)
    return f'track(video, "{label}", span=Span({round(start, 3)!r}, {round(end, 3)!r}))'


def _followed(question: ParsedQuestion) -> str:
    """Program text that leaves in `tracks` the people, or the faces, that are sure."""
    label = "face" if question.has(FACE) else "person"
    around = question.times[0] if len(question.times) == 1 else None
    text = (
        f"followed = {people_call(question, label, around)}\n"
        f"tracks = [{label} for {label} in followed if {label}.score >= {SURE}]\n"
    )
    if label == "person":
        text += (
            "if not tracks:  # a close-up shows no whole person\n"
            f"    tracks = {people_call(question, 'face', around)}\n"
        )
    return text


def _not_seen(frames: str) -> str:
    """Program text that abstains if nobody was found in a picture that could hide somebody."""
    return (
        "if not found:\n"
        f"    shares = [name_colours(frame, count=1)[0].share for frame in {frames}]\n"
        f"    if min(shares) < {PLAIN_SHARE}:\n"
        f"        best = max([one.score for one in followed], default=0.0)\n"
        f'        abstain(f"nobody was followed there with a score of {SURE} or more (the best '
        'in the video: {best:.2f}), which does not show that nobody is there")\n'
    )


def _counted(question: ParsedQuestion, time: str) -> str:
    """Program text that abstains where the count of `found` is not to be relied on."""
    things = "faces" if question.has(FACE) else "people"
    labels = ("face",) if question.has(FACE) else ("person", "face")
    text = (
        f"weak = [one for one in found if one.score < {SURE_COUNT}]\n"
        "if weak:\n"
        f'    abstain(f"{{len(found)}} {things} were followed, {{len(weak)}} of them with a score '
        f'under {SURE_COUNT}, where counts are often wrong")\n'
    )
    for label in labels:
        what = "figures" if label == "person" else "faces"
        text += (
            f'seen = detect(frame_at(video, {time}), "{label}", min_score={SEEN[label]})\n'
            "if len(seen) > len(found):\n"
            f'    abstain(f"{{len(found)}} {things} were followed, and {{len(seen)}} {what} are '
            f'seen in the frame at {{{time}:.2f}} s alone: no count is sure")\n'
        )
    return text


def _at(question: ParsedQuestion, when: When) -> float:
    return moment(when, question.video.duration)


def _frames(when: When | None) -> str:
    if when is None:
        return "sample_frames(video, count=9)"
    return f"sample_frames(video, span=Span({when.start!r}, {when.end!r}), count=9)"


def _count(question: ParsedQuestion) -> Draft | None:
    """How many at a time; for a span or all of the video, how many at once at most."""
    if question.ask != "count" or not question.has(PEOPLE | FACE) or len(question.times) > 1:
        return None
    if not question.only(PEOPLE, FACE, PICTURE, SEE, _HERE):
        return None
    when = question.when
    things = "faces" if question.has(FACE) else "people"
    if when is None or when.kind != "at":
        return _at_once(question)
    time = _at(question, when)
    return _draft(
        f"How many {things} are in the picture{during(when)}.",
        f"{_followed(question)}found = tracks_at(tracks, {time!r})\n"
        f"{_not_seen(f'[frame_at(video, {time!r})]')}{_counted(question, repr(time))}"
        "value = len(found)",
        "number",
        "found",
    )


def _at_once(question: ParsedQuestion) -> Draft:
    """The largest number at once; it must hold at two neighbouring moments."""
    when = question.when
    things = "faces" if question.has(FACE) else "people"
    return _draft(
        f"How many {things} are in the picture at once at most{during(when)}.",
        f"{_busiest(question)}{_not_seen(_frames(when))}{_counted(question, 'peak')}"
        "value = len(found)",
        "number",
        "found",
    )


def _busiest(question: ParsedQuestion) -> str:
    """Program text that leaves in `found` who is there when most are, and the time in `peak`."""
    when = question.when
    start = when.start if when else 0.0
    end = min(when.end if when else question.video.duration, question.video.duration)
    step = max(0.25, round((end - start) / 400, 3))
    count = max(1, int((end - start) / step))
    hold = max(1, round(1.0 / step))
    return (
        f"{_followed(question)}"
        f"times = [{start!r} + {step!r} * i for i in range({count})]\n"
        "counts = [len(tracks_at(tracks, time)) for time in times]\n"
        "# A count must hold for a second; where one track takes over from another, it does not.\n"
        f"held = [min(counts[i : i + {hold}]) for i in range(max(1, len(counts) - {hold - 1}))]\n"
        "peak = times[held.index(max(held))]\n"
        "found = tracks_at(tracks, peak)\n"
    )


def _most(question: ParsedQuestion) -> Draft | None:
    """The largest number at once, and when that is."""
    crowded = question.says("most crowded|busiest")
    if not (crowded or question.has(PEOPLE | FACE, MOST)) or len(question.times) > 1:
        return None
    most_people = question.ask == "what" and question.says(
        "^(?:is )?(?:the )?most (?:people|persons|faces)"
    )
    if question.ask not in ("count", "when") and not most_people:
        return None
    beside = words("number at crowded any one point busiest")
    if not question.only(PEOPLE, FACE, PICTURE, SEE, _HERE, MOST, ONCE, beside):
        return None
    if question.ask != "when":
        return _at_once(question)
    return _draft(
        "When the most people are in the picture.",
        f"{_busiest(question)}if not found:\n"
        '    abstain("nobody was recognised")\n'
        "value = round(peak, 2)",
        "seconds",
        "found",
    )


def _exists(question: ParsedQuestion) -> Draft | None:
    """Whether somebody, or nobody, is there."""
    if question.ask != "yes or no" or len(question.times) > 1:
        return None
    none = question.has(NOBODY) or question.says(
        "no (?:people|persons?|one|humans?|pedestrians|faces?)|(?:empty|free) of people"
    )
    if not none and question.has(words("no not empty free")):
        return None
    if not question.has(PEOPLE | NOBODY | FACE) and not question.says("no one"):
        return None
    beside = words("no one empty free") if none else words("")
    if not question.only(PEOPLE, NOBODY, FACE, PICTURE, SEE, _HERE, beside, words("being point")):
        return None
    when = question.when
    if when is None:
        found, frames = "tracks", _frames(None)
    elif when.kind == "at":
        time = _at(question, when)
        found, frames = (
            f"tracks_at(tracks, {time!r}, tolerance=0.3)",
            f"[frame_at(video, {time!r})]",
        )
    else:
        found = (
            f"[person for person in tracks if overlaps(person, Span({when.start!r}, {when.end!r}))]"
        )
        frames = _frames(when)
    who = "nobody" if none else "a face" if question.has(FACE) else "somebody"
    return _draft(
        f"Whether {who} is in the picture{during(when)}.",
        f"{_followed(question)}found = {found}\n{_not_seen(frames)}"
        f"value = len(found) {'==' if none else '>'} 0",
        "yes or no",
        "found[:10]",
    )


def _when(question: ParsedQuestion) -> Draft | None:
    """When somebody is seen first or last."""
    if question.ask != "when" or question.times or not question.has(PEOPLE | FACE):
        return None
    gone = words("leave leaves gone")
    if not question.only(PEOPLE, FACE, PICTURE, SEE, _HERE, FIRST, LAST, gone):
        return None
    last = question.has(LAST)
    if (last and question.has(FIRST)) or (question.has(gone) and not last):
        return None
    pick, edge = ("max", "end") if last else ("min", "start")
    return _draft(
        f"When somebody is seen {'last' if last else 'first'}.",
        f"{_followed(question)}if not tracks:\n"
        '    abstain("nobody was recognised")\n'
        f"chosen = {pick}(tracks, key=lambda person: person.span.{edge})\n"
        f"value = round(chosen.span.{edge}, 2)",
        "seconds",
        "[chosen]",
    )


def _compare(question: ParsedQuestion) -> Draft | None:
    """Whether more people are there at one time than at another."""
    if question.ask != "yes or no" or len(question.times) != 2:
        return None
    if not question.says("(?:more|fewer|less) (?:people|persons|pedestrians|faces).*than"):
        return None
    first, second = question.times
    if first.kind != "at" or second.kind != "at":
        return None
    if not question.only(PEOPLE, FACE, PICTURE, SEE, _HERE, words("more fewer less than")):
        return None
    more = question.has(words("more"))
    return _draft(
        f"Whether {'more' if more else 'fewer'} people are seen{during(first)} "
        f"than{during(second)}.",
        f"{_followed(question)}one = tracks_at(tracks, {_at(question, first)!r})\n"
        f"other = tracks_at(tracks, {_at(question, second)!r})\n"
        "if not one and not other:\n"
        '    abstain("nobody was recognised at either time")\n'
        f"value = len(one) {'>' if more else '<'} len(other)",
        "yes or no",
        "one + other",
    )


FAMILY = RuleFamily("people", 70, write_people)
