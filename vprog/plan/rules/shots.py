"""Shots and what lies between them: how many, when, the longest, cuts, fades, dissolves."""

from __future__ import annotations

from vprog.plan.rules.draft import Draft, Kind
from vprog.plan.rules.numbers import read_ordinal
from vprog.plan.rules.question import Question
from vprog.plan.rules.spans import during
from vprog.plan.rules.words import PICTURE, SEE, START, STOP, words

FAMILY = "shots"

_SHOT = words("shot shots scene scenes take takes")
_CUT = words("cut cuts")
_CHANGE = words(
    "change changes changing transition transitions switch switches break breaks boundary boundaries edit edits"
)
_KIND = {"fade": "fade", "fades": "fade", "dissolve": "dissolve", "dissolves": "dissolve",
         "cross-fade": "dissolve", "crossfade": "dissolve", "cross-dissolve": "dissolve"}  # fmt: skip
_LOOSE = words("different separate distinct individual camera made up consist consists composed "
               "divided split into right correct all together go goes by pass long for used used contain contained")  # fmt: skip
_WHOLE = words(
    "consist consists made up one single continuous uninterrupted unbroken uncut take shot filmed recorded all only just in long"
)


def write_shots(question: Question) -> Draft | None:
    """A program about shots, or None if the question asks for something else."""
    if question.quotes:
        return None
    for rule in (_whole, _count, _exists, _nth, _longest, _average, _kind_when, _at_time):
        draft = rule(question)
        if draft is not None:
            return draft
    return None


def _draft(reading: str, body: str, kind: Kind, evidence: str = "", slack: float = 0.0) -> Draft:
    return Draft(FAMILY, reading, body, kind, evidence, ("find_shots",), slack)


def _whole(question: Question) -> Draft | None:
    asked = question.says(
        "(?:one|single|continuous|uninterrupted|unbroken) (?:\\w+ )?(?:shot|take|scene)|uncut|unbroken|without (?:any |a )?cuts?"
    )
    if question.ask != "yes or no" or question.times or not asked:
        return None
    if not question.only(_WHOLE, words("without cut cuts scene")):
        return None
    return _draft(
        "Whether the video is one shot.",
        "shots = find_shots(video)\nvalue = len(shots) == 1",
        "yes or no",
        "[shot for shot in shots[:20]]",
    )


def _subject(question: Question) -> tuple[str, str, str] | None:
    """What is counted: its name, an expression over `shots`, and whether cuts or shots."""
    kinds = {kind for word, kind in _KIND.items() if word in question.tokens}
    if len(kinds) > 1:
        return None
    if kinds:
        kind = kinds.pop()
        return f"{kind}s", f'[shot for shot in shots if shot.opening == "{kind}"]', kind
    if question.has(_SHOT, _CHANGE) or question.has(_CHANGE):
        return "shot changes", '[shot for shot in shots if shot.opening != "start"]', "change"
    if question.has(_CUT):
        return "cuts", '[shot for shot in shots if shot.opening == "cut"]', "cut"
    if question.has(_SHOT):
        return "shots", "[shot for shot in shots]", "shot"
    return None


_ALL_SUBJECTS = (
    _SHOT,
    _CUT,
    _CHANGE,
    frozenset(_KIND),
    words("hard abrupt sudden sharp black from to"),
)


def _count(question: Question) -> Draft | None:
    subject = _subject(question)
    if question.ask != "count" or subject is None or not _hard_fits(question, subject[2]):
        return None
    if len(question.times) > 1 or (question.when and question.when.kind == "at"):
        return None
    if not question.only(*_ALL_SUBJECTS, _LOOSE, SEE, START, words("total"), _TIMES):
        return None
    name, expression, _ = subject
    if question.has(START) and name != "shots":
        return None
    within = ""
    if question.when:
        low, high = question.when.start, question.when.end
        starts = f"shot.start >= {low!r} and shot.start <= {high!r}"
        if name == "shots" and not question.has(START):
            within = f"found = [shot for shot in found if shot.end > {low!r} and shot.start < {high!r}]\n"
        else:
            within = f"found = [shot for shot in found if {starts}]\n"
    return _draft(
        f"How many {name} there are{during(question.when)}.",
        f"shots = find_shots(video)\nfound = {expression}\n{within}value = len(found)",
        "number",
        "[shot for shot in found[:50]]",
    )


