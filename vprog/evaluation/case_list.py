"""Many questions to be asked, as they come: JSON lines, CSV, parquet, a folder, or mappings.

    {"id": "k1", "video": "a.mp4", "question": "How many people?"}
    {"video": ["a.mp4", "b.mp4"], "question": "Which is longer?", "choices": ["first", "second"]}

A CSV file has the same names as its header; choices are parted by `|`. Other keys, such as
`answer`, are left alone. A case without an id has the number of its line.
"""

from __future__ import annotations

import glob
import hashlib
import os
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from vprog.errors import UsageError, VprogError
from vprog.evaluation.case_rows import ROW_SUFFIXES, CaseRow, read_rows
from vprog.evaluation.kept_list import KeptList
from vprog.program.allowed_syntax import words
from vprog.runs.inputs import check_question
from vprog.runs.option_prompt import split_prompt

_FORM = 'Write {"id": "k1", "video": "a.mp4", "question": "How many?"}.'
_MEDIA = words(
    ".3gp .aac .avi .flac .flv .gif .m2ts .m4a .m4v .mkv .mov .mp3 .mp4 .mpeg .mpg .mts .oga .ogg "
    ".ogv .opus .ts .wav .webm .wmv"
)


@dataclass(frozen=True, slots=True)
class ListedCase:
    """One question of a list.

    Attributes:
        id: its own in the list.
        videos: what it is about.
        part: the seconds from and to which they are looked at; (0, 0) for all of them.
    """

    id: str
    videos: tuple[Path, ...]
    question: str
    choices: tuple[str, ...] = ()
    subtitles: Path | None = None
    part: tuple[float, float] = (0.0, 0.0)

    def digest(self, settings: Mapping[str, object]) -> str:
        """12 hexadecimal digits that change with the question and how it is asked."""
        asked = (*map(str, self.videos), self.question, *self.choices, str(self.subtitles))
        if any(self.part):
            asked = (*asked, str(self.part))
        said = msgspec.json.encode([asked, sorted((key, str(settings[key])) for key in settings)])
        return hashlib.sha256(said).hexdigest()[:12]


class CaseDigests(Mapping[str, str]):
    """The digest of each case, by id; made when it is asked for."""

    def __init__(self, cases: Sequence[ListedCase], settings: Mapping[str, object]) -> None:
        self._cases = cases
        self._settings = settings
        hashes = array("Q", (_id_hash(case.id) for case in cases))
        self._places = array("L", sorted(range(len(hashes)), key=hashes.__getitem__))
        self._hashes = array("Q", sorted(hashes))

    def __getitem__(self, case_id: str) -> str:
        return self._cases[self.place_of(case_id)].digest(self._settings)

    def place_of(self, case_id: str) -> int:
        """Where in the list a case stands.

        Raises:
            KeyError: there is none of this id.
        """
        wanted = _id_hash(case_id)
        at = bisect_left(self._hashes, wanted)
        while at < len(self._hashes) and self._hashes[at] == wanted:
            if self._cases[self._places[at]].id == case_id:
                return self._places[at]
            at += 1
        raise KeyError(case_id)

    def __iter__(self) -> Iterator[str]:
        return (case.id for case in self._cases)

    def __len__(self) -> int:
        return len(self._cases)


def _id_hash(case_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(case_id.encode(), digest_size=8).digest())


class _Row(msgspec.Struct):
    video: str | list[str]
    question: str
    id: str | int | None = None
    choices: list[str] = []
    subs: str | None = None
    start: float = 0.0
    end: float = 0.0


