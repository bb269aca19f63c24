"""Answers to questions over the facts of an index: exact over what is known, with the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vprog.library.fact_questions import Condition, FactQuestion, Quantity
from vprog.library.index_file import FileFacts, IndexFile
from vprog.library.label_search import how_closely
from vprog.types.clock import clock
from vprog.view.words import counted

_MOST_TIMES = 5
_OF_PICTURES: frozenset[Quantity] = frozenset(("pixels", "fps", "shots", "text"))
"""What sound alone has none of, which is not the same as little."""


@dataclass(frozen=True)
class FactAnswer:
    """What came of it.

    Attributes:
        text: the answer in words.
        value: a count, or seconds of a sum; None where files are the answer.
        files: which files it rests on, each with what was found in it.
        unknown: the files that it says nothing of, with what was not looked for in them.
        doubtful: the files that it counts though not all of them was read, or read well, with why.
        basis: what the words of the question were compared with.
    """

    text: str
    value: float | None
    files: Mapping[str, str]
    unknown: Mapping[str, str]
    doubtful: Mapping[str, str]
    basis: tuple[str, ...]


class _NotLookedForError(Exception):
    """What a condition compares is not known of a file; the argument says what."""


def answer_from_facts(question: FactQuestion, index: IndexFile) -> FactAnswer:
    """Answer from what the index has; a file counts only if all that is asked is known of it."""
    known = _Known(index)
    fitting: dict[str, str] = {}
    amounts: dict[str, float] = {}
    unknown: dict[str, str] = {}
    without_picture: list[str] = []
    asks_amount = question.asked in ("most", "least", "sum")
    for name in index.files():
        try:
            if _needs_picture(question) and not known.has_picture(name):
                without_picture.append(name)
                continue
            told = [known.test(name, condition) for condition in question.conditions]
            if all(is_so for is_so, _ in told):
                together = known.together(name, question)
                fitting[name] = ", ".join(filter(None, [*(text for _, text in told), together]))
                if asks_amount:
                    amounts[name] = known.amount(name, question.quantity)
        except _NotLookedForError as error:
            fitting.pop(name, None)
            unknown[name] = str(error)
    n_known = len(index.files()) - len(unknown) - len(without_picture)
    of_known = counted(n_known, "video" if without_picture else "file")
    basis = known.basis(question)
    if without_picture:
        basis += (f"left out, for they have no picture: {', '.join(without_picture)}",)
    is_asked_of_content = asks_amount or question.conditions
    doubtful = {
        name: "; ".join(texts)
        for name, texts in index.warnings(_kinds_of(question)).items()
        if is_asked_of_content and name not in unknown and name not in without_picture
    }
    value = None
    match question.asked:
        case "sum":
            value = sum(amounts.values())
            text = clock(value)
            files = {name: clock(seconds) for name, seconds in amounts.items()}
        case "most" | "least" if amounts:
            best = (max if question.asked == "most" else min)(amounts.values())
            files = {
                name: _amount_text(amount, question.quantity)
                for name, amount in amounts.items()
                if amount == best
            }
            text = ", ".join(files)
        case "most" | "least":
            text, files = f"none of {of_known}", {}
        case _:
            text, files = f"{len(fitting)} of {of_known}", fitting
            value = float(len(fitting)) if question.asked == "count" else None
    if doubtful:
        text += f"; {counted(len(doubtful), 'file')} read only in part or with doubt"
    return FactAnswer(text, value, files, unknown, doubtful, basis)


def _kinds_of(question: FactQuestion) -> set[str]:
    """The kinds of what the index has that a question is compared with."""
    kinds = {"facts"}  # tell whether the file is whole
    for condition in question.conditions:
        kinds.add({"label": "labels"}.get(condition.test, condition.test))
    for quantity in (question.quantity, *(one.quantity for one in question.conditions)):
        kinds.add(quantity.partition(" ")[0])
    return kinds


def _needs_picture(question: FactQuestion) -> bool:
    quantities = {condition.quantity for condition in question.conditions} | {question.quantity}
    return question.is_of_videos or not _OF_PICTURES.isdisjoint(quantities)


class _Known:
    """What an index knows, read once."""

    def __init__(self, index: IndexFile) -> None:
        self._index = index
        self._facts = index.facts()
        self._counts = {kind: index.counts(kind) for kind in ("shots", "speech", "text")}
        self._frames = index.label_frames()
        self._sightings: dict[str, Mapping[str, set[float]]] = {}

    def test(self, name: str, condition: Condition) -> tuple[bool, str]:
        """Whether a file has what a condition asks, and what was found, in words."""
        match condition.test:
            case "above" | "below":
                amount = self.amount(name, condition.quantity)
                is_so = (
                    amount > condition.number
                    if condition.test == "above"
                    else amount < condition.number
                )
                text = _amount_text(amount, condition.quantity)
            case "sound":
                is_so, text = self._of(name).has_sound, ""
            case "subtitles":
                is_so, text = self._of(name).has_subtitles, ""
            case "picture":
                is_so, text = self.has_picture(name), ""
            case "label":
                count = self._n_seen(name, condition.label)
                is_so, text = count > 0, f"{condition.label} in {counted(count, 'frame')}"
            case "speech" | "text" as kind:
                count, length = self._count(name, kind)
                noun = "piece" if kind == "speech" else "line"
                is_so = count > 0
                text = f"{counted(count, noun)} of {kind}, {clock(length)} in all" if count else ""
        return is_so is not condition.is_denied, text

    def has_picture(self, name: str) -> bool:
        """Whether a file is more than sound."""
        return self._of(name).width > 0

    def together(self, name: str, question: FactQuestion) -> str:
        """When all things of a question were seen in one frame; "" where it names less than two."""
        labels = [condition.label for condition in question.conditions if condition.label]
        if len(labels) < 2:
            return ""
        times = set.intersection(*(self._seen(label).get(name, set()) for label in labels))
        shown = ", ".join(clock(time) for time in sorted(times)[:_MOST_TIMES])
        more = f" and {len(times) - _MOST_TIMES} more" if len(times) > _MOST_TIMES else ""
        return f"together at {shown}{more}" if times else "never in one frame"

    def amount(self, name: str, quantity: Quantity) -> float:
        """How much of a quantity a file has."""
        measures: dict[Quantity, Callable[[], float]] = {
            "duration": lambda: self._of(name).duration,
            "pixels": lambda: float(self._of(name).width * self._of(name).height),
            "fps": lambda: self._of(name).fps,
            "bytes": lambda: float(self._of(name).n_bytes),
            "shots": lambda: float(self._count(name, "shots")[0]),
            "speech": lambda: float(self._count(name, "speech")[0]),
            "speech length": lambda: self._count(name, "speech")[1],
            "text": lambda: float(self._count(name, "text")[0]),
        }
        return measures[quantity]()

    def basis(self, question: FactQuestion) -> tuple[str, ...]:
        """How what the question names was looked for."""
        tests = {condition.test for condition in question.conditions}
        told = []
        if tests & {"speech"} or question.quantity == "speech length":
            told.append("speech: what the recogniser or the subtitles gave; it may miss some")
        if tests & {"text"} or question.quantity == "text":
            told.append("text: lines that were read in the picture; small ones may be missed")
        looked_at = {name: frames for name, frames in self._frames.items() if frames.n_frames}
        if tests & {"label"} and looked_at:
            told.append(f"things: looked for {how_closely(looked_at)}; some may be missed")
        return tuple(told)

    def _of(self, name: str) -> FileFacts:
        if name not in self._facts:
            raise _NotLookedForError("facts")
        return self._facts[name]

    def _count(self, name: str, kind: str) -> tuple[int, float]:
        if name not in self._counts[kind]:
            raise _NotLookedForError(kind)
        return self._counts[kind][name]

    def _n_seen(self, name: str, label: str) -> int:
        if name not in self._frames:
            raise _NotLookedForError("labels")
        return len(self._seen(label).get(name, ()))

    def _seen(self, label: str) -> Mapping[str, set[float]]:
        """The times at which a thing was seen, by file."""
        if label not in self._sightings:
            self._sightings[label] = {
                path: {sight.time for sight in sights}
                for path, sights in self._index.sightings(label).items()
            }
        return self._sightings[label]


def _amount_text(amount: float, quantity: Quantity) -> str:
    match quantity:
        case "duration" | "speech length":
            return clock(amount)
        case "pixels":
            return f"{amount / 1e6:.3g} megapixels"
        case "fps":
            return f"{amount:.4g} frames a second"
        case "bytes":
            return f"{amount / 1e6:.3g} MB"
        case "text":
            return counted(int(amount), "line")
        case _:
            return counted(int(amount), quantity.removesuffix("s"))