_TIMES = words("times time often does")


def _hard_fits(question: Question, kind: str) -> bool:
    """ "Hard" goes with cuts only; black with fades only."""
    if question.has(words("hard abrupt sudden sharp")) and kind not in ("cut", "change"):
        return False
    return not question.has(words("black from to"))


def _exists(question: Question) -> Draft | None:
    subject = _subject(question)
    if question.ask != "yes or no" or subject is None:
        return None
    if len(question.times) > 1 or not _hard_fits(question, subject[2]):
        return None
    if not question.only(*_ALL_SUBJECTS, SEE, words("point at between shots scenes more than one")):
        return None
    if question.has(words("more than one")) and not question.says("more than one"):
        return None
    name, expression, _ = subject
    least = 2 if question.says("more than one") else 1
    if subject[2] == "shot" and least == 1:
        return None
    within = ""
    if question.when:
        low, high = question.when.start, question.when.end
        if question.when.kind == "at":
            low, high = low - 0.5, high + 0.5
        within = f"found = [shot for shot in found if shot.start >= {low!r} and shot.start <= {high!r}]\n"
    return _draft(
        f"Whether there are {name}{during(question.when)}.",
        f"shots = find_shots(video)\nfound = {expression}\n{within}value = len(found) >= {least}",
        "yes or no",
        "[shot for shot in (found or shots)[:20]]",
    )


def _nth(question: Question) -> Draft | None:
    """When the second shot begins, the last cut is, the first shot ends."""
    subject = _subject(question)
    if question.ask not in ("when", "how long") or subject is None or question.times:
        return None
    tokens = question.tokens
    if question.ask == "how long" and tokens[-1:] == ("last",):
        tokens = tokens[:-1]  # "how long does it last": a verb
    ordinals = [at for word in tokens if (at := read_ordinal(word)) is not None]
    numbered = [int(word) for word in question.tokens if word.isdigit() and 0 < int(word) < 1000]
    which = ordinals or numbered
    if len(which) > 1 or (not which and subject[2] in ("shot",)):
        return None
    known = words(
        " ".join(
            word for word in question.tokens if read_ordinal(word) is not None or word.isdigit()
        )
    )
    beside = words("hard abrupt number no come comes last lasts visible for new time")
    if not question.only(*_ALL_SUBJECTS, known, START, STOP, SEE, beside) or not _hard_fits(
        question, subject[2]
    ):
        return None
    nth = which[0] if which else 1
    name, expression, kind = subject
    place = "found[-1]" if nth < 0 else f"found[{nth - 1}]"
    ordinal = "last" if nth < 0 else f"number {nth}"
    need = max(nth, 1)
    stop = question.has(STOP) and not question.has(words("over"))
    if question.ask == "how long":
        if kind != "shot":
            return None
        value, what, result = f"round(duration({place}), 2)", "How long", "seconds"
    elif stop and kind == "shot":
        value, what, result = f"round({place}.end, 2)", "When the end is of", "seconds"
    elif stop:
        return None
    else:
        value, what, result = f"round({place}.start, 2)", "When the start is of", "seconds"
    return _draft(
        f"{what} {ordinal} of the {name}.",
        f"shots = find_shots(video)\nfound = {expression}\n"
        f"if len(found) < {need}:\n"
        f'    abstain(f"only {{len(found)}} {name} were found")\n'
        f"value = {value}",
        result,  # type: ignore[arg-type]
        f"[{place}]",
        slack=0.7,
    )


