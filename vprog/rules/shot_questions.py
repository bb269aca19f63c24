"""Shots and what lies between them: how many, when, the longest, cuts, fades, dissolves."""

from __future__ import annotations

from vprog.rules.draft import Draft, Kind
from vprog.rules.family import RuleFamily
from vprog.rules.numbers import read_ordinal
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.span_words import during
from vprog.rules.word_forms import SEE, START, STOP, words

SHOT = words("shot shots scene scenes take takes")
CUT = words("cut cuts")
CHANGE = words(
    "change changes changing transition transitions switch switches break breaks "
    "boundary boundaries edit edits"
)
_KIND = {
    "fade": "fade",
    "fades": "fade",
    "dissolve": "dissolve",
    "dissolves": "dissolve",
    "cross-fade": "dissolve",
    "crossfade": "dissolve",
    "cross-dissolve": "dissolve",
}
_LOOSE = words(
    "different separate distinct individual camera made up consist consists composed "
    "divided split into right correct all together go goes by pass long for "
    "used used contain contained"
)
_WHOLE = words(
    "consist consists made up one single continuous uninterrupted unbroken uncut take "
    "shot filmed recorded all only just in long"
)


def write_shots(question: ParsedQuestion) -> Draft | None:
    """A program about shots, or None if the question asks for something else."""
    if question.quotes:
        return None
    for rule in (_whole, _count, _exists, _nth):
        draft = rule(question)
        if draft is not None:
            return draft
    return None


def shots_draft(
    reading: str, body: str, kind: Kind, evidence: str = "", tolerance: float = 0.0
) -> Draft:
    return Draft(reading, body, kind, evidence, ("find_shots",), tolerance)


def _whole(question: ParsedQuestion) -> Draft | None:
    asked = question.says(
        "(?:one|single|continuous|uninterrupted|unbroken) (?:\\w+ )?(?:shot|take|scene)|"
        "uncut|unbroken|without (?:any |a )?cuts?"
    )
    if question.ask != "yes or no" or question.times or not asked:
        return None
    if not question.only(_WHOLE, words("without cut cuts scene")):
        return None
    return shots_draft(
        "Whether the video is one shot.",
        "shots = find_shots(video)\n"
        'found = [shot for shot in shots if shot.opening != "start"]\nvalue = not found',
        "yes or no",
        "found[:20]",
    )


def _subject(question: ParsedQuestion) -> tuple[str, str, str] | None:
    """What is counted: its name, an expression over `shots`, and whether cuts or shots."""
    kinds = {kind for word, kind in _KIND.items() if word in question.tokens}
    if len(kinds) > 1:
        return None
    if kinds:
        kind = kinds.pop()
        return f"{kind}s", f'[shot for shot in shots if shot.opening == "{kind}"]', kind
    if question.has(SHOT, CHANGE) or question.has(CHANGE):
        return "shot changes", '[shot for shot in shots if shot.opening != "start"]', "change"
    if question.has(CUT):
        return "cuts", '[shot for shot in shots if shot.opening == "cut"]', "cut"
    if question.has(SHOT):
        return "shots", "[shot for shot in shots]", "shot"
    return None


_ALL_SUBJECTS = (
    SHOT,
    CUT,
    CHANGE,
    frozenset(_KIND),
    words("hard abrupt sudden sharp black from to"),
)


def _count(question: ParsedQuestion) -> Draft | None:
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
            within = (
                f"found = "
                f"[shot for shot in found if shot.end > {low!r} and shot.start < {high!r}]\n"
            )
        else:
            within = f"found = [shot for shot in found if {starts}]\n"
    return shots_draft(
        f"How many {name} there are{during(question.when)}.",
        f"shots = find_shots(video)\nfound = {expression}\n{within}value = len(found)",
        "number",
        "[shot for shot in found[:50]]",
    )


_TIMES = words("times time often does")


def _hard_fits(question: ParsedQuestion, kind: str) -> bool:
    """ "Hard" goes with cuts only; black with fades only."""
    if question.has(words("hard abrupt sudden sharp")) and kind not in ("cut", "change"):
        return False
    return not question.has(words("black from to"))


def _exists(question: ParsedQuestion) -> Draft | None:
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
        within = (
            f"found = "
            f"[shot for shot in found if shot.start >= {low!r} and shot.start <= {high!r}]\n"
        )
    return shots_draft(
        f"Whether there are {name}{during(question.when)}.",
        f"shots = find_shots(video)\nfound = {expression}\n{within}value = len(found) >= {least}",
        "yes or no",
        "found[:20]",
    )


def _nth(question: ParsedQuestion) -> Draft | None:
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
    return shots_draft(
        f"{what} {ordinal} of the {name}.",
        f"shots = find_shots(video)\nfound = {expression}\n"
        f"if len(found) < {need}:\n"
        f'    abstain(f"only {{len(found)}} {name} were found")\n'
        f"value = {value}",
        result,  # type: ignore[arg-type]
        f"[{place}]",
        tolerance=0.7,
    )


FAMILY = RuleFamily("shots", 30, write_shots)
