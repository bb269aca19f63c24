"""The base of all loaders: which fields of a benchmark's rows are which of a case.

A loader declares fields; a benchmark whose answer must be worked out adds a function. Every row is
checked: a field that is not there, or has another form, is named with file and row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any, Literal

import msgspec

from vprog.errors import UsageError
from vprog.evaluation.case import CaseForm
from vprog.evaluation.case_rows import CaseRow, read_rows
from vprog.runs.option_prompt import split_prompt


class SuiteRow:
    """One row of a benchmark's file, whose fields are asked for by name and type."""

    def __init__(self, row: CaseRow, suite: str, path: Path) -> None:
        self.row = row
        self.path = path
        self._suite = suite

    def __contains__(self, name: str) -> bool:
        return self.row.fields.get(name) is not None

    def text(self, name: str) -> str:
        """A field that is text, or a whole number, which is given as text."""
        value = self._value(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or not value.strip():
            raise self.refusal(name, "a text", value)
        return value.strip()

    def number(self, name: str) -> float:
        """A field that is a number, or a text of one."""
        value = self._value(name)
        try:
            if isinstance(value, bool):
                raise TypeError
            return float(value)
        except (TypeError, ValueError) as error:
            raise self.refusal(name, "a number", value) from error

    def index(self, name: str, n: int) -> int:
        """A field that is a whole number from 0 to n - 1."""
        number = self.number(name)
        if number != int(number) or not 0 <= number < n:
            raise self.refusal(name, f"a whole number from 0 to {n - 1}", number)
        return int(number)

    def letter(self, name: str, n: int) -> int:
        """The index of a field that is one of the first n capital letters."""
        value = self.text(name).strip("(). ")
        index = ord(value) - ord("A") if len(value) == 1 else -1
        if not 0 <= index < n:
            raise self.refusal(name, f"a letter from A to {chr(ord('A') + n - 1)}", value)
        return index

    def items(self, name: str) -> list[Any]:
        """A field that is a list; in a table, JSON of one."""
        value = self._value(name)
        if isinstance(value, str):
            try:
                value = msgspec.json.decode(value)
            except msgspec.DecodeError as error:
                raise self.refusal(name, "a list", value) from error
        if not isinstance(value, list):
            raise self.refusal(name, "a list", value)
        return value

    def texts(self, name: str) -> list[str]:
        """A field that is a list of texts, without the letters before them."""
        items = self.items(name)
        if not items or not all(isinstance(item, str) for item in items):
            raise self.refusal(name, "a list of texts", items)
        return bare_options(items)

    def mapping(self, name: str) -> dict[str, Any]:
        """A field that is an object; in a table, JSON of one."""
        value = self._value(name)
        if isinstance(value, str):
            try:
                value = msgspec.json.decode(value)
            except msgspec.DecodeError as error:
                raise self.refusal(name, "an object", value) from error
        if not isinstance(value, dict):
            raise self.refusal(name, "an object", value)
        return value

    def refusal(self, name: str, wanted: str, got: object) -> UsageError:
        """The error of a field that is not what it must be."""
        text = repr(got)
        return UsageError(
            f"{self.row.where}: {self._suite}: field {name!r} must be {wanted}, got {text[:80]}.",
            hint="Give the file as the benchmark's authors do.",
        )

    def _value(self, name: str) -> Any:
        value = self.row.fields.get(name)
        if value is None:
            there = ", ".join(self.row.fields) or "none"
            raise UsageError(
                f"{self.row.where}: {self._suite}: there must be a field {name!r}; there are: "
                f"{there[:300]}.",
                hint="Give the file as the benchmark's authors do.",
            )
        return value


Build = Callable[[SuiteRow], "CaseForm | Iterable[CaseForm]"]


@dataclass(frozen=True)
class SuiteLoader:
    """How the rows of one benchmark become cases.

    Attributes:
        about: the benchmark in a line: title, year, form of the file.
        build: from a row to its case, or to several.
        rows: reads the rows, where the file is none of those that cases are read from.
        also: what else than this loader reads the benchmark, e.g. a task of lmms-eval.
    """

    about: str
    build: Build
    rows: Callable[[Path], Iterable[CaseRow]] = read_rows
    also: str = ""

    def read(self, path: Path) -> Iterator[tuple[CaseRow, CaseForm]]:
        """The cases of a file.

        Raises:
            UsageError: it is not of the benchmark's form: with file, row and field.
        """
        suite = self.about.partition(",")[0]
        is_empty = True
        for row in self.rows(path):
            forms = self.build(SuiteRow(row, suite, path))
            for form in [forms] if isinstance(forms, CaseForm) else forms:
                is_empty = False
                yield row, form
        if is_empty:
            raise UsageError(f"{path}: {suite}: holds no case.", hint="Name another file.")


def bare_options(options: Iterable[str]) -> list[str]:
    """Options without the letters that benchmarks write before them ("A. red", "(B) blue").

    They are taken off only if each has its own, in order: "A man" is no option A.
    """
    texts = [option.strip() for option in options]
    bare: list[str] = []
    for index, text in enumerate(texts):
        letter = chr(ord("A") + index)
        for mark in (f"({letter}):", f"({letter})", f"{letter}.", f"{letter}:", f"{letter})"):
            if text.startswith(mark) and text[len(mark) :].strip():
                bare.append(text[len(mark) :].strip())
                break
        else:
            return texts
    return bare


@dataclass(frozen=True)
class ChoiceFields:
    """Which fields of a row make a question with choices; a SuiteLoader's `build`.

    Attributes:
        video: the file's name, with the fields in braces: "{videoID}.mp4".
        question: the field of the question.
        choices: the field of a list of options or of an object of them by letter; or the fields
            of each; "" where they stand in the question, a line each.
        answer: the field of the right one.
        answer_as: what that holds: the option's letter, its number from 0, or its text.
        id: likewise with braces; "" for the number of the row.
        groups: the field of each kind of group; a row may lack them.
    """

    video: str
    question: str
    choices: str | Sequence[str]
    answer: str
    answer_as: Literal["letter", "index", "text"]
    id: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, row: SuiteRow) -> CaseForm:
        """The case of a row."""
        question = row.text(self.question)
        if self.choices == "":
            prompt = split_prompt(question)
            if prompt is None:
                raise row.refusal(self.question, "a question with an option a line", question)
            question, choices = prompt.question, list(prompt.choices)
        else:
            choices = self._options(row)
        return CaseForm(
            id=filled(row, self.id) if self.id else None,
            video=filled(row, self.video),
            question=question,
            choices=choices,
            answer=choices[self._right(row, choices)],
            group={kind: row.text(name) for kind, name in self.groups.items() if name in row},
        )

    def _options(self, row: SuiteRow) -> list[str]:
        if not isinstance(self.choices, str):
            return bare_options(row.text(name) for name in self.choices if name in row)
        if isinstance(row.row.fields.get(self.choices), Mapping):
            return options_by_letter(row, self.choices)
        return row.texts(self.choices)

    def _right(self, row: SuiteRow, choices: Sequence[str]) -> int:
        if self.answer_as == "letter":
            return row.letter(self.answer, len(choices))
        if self.answer_as == "index":
            return row.index(self.answer, len(choices))
        text = row.text(self.answer)
        if text not in choices:  # a guess would be a score that is silently wrong
            raise row.refusal(self.answer, f"one of the options {list(choices)}", text)
        return choices.index(text)


def filled(row: SuiteRow, pattern: str) -> str:
    """A pattern such as "{videoID}.mp4" with the fields of a row in it."""
    names = [name for _, name, _, _ in Formatter().parse(pattern) if name]
    return pattern.format(**{name: row.text(name) for name in names})


def options_by_letter(row: SuiteRow, name: str) -> list[str]:
    """The options of an object {"A": text, "B": text, ...}; empty ones at its end are left out."""
    options = {key: text for key, text in row.mapping(name).items() if str(text or "").strip()}
    letters = [chr(ord("A") + index) for index in range(len(options))]
    if sorted(options) != letters or len(options) < 2:
        raise row.refusal(name, "options A, B, ...", row.mapping(name))
    return [str(options[letter]).strip() for letter in letters]