def list_cases(source: str, questions: Sequence[str] = ()) -> Sequence[ListedCase]:
    """The questions that a user names; each is read again when it is wanted.

    Args:
        source: a file of cases (.jsonl, .csv, .parquet), a folder of media, or a pattern such as
            "clips/*.mp4".
        questions: asked of each file of a folder or pattern; none where `source` lists cases.

    Raises:
        UsageError: it cannot be read, or holds no case; with file and line.
    """
    path = Path(source)
    if os.path.isdir(source):
        names = {file.relative_to(path).as_posix(): file for file in media_below(path)}
        return _of_files(source, names, questions)
    if path.suffix.lower() not in ROW_SUFFIXES and glob.has_magic(source):
        matched = sorted(Path(name) for name in glob.glob(source, recursive=True))
        names = {file.as_posix(): file for file in matched if file.is_file()}
        return _of_files(source, names, questions)
    if path.suffix.lower() not in ROW_SUFFIXES:
        raise UsageError(
            f"{source}: neither cases ({', '.join(ROW_SUFFIXES)}) nor a folder nor a pattern.",
            hint="Ask about one file with `vprog solve`.",
        )
    if questions:
        raise UsageError(
            f"{source} brings its own questions.", hint="--question goes with a folder or pattern."
        )
    is_table = path.suffix.lower() in (".csv", ".tsv")
    rows = ((row.number, _row(row, is_table)) for row in read_rows(path))
    return _kept(source, _checked(source, rows, path.parent))


def media_below(folder: Path) -> list[Path]:
    """The video and sound files below a folder, by their endings, in order."""
    return sorted(item for item in folder.rglob("*") if item.suffix.lower() in _MEDIA)


def cases_of(rows: Iterable[Mapping[str, object]]) -> Sequence[ListedCase]:
    """Cases that a caller made, of the form of the lines of a file.

    Raises:
        UsageError: one is no case, or an id is there twice.
    """
    return _kept("cases", _checked("cases", _converted(rows), Path()))


def _converted(rows: Iterable[Mapping[str, object]]) -> Iterator[tuple[int, _Row]]:
    for number, row in enumerate(rows, start=1):
        try:
            yield number, msgspec.convert(_plain(row), _Row)
        except (msgspec.ValidationError, TypeError) as error:
            raise UsageError(f"case {number}: no case: {error}.", hint=_FORM) from error


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    plain = dict(row)
    for name in ("video", "subs"):
        value = plain.get(name)
        if isinstance(value, Path):
            plain[name] = str(value)
        elif isinstance(value, list | tuple):
            plain[name] = [str(item) for item in value]
    return plain


def _row(row: CaseRow, is_table: bool) -> _Row:
    fields = row.fields
    if is_table and isinstance(fields.get("choices"), str):
        choices = [choice.strip() for choice in fields["choices"].split("|")]
        fields = {**fields, "choices": choices}
    try:
        return msgspec.convert(fields, _Row)
    except msgspec.ValidationError as error:
        hint = "The header needs the columns video and question." if is_table else _FORM
        raise UsageError(f"{row.where}: no case: {error}.", hint=hint) from error


def _kept(source: str, cases: Iterable[ListedCase]) -> Sequence[ListedCase]:
    kept = KeptList(cases)
    if not kept:
        raise UsageError(f"{source}: holds no case.", hint=_FORM)
    return kept


def _checked(source: str, rows: Iterable[tuple[int, _Row]], folder: Path) -> Iterator[ListedCase]:
    lines: dict[str, int] = {}
    for number, row in rows:
        where = f"{source} line {number}"
        videos = [row.video] if isinstance(row.video, str) else row.video
        if not videos or not all(video.strip() for video in videos):
            raise UsageError(f"{where}: no video.", hint=_FORM)
        try:
            prompt = split_prompt(row.question) if not row.choices else None
            if prompt is None:
                check_question(row.question, row.choices)
            else:
                check_question(prompt.question, prompt.choices)
        except VprogError as error:
            raise UsageError(f"{where}: {error.message}", hint=error.hint) from error
        case_id = str(number if row.id is None else row.id)
        if case_id in lines:
            raise UsageError(
                f'{where}: the id "{case_id}" is that of line {lines[case_id]} as well.',
                hint="Give each case an id of its own, or none.",
            )
        lines[case_id] = number
        yield ListedCase(
            case_id,
            tuple(folder / video for video in videos),
            row.question,
            tuple(row.choices),
            folder / row.subs if row.subs is not None else None,
            (row.start, row.end),
        )


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