def _longest(question: Question) -> Draft | None:
    extremes = words("longest shortest")
    if not question.has(extremes, _SHOT) or question.times:
        return None
    if not question.only(
        extremes,
        _SHOT,
        START,
        STOP,
        SEE,
        words("long length duration last lasts which number shot's for"),
    ):
        return None
    pick = "max" if question.has(words("longest")) else "min"
    word = "longest" if pick == "max" else "shortest"
    body = (
        "shots = find_shots(video)\n"
        f"place = {pick}(range(len(shots)), key=lambda i: duration(shots[i]))\n"
    )
    if question.ask == "how long" or question.has(words("long length duration")):
        value, kind, reading = (
            "round(duration(shots[place]), 2)",
            "seconds",
            "How long the {} shot lasts",
        )
    elif question.ask == "when":
        end = question.has(STOP)
        value = (
            "round(shots[place].end, 2)" if end else "Span(shots[place].start, shots[place].end)"
        )
        if question.has(START):
            value = "round(shots[place].start, 2)"
        kind = "span" if value.startswith("Span") else "seconds"
        reading = "When the {} shot is"
    elif question.ask_words == "which" and not question.has(SEE):
        value, kind, reading = "place + 1", "number", "Which shot is the {}, counted from 1"
    else:
        return None
    return _draft(
        reading.format(word) + ".",
        f"{body}value = {value}",
        kind,  # type: ignore[arg-type]
        "[shots[place]]",
        slack=0.0 if kind == "number" else 0.7,
    )


def _average(question: Question) -> Draft | None:
    if not question.has(words("average mean typical"), _SHOT) or question.times:
        return None
    if question.ask not in ("how long", "what") or not question.only(
        words("average mean typical length duration long last lasts"), _SHOT
    ):  # fmt: skip
        return None
    return _draft(
        "How long a shot lasts on average.",
        "shots = find_shots(video)\nvalue = round(sum([duration(shot) for shot in shots]) / len(shots), 2)",
        "seconds",
        "[shot for shot in shots[:20]]",
        slack=0.7,
    )


def _kind_when(question: Question) -> Draft | None:
    """Which shot is on at a time, and which kind of transition starts it."""
    if (
        question.ask != "what"
        or question.times
        or not question.has(_CHANGE | _CUT, _SHOT | words("kind type"))
    ):
        return None
    ordinals = [at for word in question.tokens if (at := read_ordinal(word)) is not None]
    known = words(" ".join(word for word in question.tokens if read_ordinal(word) is not None))
    if len(ordinals) != 1 or not question.only(
        _CHANGE, _CUT, _SHOT, known, START, words("kind type sort with between and")
    ):  # fmt: skip
        return None
    nth = ordinals[0]
    if question.has(_SHOT) and not question.has(_CHANGE | _CUT):
        return None
    place = "found[-1]" if nth < 0 else f"found[{nth - 1}]"
    return _draft(
        "What kind of transition the named one is.",
        'shots = find_shots(video)\nfound = [shot for shot in shots if shot.opening != "start"]\n'
        f"if len(found) < {max(nth, 1)}:\n"
        '    abstain(f"only {len(found)} shot changes were found")\n'
        f"value = {place}.opening",
        "text",
        f"[{place}]",
    )


def _at_time(question: Question) -> Draft | None:
    """Which shot, by number, is on at a time."""
    when = question.when
    if question.ask != "what" or when is None or when.kind != "at" or not question.has(_SHOT):
        return None
    if not question.only(_SHOT, SEE, PICTURE, words("number which")):
        return None
    return _draft(
        f"Which shot is on{during(when)}, counted from 1.",
        "shots = find_shots(video)\n"
        f"past = [shot for shot in shots if shot.start <= {when.start!r}]\n"
        "value = max(len(past), 1)",
        "number",
        "[shots[value - 1]]",
    )
