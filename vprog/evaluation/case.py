"""Questions with known answers: the one neutral form of a case, and how a file holds it.

    {"video": "a.mp4", "question": "How many?", "answer": 3}
    {"id": "k2", "video": "b.mp4", "question": "Which?", "choices": ["red", "blue"],
     "answer": "blue", "group": {"task": "colour", "length": "short"}}
    {"video": "c.mp4", "question": "When?", "answer": [2.0, 3.5], "tiou": 0.5}

`answer` has one of these forms; what fits each is the business of judge.py beside this file.

    number             3, 2.5
    span               [2.0, 3.5], seconds
    text               "blue"; with choices the text of one, its number or its letter
    texts              ["cat", "kitten"], one of which is enough
    several of these   {"any_of": [1.6, [8.0, 8.4]]}
    a plan             {"plan": {...}}, any list of moves that leads to a goal: see move_plans.py
    a list             {"all_of": ["cat", "dog"]} in any order, {"in_order": [2, 0, 1]} in this one
    what is cited      {"cited": 0.5}, evidence that lies on the known boxes or masks by that much
    none               null: nothing can answer it, so that abstaining is the only good outcome

In a table (CSV) choices are parted by `|`, and an answer or span that is JSON is read as such.
Paths are relative to the file, or to a folder that is named. Other keys are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from vprog.errors import UsageError
from vprog.evaluation.case_rows import CaseRow, read_rows
from vprog.evaluation.kept_list import KeptList
from vprog.evaluation.move_plans import Plan, PlanTask
from vprog.runs.answer_reading import find_choice
from vprog.runs.option_prompt import split_prompt

_FORM = 'Write {"video": "a.mp4", "question": "How many?", "answer": 3}.'
_COLUMNS = "The header needs the columns video, question and answer; this line has"
_ANSWER = (
    "the answer must be a number, a text, [start, end] in seconds, a list of texts, "
    '{"any_of": [...]}, {"all_of": [...]} or {"in_order": [...]} of these, {"plan": {...}} or '
    '{"cited": 0.5}'
)
_BOX = 'Write "box": [{"time": 2.0, "box": [10, 20, 60, 80]}], in pixels.'
_MASK = 'Write "mask": [{"time": 2.0, "size": [120, 160], "counts": "..."}], as pycocotools does.'
_CITED = 'Write "answer": {"cited": 0.5} in (0, 1], and the boxes or masks that are to be cited.'
_PLAN = 'Write {"plan": {"start": "a", "goal": "b", "moves": {"a": {"right": "b"}}}}.'


class AnyOf(msgspec.Struct, frozen=True):
    """Answers each of which is right."""

    any_of: list[int | float | str | list[int | float | str]]


class AllOf(msgspec.Struct, frozen=True):
    """Items that make up the right answer, in any order."""

    all_of: list[int | float | str | list[int | float | str]]


class InOrder(msgspec.Struct, frozen=True):
    """Items that make up the right answer, in this order."""

    in_order: list[int | float | str | list[int | float | str]]


class Cited(msgspec.Struct, frozen=True):
    """An answer that points at something: its evidence is judged, and not what it says."""

    cited: float
    """From which overlap with the case's masks (J&F) or boxes (their mean IoU) on it is right."""


PlainAnswer = int | float | str | list[int | float | str]
KnownAnswer = PlainAnswer | AnyOf | AllOf | InOrder | Plan | Cited | None

_SETS: dict[str, Any] = {"any_of": AnyOf, "all_of": AllOf, "in_order": InOrder}


class TimedBox(msgspec.Struct, frozen=True):
    """Where something is at a time."""

    time: float
    """Seconds."""
    box: tuple[float, float, float, float]
    """(x0, y0, x1, y1) in pixels of the displayed frame."""


class TimedMask(msgspec.Struct, frozen=True):
    """Which pixels something covers at a time: run lengths as COCO writes them."""

    time: float
    """Seconds."""
    size: tuple[int, int]
    """Height and width in pixels, of the displayed frame."""
    counts: str


_Timed = TypeVar("_Timed", TimedBox, TimedMask)


