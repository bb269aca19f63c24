"""Sides of the picture: when, or whether, something or somebody enters or leaves."""

from __future__ import annotations

import re

from vprog.rules.draft import Draft, Kind
from vprog.rules.family import RuleFamily
from vprog.rules.numbers import read_ordinal
from vprog.rules.people_questions import PEOPLE, people_call
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.span_words import during
from vprog.rules.word_forms import FIRST, LAST, PICTURE, words

_SIDES = {
    "left": "left",
    "left-hand": "left",
    "right": "right",
    "right-hand": "right",
    "top": "top",
    "above": "top",
    "bottom": "bottom",
    "below": "bottom",
}
_ENTER = words(
    "enter enters entered entering arrive arrives arriving comes come walks walk moves "
    "move runs run in into"
)
_LEAVE = words(
    "leave leaves left leaving exit exits exiting goes go walks walk moves move runs run "
    "out off disappear disappears"
)
_ANY = words("something anything object objects thing things moving")


def write_moves(question: ParsedQuestion) -> Draft | None:
    """A program about what enters, leaves, crosses the picture or goes one way, or None."""
    return _enters_or_leaves(question) or _goes(question)


def _enters_or_leaves(question: ParsedQuestion) -> Draft | None:
    """When, or whether, something or somebody enters or leaves, maybe at a given side."""
    if question.quotes or question.ask not in ("when", "yes or no") or len(question.times) > 1:
        return None
    people = question.has(PEOPLE - words("something"))
    if not people and not question.has(_ANY):
        return None
    enter = question.says(
        "enters?|entering|arrives?|(?:comes?|walks?|moves?|runs?) into|"
        "(?:comes?|walks?|moves?|runs?) in(?= from| at|$)|"
        "appears? (?:from|at)"
    )
    leave = question.says(
        "leaves?|exits?|leaving|exiting|(?:goes|go|walks?|moves?|runs?) (?:out|off)|disappears?"
    )
    if enter == leave:
        return None
    side_hit = re.search(
        r"\b(?:from|on|at|to|through|via|by|over)(?: the)? (left|right|left-hand|"
        r"right-hand|top|bottom|above|below)\b",
        question.text,
    )
    ordinals = [at for word in question.tokens if (at := read_ordinal(word)) is not None]
    ordinal_words = words(
        " ".join(word for word in question.tokens if read_ordinal(word) is not None)
    )
    if len(ordinals) > 1 or (ordinals and question.ask != "when"):
        return None
    if question.has(frozenset(_SIDES) - words("left")) and side_hit is None:
        return None
    known = words("from on at to the through via by over side edge border hand " + " ".join(_SIDES))
    verbs = _ENTER if enter else _LEAVE
    if not question.only(
        PEOPLE,
        _ANY,
        PICTURE,
        verbs,
        known,
        FIRST,
        LAST,
        ordinal_words,
        words("time appear appears"),
    ):
        return None
    if leave and any(abs(at) > 1 for at in ordinals):
        return None  # the second to come, or the second to go?
    side = _SIDES[side_hit[1]] if side_hit else ""
    nth = ordinals[0] if ordinals else 1
    when = question.when
    if when is not None and when.kind == "at" and question.ask == "when":
        return None
    call = people_call(question) if people else "track_moving(video, fps=10.0)"
    who = "somebody" if people else "something"
    verb = "enters" if enter else "leaves"
    place = "nth" if nth < 0 else f"number {nth}"
    place = "found[-1]" if nth < 0 else f"found[{nth - 1}]"
    body = (
        f"{_edge_helper(enter, side)}tracks = "
        f"[mover for mover in {call} if len(mover.detections) >= 4]\n"
    )
    edge = "start" if enter else "end"
    body += (
        f"moves = [mover for mover in tracks if {verb}_at(mover)]\n"
        f"found = sorted(moves, key=lambda mover: mover.span.{edge})\n"
    )
    if when is not None:
        low = when.start - (0.5 if when.kind == "at" else 0.0)
        high = when.end + (0.5 if when.kind == "at" else 0.0)
        body += f"found = [mover for mover in found if {low!r} <= mover.span.{edge} <= {high!r}]\n"
    where = f" at the {side}" if side else ""
    if question.ask == "yes or no":
        body += (
            "if not found:\n"
            '    abstain("nothing was seen to do so, which does not show that nothing did")\n'
            "value = True"
        )
        return _draft(
            f"Whether {who} {verb}{where}{during(when)}.",
            body,
            "yes or no",
            "found[:5]",
            "track",
            "track_moving",
        )
    body += (
        f"if len(found) < {max(nth, 1)}:\n"
        f'    abstain("{who} {verb[:-1]}ing{where} was not found")\n'
        f"value = round({place}.span.{edge}, 2)"
    )
    ordinal = "" if nth == 1 else " for the last time" if nth < 0 else f", number {nth}"
    return _draft(
        f"When {who} {verb}{where}{ordinal}.",
        body,
        "seconds",
        f"[{place}]",
        "track",
        "track_moving",
    )


