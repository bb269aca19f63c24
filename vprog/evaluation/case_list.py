"""Many questions to be asked, as they come: JSON lines, CSV, a folder, a pattern, or mappings.

    {"id": "k1", "video": "a.mp4", "question": "How many people?"}
    {"video": ["a.mp4", "b.mp4"], "question": "Which is longer?", "choices": ["first", "second"]}

A CSV file has the same names as its header; choices are parted by `|`. Other keys, such as
`answer`, are left alone. A case without an id has the number of its line.
"""

from __future__ import annotations

import csv
import glob
import hashlib
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from vprog.errors import UsageError, VprogError
from vprog.program.allowed import words
from vprog.runs.inputs import check_question

_FORM = 'Write {"id": "k1", "video": "a.mp4", "question": "How many?"}.'
_MEDIA = words(
    ".3gp .aac .avi .flac .flv .gif .m2ts .m4a .m4v .mkv .mov .mp3 .mp4 .mpeg .mpg .mts .oga .ogg "
    ".ogv .opus .ts .wav .webm .wmv"
)


@dataclass(frozen=True)
class ListedCase:
    """One question of a list.

    Attributes:
        id: its own in the list.
        videos: what it is about.
    """

    id: str
    videos: tuple[Path, ...]
    question: str
    choices: tuple[str, ...] = ()
    subtitles: Path | None = None

    def digest(self, settings: Mapping[str, object]) -> str:
        """12 hexadecimal digits that change with the question and how it is asked."""
        asked = (*map(str, self.videos), self.question, *self.choices, str(self.subtitles))
        said = msgspec.json.encode([asked, sorted((key, str(settings[key])) for key in settings)])
        return hashlib.sha256(said).hexdigest()[:12]


class _Row(msgspec.Struct):
    video: str | list[str]
    question: str
    id: str | int | None = None
    choices: list[str] = []
    subs: str | None = None


def list_cases(source: str, questions: Sequence[str] = ()) -> list[ListedCase]:
    """The questions that a user names.

    Args:
        source: a file of cases (.jsonl or .csv), a folder of media, or a pattern such as
            "clips/*.mp4".
        questions: asked of each file of a folder or pattern; none where `source` lists cases.

    Raises:
        UsageError: it cannot be read, or holds no case; with file and line.
    """
    path = Path(source)
    if os.path.isdir(source):
        found = sorted(item for item in path.rglob("*") if item.suffix.lower() in _MEDIA)
        names = {file.relative_to(path).as_posix(): file for file in found}
        return _of_files(source, names, questions)
    if path.suffix.lower() not in (".jsonl", ".csv") and glob.has_magic(source):
        matched = sorted(Path(name) for name in glob.glob(source, recursive=True))
        names = {file.as_posix(): file for file in matched if file.is_file()}
        return _of_files(source, names, questions)
    if path.suffix.lower() not in (".jsonl", ".csv"):
        raise UsageError(
            f"{source}: neither cases (.jsonl, .csv) nor a folder nor a pattern.",
            hint="Ask about one file with `vprog solve`.",
        )
    if questions:
        raise UsageError(
            f"{source} brings its own questions.", hint="--question goes with a folder or pattern."
        )
    text = _text_of(source)
    is_csv = path.suffix.lower() == ".csv"
    rows = _csv_rows(source, text) if is_csv else _json_rows(source, text)
    return _checked(source, rows, path.parent)


def cases_of(rows: Iterable[Mapping[str, object]]) -> list[ListedCase]:
    """Cases that a caller made, of the form of the lines of a file.

    Raises:
        UsageError: one is no case, or an id is there twice.
    """
    read: list[tuple[int, _Row]] = []
    for number, row in enumerate(rows, start=1):
        try:
            read.append((number, msgspec.convert(_plain(row), _Row)))
        except (msgspec.ValidationError, TypeError) as error:
            raise UsageError(f"case {number}: no case: {error}.", hint=_FORM) from error
    return _checked("cases", read, Path())


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    plain = dict(row)
    for name in ("video", "subs"):
        value = plain.get(name)
        if isinstance(value, Path):
            plain[name] = str(value)
        elif isinstance(value, list | tuple):
            plain[name] = [str(item) for item in value]
    return plain


