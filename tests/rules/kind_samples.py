"""Programs of every kind of question, made from sample values, for files at the edges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from vprog.registry.discover import discover
from vprog.rules.draft import Draft, RuleProgram, finish, modules_of, unfit
from vprog.rules.event_bounds import event_from
from vprog.rules.fill_program import NamedEvent, draft_of
from vprog.rules.lexicon import lexicon
from vprog.rules.match_kind import Fit
from vprog.rules.named_track import NamedTrack
from vprog.rules.question_kinds import SLOT, Kind, TimeKind, Wording, all_kinds
from vprog.rules.question_text import read_question
from vprog.rules.times import When
from vprog.types import Video

_QUOTED = '"hello" "world"'
_VALUES = {
    "dimensions": ("64x36", "1920x1080"),
    "quote": ("0", "1"),
    "number": ("2", "3"),
    "length": ("1.5", "2"),
    "nth": ("1", "-1"),
}
_OTHER = {"word": ("red cat", "sea"), "clock_time": ("07:16:00", "07:17:00"), "options": ("", "")}
_OTHER["track"] = ("", "")
_OTHER["things"] = ("dog", "cat")
_CHOICES = {
    "number": ("1", "2"),
    "seconds": ("1 s", "2 s"),
    "span": ("from 0 to 1 s", "from 2 to 3 s"),
    "yes or no": ("yes", "no"),
    "text": ("red", "blue"),
}


_REGISTRY = discover()
_LACKING = frozenset(_REGISTRY.tasks) - frozenset(_REGISTRY.choose())


def runs_here(program: str) -> bool:
    """Whether all modules are installed that a program calls."""
    return _LACKING.isdisjoint(modules_of(program))


@dataclass(frozen=True)
class Sample:
    """A program of a kind; `time` and `choices` are what it was made with."""

    kind: Kind
    time: str
    choices: tuple[str, ...]
    program: str


def times_of(kind: TimeKind, duration: float) -> list[tuple[When, ...]]:
    """Times of a kind that lie at the edges of a video: of no width, in its gaps, at its ends."""
    first = When("within", 0.0, min(1.0, duration), "in the first second", "start")
    last = When("within", max(0.0, duration - 1.0), duration, "in the last second", "end")
    moments = [
        When("at", 0.0, 0.0, "at the start", "start"),
        When("at", 0.04, 0.04, "at 0.04 s"),
        When("at", duration / 2, duration / 2, "at half time"),
        When("at", duration, duration, "at the end", "end"),
    ]
    spans = [first, last] if duration > 0 else [When("at", 0.0, 0.0, "at 0 s")]
    if kind == "none":
        return [()]
    if kind == "two":
        return [(moments[0], moments[-1]), (spans[0], spans[-1])]
    return [(when,) for when in (moments if kind == "at" else spans)]


def samples(kind: Kind, video: Video) -> Iterator[Sample]:
    """Programs of a kind at each time that it accepts, with choices and without.

    None of a kind that is not asked of such a file.
    """
    given = read_question("?", video).given
    if not kind.given <= given:
        return
    for wording in _wordings_by_slots(kind):
        for time in kind.times:
            for times in times_of(time, video.duration):
                for choices in ((), _choices(kind)):
                    program = _program(kind, wording, times, choices, video)
                    if program is not None:
                        name = " and ".join(when.words for when in times)
                        yield Sample(kind, name, choices, program)


def _wordings_by_slots(kind: Kind) -> list[Wording]:
    """A wording for each set of slots, and each side of two states."""
    first: dict[object, Wording] = {}
    for wording in kind.wordings:
        first.setdefault((wording.side, *sorted(SLOT.findall(wording.text))), wording)
    return list(first.values())


def _choices(kind: Kind) -> tuple[str, ...]:
    if kind.states:
        return tuple(names[0] for names in kind.states)
    if kind.options_are:
        return tuple(_values(kind.options_are))
    return _CHOICES.get(kind.answer, ("red", "blue"))


def _values(slot: str) -> Sequence[str]:
    if slot in _VALUES or slot in _OTHER:
        return (_VALUES | _OTHER)[slot]
    values = dict.fromkeys(its[slot] for its in lexicon().slots.values() if slot in its)
    return list(values)[:2]


def _slots(wording: Wording) -> dict[str, str]:
    slots: dict[str, str] = {}
    for slot in SLOT.findall(wording.text):
        name = slot if slot not in slots else f"{slot}2"
        slots[name] = _values(slot)[int(name != slot)]
    return slots


def _program(
    kind: Kind, wording: Wording, times: tuple[When, ...], choices: tuple[str, ...], video: Video
) -> str | None:
    fit = Fit(kind, wording, _slots(wording), 1.0, 1.0, ())
    options = choices or _choices(kind)
    track = NamedTrack("audio", 2, "") if "track" in fit.slots else None
    question = replace(read_question(_QUOTED, video), times=times, track=track)
    draft = draft_of(fit, question, options, choices, _events(kind, video))
    if unfit(draft, video) is not None:
        return None
    written = finish(draft, kind.family, choices)
    return written.program if isinstance(written, RuleProgram) else None


def _events(kind: Kind, video: Video) -> list[NamedEvent]:
    """The events that a kind puts in order: each thing to find comes up with the next kind."""
    return [_event(event_kinds()[n], n + 1, video) for n in range(kind.n_events)]


def event_samples(video: Video) -> Iterator[Sample]:
    """For each thing to find as an event, a program that tells when it is."""
    for kind in event_kinds():
        if kind.given <= read_question("?", video).given:
            program = f"{_event(kind, 1, video).program}answer(moment_1 if found_1 else -1.0)\n"
            draft = Draft("", program, "seconds")
            if unfit(draft, video) is None:
                yield Sample(kind, "", (), program)


def event_kinds() -> list[Kind]:
    """The things to find that may be a part of another question."""
    return [kind for kind in all_kinds() if kind.answer == "event"]


def _event(kind: Kind, number: int, video: Video) -> NamedEvent:
    wording = kind.wordings[0]
    fit = Fit(kind, wording, _slots(wording), 1.0, 1.0, ())
    return event_from(fit, number, read_question(_QUOTED, video))
