"""Colours: which prevails, when the picture turns to one, whether and where something of a
colour is, which way it moves."""

from __future__ import annotations

from vprog.rules.draft import Draft, Kind
from vprog.rules.family import RuleFamily
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.span_words import during, moment
from vprog.rules.word_forms import PICTURE, SEE, words

COLOURS = words(
    "red orange yellow green cyan turquoise blue purple violet pink brown white gray grey"
)
_SPELLED = {"gray": "grey", "violet": "purple", "turquoise": "cyan"}
_THING = words(
    "thing things object objects something anything region area patch part colour color "
    "coloured "
    "colored item items stuff shape"
)
_COLOUR_WORD = words("colour color colours colors")
_MAIN = words(
    "dominant main most common dominates dominating dominate prevails prevailing "
    "predominant background overall strongest mainly mostly ground"
)


def write_colours(question: ParsedQuestion) -> Draft | None:
    """A program about colours, or None."""
    if question.quotes:
        return None
    for rule in (_dominant, _turns, _is_there, _where, _which_way):
        draft = rule(question)
        if draft is not None:
            return draft
    return None


def _draft(
    reading: str, body: str, kind: Kind, evidence: str, *tasks: str, tolerance: float = 1.0
) -> Draft:
    return Draft(reading, body, kind, evidence, tasks, tolerance)


def _colour(question: ParsedQuestion) -> str | None:
    """The one colour that is named, in the modules' spelling."""
    named = {_SPELLED.get(word, word) for word in question.tokens if word in COLOURS}
    return named.pop() if len(named) == 1 else None


def _at(question: ParsedQuestion) -> float:
    when = question.when
    duration = question.video.duration
    return moment(when, duration) if when else round(duration / 2, 3)


def _dominant(question: ParsedQuestion) -> Draft | None:
    """The colour that covers most of the picture."""
    if question.ask != "what" or not question.has(_COLOUR_WORD) or len(question.times) > 1:
        return None
    if not question.has(_MAIN | PICTURE) or not question.only(
        _COLOUR_WORD, _MAIN, PICTURE, SEE, words("does have has")
    ):
        return None
    if question.when is not None and question.when.kind == "within":
        return None
    if question.when is None:
        times = "[video.duration * (0.1 + 0.2 * i) for i in range(5)]"
        body = (
            f"frames = [frame_at(video, time) for time in {times}]\n"
            "names = [name_colours(frame, count=1)[0].name for frame in frames]\n"
            "value = majority(names)\n"
            "if names.count(value) < 3:\n"
            '    abstain("the colours change over the video: ask about a time")'
        )
        evidence = "[frame for frame in frames]"
    else:
        body = (
            f"frame = frame_at(video, {_at(question)!r})\n"
            "colours = name_colours(frame, count=2)\n"
            "if len(colours) > 1 and colours[0].share < 1.2 * colours[1].share:\n"
            '    abstain(f"no colour prevails: {colours[0].name} and {colours[1].name} '
            'are level")\n'
            "value = colours[0].name"
        )
        evidence = "[frame]"
    return _draft(
        f"Which colour covers most of the picture{during(question.when)}.",
        body,
        "text",
        evidence,
        "name_colours",
    )


def _turns(question: ParsedQuestion) -> Draft | None:
    """When the picture or its background becomes a colour."""
    colour = _colour(question)
    if question.ask != "when" or question.times or colour is None:
        return None
    if not question.has(words("turn turns become becomes change changes go goes switch switches")):
        return None
    if not question.has(PICTURE | words("background")) or not question.only(
        COLOURS,
        PICTURE,
        words(
            "turn turns become becomes change changes go goes switch switches background to first"
        ),
    ):
        return None
    length = question.video.duration
    step = round(max(0.1, length / 150), 3)
    body = (
        f"times = [{step!r} * i for i in range({max(1, int(length / step))})]\n"
        "names = [name_colours(frame_at(video, time), count=1)[0].name for time in times]\n"
        f'turned = [i for i in range(1, len(names)) if names[i] == "{colour}" and '
        f'names[i - 1] != "{colour}"]\n'
        "if not turned:\n"
        f'    abstain(f"{{len(times)}} frames were looked at, and the main colour of none turns '
        f'{colour}")\n'
        "value = round(times[turned[0]], 2)"
    )
    return _draft(
        f"When the main colour of the picture becomes {colour}.",
        body,
        "seconds",
        "[frame_at(video, value)]",
        "name_colours",
        "frame_at",
    )