def _text_of(source: str) -> str:
    path = Path(source)
    try:
        if os.path.exists(source) and not path.is_file():  # a pipe would be waited for
            raise UsageError(
                f"{source}: the cases cannot be read: it is no regular file.",
                hint="Name a file of JSON lines or CSV.",
            )
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{source}: the cases cannot be read: they must be UTF-8, and byte {error.start} "
            f"is not.",
            hint="Save the file as UTF-8.",
        ) from error
    except OSError as error:
        raise UsageError(
            f"{source}: the cases cannot be read: {error.strerror}.",
            hint="Name a file of JSON lines or CSV.",
        ) from error


def _json_rows(source: str, text: str) -> list[tuple[int, _Row]]:
    rows: list[tuple[int, _Row]] = []
    # Not by splitlines: JSON may hold U+2028 and its like as they are.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                rows.append((number, msgspec.json.decode(line, type=_Row)))
            except (msgspec.DecodeError, RecursionError) as error:
                raise UsageError(
                    f"{source} line {number}: no case: {error}.", hint=_FORM
                ) from error
    return rows


def _csv_rows(source: str, text: str) -> list[tuple[int, _Row]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, _Row]] = []
    try:
        for record in reader:
            where = f"{source} line {reader.line_num}"
            names = list(reader.fieldnames or ())
            if len(set(names)) < len(names):
                raise UsageError(
                    f"{source} line 1: a column is there twice.",
                    hint="Give each a name of its own.",
                )
            if None in record:  # a comma in a question would cut it off
                raise UsageError(
                    f"{where}: no case: more fields than the header has columns ({len(names)}).",
                    hint='Put a question that holds a comma in quotes: "Red, or blue?".',
                )
            rows.append((reader.line_num, _csv_row(where, record)))
    except csv.Error as error:
        raise UsageError(
            f"{source} line {reader.line_num}: no CSV: {error}.",
            hint="Check the quotes there and in the lines before.",
        ) from error
    return rows


def _csv_row(where: str, record: Mapping[str, str | None]) -> _Row:
    given = {key: value for key, value in record.items() if value}
    choices = given.pop("choices", "")
    try:
        row = msgspec.convert(given, _Row)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"{where}: no case: {error}.", hint="The header needs the columns video and question."
        ) from error
    row.choices = [choice.strip() for choice in choices.split("|")] if choices else []
    return row


def _checked(source: str, rows: Sequence[tuple[int, _Row]], folder: Path) -> list[ListedCase]:
    cases: dict[str, ListedCase] = {}
    lines: dict[str, int] = {}
    for number, row in rows:
        where = f"{source} line {number}"
        videos = [row.video] if isinstance(row.video, str) else row.video
        if not videos or not all(video.strip() for video in videos):
            raise UsageError(f"{where}: no video.", hint=_FORM)
        try:
            check_question(row.question, row.choices)
        except VprogError as error:
            raise UsageError(f"{where}: {error.message}", hint=error.hint) from error
        case_id = str(number if row.id is None else row.id)
        if case_id in cases:
            raise UsageError(
                f'{where}: the id "{case_id}" is that of line {lines[case_id]} as well.',
                hint="Give each case an id of its own, or none.",
            )
        lines[case_id] = number
        cases[case_id] = ListedCase(
            case_id,
            tuple(folder / video for video in videos),
            row.question,
            tuple(row.choices),
            folder / row.subs if row.subs is not None else None,
        )
    if not cases:
        raise UsageError(f"{source}: holds no case.", hint=_FORM)
    return list(cases.values())


def _of_files(source: str, files: Mapping[str, Path], questions: Sequence[str]) -> list[ListedCase]:
    if not questions:
        raise UsageError(
            f"question missing: {source} names files only.",
            hint='Add --question "How many people are there?"; repeat it for more.',
        )
    if not files:
        raise UsageError(f"{source}: holds no video or sound file.", hint="Name another.")
    for question in questions:
        check_question(question, ())
    several = len(questions) > 1
    return [
        ListedCase(f"{name}#{number}" if several else name, (file,), question)
        for name, file in files.items()
        for number, question in enumerate(questions, start=1)
    ]