@dataclass(frozen=True, slots=True)
class Case:
    """One question with its right answer.

    Attributes:
        line: where it stands in its file, from 1.
        videos: what it is about.
        answer: the right one; None where no program can know it.
        tolerance: how far a number may be off, in its own unit.
        subtitles: a file of them.
        held_out: whether nothing was tuned on it.
        source: how the answer is known.
        id: its own in the file.
        names: the videos as the file names them.
        groups: what it is counted with, by kind of group; {"group": NAME} where there is one kind.
        tiou: from which temporal IoU on a span is right; None where its ends must be in tolerance.
        spans: where in the video the answer is to be seen, in seconds.
        boxes: and where in the picture.
        masks: and its pixels.
        told: what happens in the video, in words; "" where nobody told it.
        steps: what an answer goes through, in order, as texts or numbers.
        subtitles_offset: seconds to add to the times in the subtitles.
        start, end: the part of the video that is asked about, in seconds; None for its ends.
        together: the set that counts as right only if all its cases are; "" for none.
    """

    line: int
    videos: tuple[Path, ...]
    question: str
    answer: KnownAnswer
    choices: tuple[str, ...] = ()
    tolerance: float = 0.0
    subtitles: Path | None = None
    held_out: bool = False
    source: str = ""
    id: str = ""
    names: tuple[str, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    tiou: float | None = None
    spans: tuple[tuple[float, float], ...] = ()
    boxes: tuple[TimedBox, ...] = ()
    masks: tuple[TimedMask, ...] = ()
    steps: tuple[str | int | float, ...] = ()
    told: str = ""
    subtitles_offset: float = 0.0
    start: float | None = None
    end: float | None = None
    together: str = ""

    @property
    def right_choices(self) -> frozenset[int]:
        """The indices of the choices that are right; empty without choices."""
        return _right_choices(self.answer, self.choices)


class CaseForm(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A case as files hold it, and as loaders of benchmarks make it."""

    id: str | int | None = None
    video: str | list[str]
    question: str
    answer: Any
    choices: list[str] = []
    tolerance: float = 0.0
    tiou: float | None = None
    subs: str | None = None
    subs_offset: float = 0.0
    group: str | dict[str, str] = ""
    span: list[Any] | None = None
    box: list[Any] | None = None
    mask: list[Any] | None = None
    steps: list[str | int | float] = []
    told: str = ""
    start: float | None = None
    end: float | None = None
    together: str = ""
    held_out: bool = False
    source: str = ""


def read_cases(
    path: Path, *, folder: Path | None = None, allow_unanswerable: bool = False
) -> Sequence[Case]:
    """The questions of a file; each is read again when it is wanted.

    Args:
        path: the file: JSON lines, a JSON list, CSV or parquet.
        folder: what the paths in it are relative to; by default the file's own folder.
        allow_unanswerable: whether the answer may be null.

    Raises:
        UsageError: it cannot be read, or a line is no question with an answer.
    """
    is_table = path.suffix.lower() in (".csv", ".tsv")
    rows = read_rows(path, hint=_FORM)
    forms = ((row, _form(row, is_table)) for row in rows)
    cases = cases_of_forms(forms, folder or path.parent, allow_unanswerable=allow_unanswerable)
    if not cases:
        raise UsageError(f"{path}: holds no case.", hint="Write one JSON object a line.")
    return cases


def cases_of_forms(
    forms: Iterable[tuple[CaseRow, CaseForm]], folder: Path, *, allow_unanswerable: bool = True
) -> Sequence[Case]:
    """The cases of forms, each checked, with the row that it comes from.

    Raises:
        UsageError: one is no question with an answer, or has the id of another.
    """
    return KeptList(each_case(forms, folder, allow_unanswerable=allow_unanswerable))


def each_case(
    forms: Iterable[tuple[CaseRow, CaseForm]], folder: Path, *, allow_unanswerable: bool = True
) -> Iterator[Case]:
    """The same one by one, as they are wanted; raises as `cases_of_forms`."""
    lines: dict[str, int] = {}
    same: dict[object, Any] = {}  # many ask about the same files, in the same groups
    for row, form in forms:
        case = _case(row, form, folder, allow_unanswerable, same)
        if case.id in lines:
            place, _, _ = row.where.rpartition(" ")
            raise UsageError(
                f'{row.where}: the id "{case.id}" is that of {place} {lines[case.id]} as well.',
                hint="Give each case an id of its own, or none.",
            )
        lines[case.id] = row.number
        yield case


def _form(row: CaseRow, is_table: bool) -> CaseForm:
    fields = dict(row.fields)
    if is_table:
        if isinstance(fields.get("choices"), str):
            fields["choices"] = [choice.strip() for choice in fields["choices"].split("|")]
        for name in ("answer", "span", "box", "mask", "steps", "group"):
            fields[name] = _json_or_text(fields[name]) if name in fields else None
        if fields["answer"] is None:
            del fields["answer"]
        fields = {name: value for name, value in fields.items() if value is not None}
    try:
        return msgspec.convert(fields, CaseForm, strict=not is_table)
    except msgspec.ValidationError as error:
        hint = f"{_COLUMNS} {', '.join(row.fields)}." if is_table else _FORM
        raise UsageError(f"{row.where}: no case: {error}.", hint=hint) from error


def _json_or_text(text: Any) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, TypeError):
        return text


def _case(
    row: CaseRow, form: CaseForm, folder: Path, allow_unanswerable: bool, same: dict[object, Any]
) -> Case:
    answer = _answer(row, form.answer, allow_unanswerable)
    names = (form.video,) if isinstance(form.video, str) else tuple(form.video)
    if not names or not all(name.strip() for name in names):
        raise UsageError(f"{row.where}: no video.", hint=_FORM)
    prompt = split_prompt(form.question) if not form.choices else None
    question, choices = form.question, tuple(form.choices)
    if prompt is not None:  # options that stand in the question are options all the same
        question, choices = prompt.question, prompt.choices
    named = {"group": form.group} if isinstance(form.group, str) else form.group
    groups = {kind: name for kind, name in named.items() if name}
    names = same.setdefault(("names", *names), names)
    videos = same.get(("videos", *names)) or tuple(folder / name for name in names)
    case = Case(
        row.number,
        same.setdefault(("videos", *names), videos),
        question,
        answer,
        choices,
        form.tolerance,
        folder / form.subs if form.subs is not None else None,
        form.held_out,
        form.source,
        str(row.number if form.id is None else form.id),
        names,
        same.setdefault(("groups", *groups.items()), groups),
        form.tiou,
        _spans(row, form.span),
        _timed(row, "box", form.box, TimedBox, _BOX),
        _timed(row, "mask", form.mask, TimedMask, _MASK),
        tuple(form.steps),
        form.told,
        form.subs_offset,
        form.start,
        form.end,
        form.together,
    )
    if case.choices and answer is not None and not case.right_choices:
        raise UsageError(
            f"{row.where}: the answer {form.answer!r} is none of the choices.",
            hint=f"There are: {', '.join(map(repr, case.choices))}.",
        )
    if isinstance(answer, Cited) and not (case.boxes or case.masks):
        raise UsageError(f"{row.where}: nothing is known that could be cited.", hint=_CITED)
    if form.tiou is not None and not 0.0 < form.tiou <= 1.0:
        raise UsageError(f"{row.where}: tiou must be in (0, 1], got {form.tiou}.", hint=_FORM)
    return case


def _answer(row: CaseRow, value: Any, allow_unanswerable: bool) -> KnownAnswer:
    if isinstance(value, dict) and len(value) == 1:
        ((kind, items),) = value.items()
        if kind in _SETS and isinstance(items, list) and items and all(map(_has_form, items)):
            return _SETS[kind](items)  # type: ignore[no-any-return]
        if kind == "cited":
            if not is_number(items) or not 0 < items <= 1:
                raise UsageError(
                    f"{row.where}: cited must be in (0, 1], got {_short(items)}.", hint=_CITED
                )
            return Cited(float(items))
        if kind == "plan":
            try:
                return Plan(msgspec.convert(items, PlanTask))
            except msgspec.ValidationError as error:
                raise UsageError(f"{row.where}: no plan: {error}.", hint=_PLAN) from error
    elif _has_form(value) or (value is None and allow_unanswerable):
        return value  # type: ignore[no-any-return]
    raise UsageError(f"{row.where}: {_ANSWER}, got {_short(value)}.", hint=_FORM)


def _has_form(answer: object) -> bool:
    if isinstance(answer, list):
        are_texts = bool(answer) and all(isinstance(item, str) for item in answer)
        return are_texts or is_span(answer)
    return is_number(answer) or isinstance(answer, str)


def _spans(row: CaseRow, value: list[Any] | None) -> tuple[tuple[float, float], ...]:
    spans = [] if value is None else [value] if is_span(value) else value
    if not all(is_span(span) for span in spans):
        raise UsageError(
            f"{row.where}: span must be [start, end] in seconds or a list of these, got "
            f"{_short(value)}.",
            hint='Write "span": [2.0, 3.5].',
        )
    return tuple((float(start), float(end)) for start, end in spans)


def _timed(
    row: CaseRow, name: str, value: list[Any] | None, kind: type[_Timed], hint: str
) -> tuple[_Timed, ...]:
    try:
        return tuple(msgspec.convert(value or [], list[kind]))  # type: ignore[valid-type]
    except msgspec.ValidationError as error:
        raise UsageError(
            f"{row.where}: {name} must be a list of places: {error}.", hint=hint
        ) from error


def _right_choices(answer: KnownAnswer, choices: tuple[str, ...]) -> frozenset[int]:
    options: Any
    match answer:
        case AnyOf(any_of=options):
            pass
        case list() as options:
            pass
        case int() | float() | str():
            options = [answer]
        case _:
            return frozenset()
    right: set[int] = set()
    for option in options:
        # Benchmarks have options of the same text: then each of them is right.
        same = {index for index, choice in enumerate(choices) if choice == option}
        found = None if same else find_choice(option, choices)
        right |= same if found is None else {found}
    return frozenset(right)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def is_number(value: object) -> bool:
    """Whether a value is a number; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_span(value: object) -> bool:
    """Whether a value is a pair of numbers in order."""
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(is_number(end) for end in value)
        and value[0] <= value[1]
    )