def _is_there(question: ParsedQuestion) -> Draft | None:
    """Whether there is something of a colour."""
    colour = _colour(question)
    if question.ask != "yes or no" or colour is None or len(question.times) > 1:
        return None
    if question.has(words("no not")) or not (question.has(_THING) or question.says("any")):
        return None
    if not question.only(COLOURS, _THING, PICTURE, SEE, words("at any point ever be")):
        return None
    when = question.when
    if when is not None and when.kind == "at":
        frames = f"[frame_at(video, {_at(question)!r})]"
    else:
        start = when.start if when else 0.0
        end = when.end if when else question.video.duration
        count = max(1, min(20, int(end - start) + 1))
        step = round((end - start) / (count + 1), 3)
        frames = f"[frame_at(video, {start!r} + {step!r} * (i + 1)) for i in range({count})]"
    body = (
        f"frames = {frames}\n"
        f'seen = [find_colour(frame, "{colour}") for frame in frames]\n'
        "held = [regions for regions in seen if len(regions) > 0]\n"
        "value = 2 * len(held) > len(seen)\n"
        "if not value and held:\n"
        f'    abstain("{colour} regions come and go: ask about a time")\n'
        "found = held[0] if held else []"
    )
    return _draft(
        f"Whether there is something {colour} in the picture{during(when)}.",
        body,
        "yes or no",
        "found[:5]",
        "find_colour",
        "frame_at",
    )


PLACE = """\
def place(box: Box) -> str:
    # The third of the picture, across and down, that holds the middle of the box.
    x, y = centre(box)
    across = "left" if x < video.width / 3 else "right" if x > video.width * 2 / 3 else "centre"
    down = "top" if y < video.height / 3 else "bottom" if y > video.height * 2 / 3 else "middle"
    if across == "centre":
        return "centre" if down == "middle" else f"{down} centre"
    return across if down == "middle" else f"{down} {across}"


"""


def _where(question: ParsedQuestion) -> Draft | None:
    """In which part of the picture something of a colour is."""
    colour = _colour(question)
    if question.ask != "where" or colour is None or len(question.times) > 1:
        return None
    if not question.only(COLOURS, _THING, PICTURE, SEE, words("located biggest largest lie lies")):
        return None
    if question.when is not None and question.when.kind == "within":
        return None
    body = (
        f"{PLACE}"
        f'regions = find_colour(frame_at(video, {_at(question)!r}), "{colour}")\n'
        "if not regions:\n"
        f'    abstain("no {colour} region of 0.2 % of the picture or more is in that frame")\n'
        "largest = max(regions, key=lambda region: area(region.box))\n"
        "value = place(largest.box)"
    )
    return _draft(
        f"Where the largest {colour} region is{during(question.when)}.",
        body,
        "text",
        "[largest]",
        "find_colour",
    )


def _which_way(question: ParsedQuestion) -> Draft | None:
    """Which way a coloured thing moves."""
    colour = _colour(question)
    if question.ask != "which way" or colour is None or len(question.times) > 1:
        return None
    if not question.only(
        COLOURS,
        _THING,
        words("move moves moving go goes going travel travels head heads heading drift drifts in"),
    ):
        return None
    span = ""
    if question.when is not None:
        if question.when.kind == "at":
            return None
        span = f", span=Span({question.when.start!r}, {question.when.end!r})"
    body = (
        f'tracks = track_colour(video, "{colour}"{span})\n'
        "if not tracks:\n"
        f'    abstain("no {colour} region could be followed")\n'
        "main = max(tracks, key=lambda region: "
        "sum([area(part.box) for part in region.detections]))\n"
        "value = direction(main)\n"
        'if value == "still":\n'
        f'    abstain("the {colour} region does not move")'
    )
    return _draft(
        f"Which way the largest {colour} thing moves.", body, "text", "[main]", "track_colour"
    )


FAMILY = RuleFamily("things", 50, write_colours)