def _draft(
    reading: str, body: str, kind: Kind, evidence: str, *tasks: str, tolerance: float = 1.0
) -> Draft:
    return Draft(reading, body, kind, evidence, tasks, tolerance)


_NEAR = {
    "left": "box.x0 <= margin",
    "right": "box.x1 >= video.width - margin",
    "top": "box.y0 <= margin",
    "bottom": "box.y1 >= video.height - margin",
}


def _edge_helper(enter: bool, side: str) -> str:
    """A function that tells whether a track begins (or ends) at the edge of the picture."""
    name, at, other = ("enters_at", "0", "-1") if enter else ("leaves_at", "-1", "0")
    test = _NEAR[side] if side else " or ".join(f"({item})" for item in _NEAR.values())
    far = "mover.span.start > 0.3" if enter else "mover.span.end < video.duration - 0.3"
    return f"""\
def {name}(mover: Track) -> bool:
    # It {"begins" if enter else "ends"} at the edge of the picture, not with the video, and moves.
    margin = 0.04 * max(video.width, video.height)
    box = mover.detections[{at}].box
    other = mover.detections[{other}].box
    apart = abs(centre(box)[0] - centre(other)[0]) + abs(centre(box)[1] - centre(other)[1])
    return ({test}) and {far} and apart > margin


"""


def _goes(question: ParsedQuestion) -> Draft | None:
    """Which way somebody goes, and whether anything crosses the picture."""
    if question.quotes or len(question.times) > 1:
        return None
    return _which_way(question) or _crosses(question)


_GOING = words(
    "walk walks walking move moves moving go goes going head heads heading run runs travel "
    "travels in"
)


def _which_way(question: ParsedQuestion) -> Draft | None:
    """Which way the first, the last or the only person goes."""
    if question.ask != "which way" or question.times or not question.has(PEOPLE):
        return None
    if question.has(FIRST) and question.has(LAST):
        return None
    to_enter = words("to enter who that enters appear appears")
    if not question.only(PEOPLE, _GOING, words("first last"), to_enter):
        return None
    body = f"tracks = [mover for mover in {people_call(question)} if len(mover.detections) >= 5]\n"
    if question.has(to_enter - words("to")):
        body = (
            f"{_edge_helper(True, '')}{body}"
            "tracks = [mover for mover in tracks if enters_at(mover)]\n"
        )
    if not question.has(FIRST | LAST):
        body += (
            "if len(tracks) > 1:\n"
            '    abstain("more than one person was found: ask about the first or the last one")\n'
        )
    chosen = "max" if question.has(LAST) else "min"
    body += (
        "if not tracks:\n"
        '    abstain("no person was followed long enough")\n'
        f"chosen = {chosen}(tracks, key=lambda mover: mover.span.start)\n"
        "rivals = [mover for mover in tracks if abs(mover.span.start - chosen.span.start) < 0.2]\n"
        "value = direction(chosen)\n"
        'if value == "still" or len({direction(mover) for mover in rivals}) > 1:\n'
        '    abstain("it is not clear who is meant, or the person hardly moves")'
    )
    which = "last" if question.has(LAST) else "first" if question.has(FIRST) else "only"
    return _draft(f"Which way the {which} person goes.", body, "text", "[chosen]", "track")


def _crosses(question: ParsedQuestion) -> Draft | None:
    """Whether somebody or something goes across the picture."""
    if question.ask != "yes or no" or not question.says("cross|crosses|crossing"):
        return None
    people = question.has(PEOPLE)
    if not people and not question.has(_ANY):
        return None
    way = re.search(r"from (?:the )?(left|right) to (?:the )?(left|right)", question.text)
    if not question.only(
        PEOPLE,
        _ANY,
        PICTURE,
        words("cross crosses crossing"),
        words("from to left right") if way else (),
    ):
        return None
    call = people_call(question) if people else "track_moving(video, fps=10.0)"
    goes = f' and direction(mover) == "{way[2]}"' if way else ""
    low, high = (question.when.start, question.when.end) if question.when else (0.0, 0.0)
    within = f" and overlaps(mover.span, Span({low!r}, {high!r}))" if question.when else ""
    body = (
        f"found = [mover for mover in {call} if crosses(mover, video.width){goes}{within}]\n"
        "if not found:\n"
        '    abstain("nothing was followed all the way, which does not show that nothing '
        'crossed")\n'
        "value = True"
    )
    who = "somebody" if people else "something"
    return _draft(
        f"Whether {who} crosses the picture.",
        body,
        "yes or no",
        "found[:5]",
        "track",
        "track_moving",
    )


FAMILY = RuleFamily("things", 60, write_moves)
