"""What a format of `vprog trace export` is, what it is made from, and all of them by name.

A format is a file of this folder with `FORMAT = ExportFormat(...)`; none is imported before it is
asked for by name or the list is.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from vprog.errors import UsageError
from vprog.types import Video
from vprog.view.exports.found_rows import EVIDENCE, TRACKS, FoundRow, found_rows
from vprog.view.model import RunModel
from vprog.view.steps import Story

What = Literal["evidence", "tracks", "all"]

_DECLARES = re.compile(r"^FORMAT = ExportFormat\(", flags=re.MULTILINE)


def _to_nobody(text: str) -> None:
    pass


@dataclass(frozen=True)
class ExportJob:
    """One run on its way into one file.

    Attributes:
        story: the recording in order.
        model: what is shown of it.
        what: which rows are meant; None where the format's own choice holds.
        video: the index of the one video that is meant; None where there is but one, or all are.
        whole: not the cited parts of the video alone.
        moved_to: where the videos lie now, in their order, if not where they lay.
        clips: the kind of video that is put into a page, "h264" or "vp9"; "" for none.
        note: takes what the reader of the file should know of it, one line each.
    """

    story: Story
    model: RunModel
    what: What
    video: int | None = None
    whole: bool = False
    moved_to: tuple[Path, ...] = ()
    clips: str = ""
    note: Callable[[str], None] = _to_nobody

    @cached_property
    def rows(self) -> list[FoundRow]:
        """The rows that are meant; where there are none, that is told with the reason."""
        every = found_rows(self.model, self.story.steps)
        wanted = (EVIDENCE, TRACKS) if self.what == "all" else (self.what,)
        rows = [
            row
            for row in every
            if row.what in wanted and (self.video is None or row.video == self.video)
        ]
        if not rows:
            self.note(f"no rows: {self._why_none()}")
        return rows

    @cached_property
    def opened(self) -> Video:
        """The one video of a format that is about one.

        Raises:
            UsageError: the run has several, and none is named.
        """
        videos = self.story.recording.started.videos
        if self.video is None and len(videos) != 1:
            names = ", ".join(
                f"{index} {shown.name}" for index, shown in enumerate(self.model.videos)
            )
            raise UsageError(
                f"the run has {len(videos)} videos, and this format is about one.",
                hint=f"Name it: --input N ({names}).",
            )
        return videos[self.video or 0].video

    @property
    def spans(self) -> list[FoundRow]:
        """The rows with a time of the one video, in order of time, what is followed once."""
        index = self.opened.index
        rows = [row for row in self.rows if row.video == index and row.is_whole]
        timed = [row for row in rows if row.start is not None]
        if len(timed) < len(rows):
            self.note(f"{len(rows) - len(timed)} rows without a time are left out")
        return sorted(timed, key=lambda row: (row.start or 0.0, row.end or 0.0))

    @property
    def boxes(self) -> list[FoundRow]:
        """The rows with a box at a moment; a cited thing that is followed with all its boxes."""
        every = found_rows(self.model, self.story.steps)
        cited = {row.track for row in self.rows if row.what == EVIDENCE and row.track is not None}
        rows = [
            row
            for row in self.rows
            if row.box is not None and (row.track is None or not row.is_whole)
        ]
        if self.what == EVIDENCE:
            rows += [row for row in every if row.kind == "Detection" and row.track in cited]
        left = sum(row.box is None for row in self.rows)
        if left:
            self.note(f"{left} rows without a box are left out")
        return sorted(dict.fromkeys(rows), key=lambda row: (row.video, row.start or 0.0))

    def _why_none(self) -> str:
        """Why a run has nothing to export."""
        if self.what == TRACKS:
            return "no module found anything with a time"
        shown = self.model
        if shown.is_answered:
            return "the answer names no evidence; --what tracks has what modules found"
        why = shown.no_answer.message if shown.no_answer is not None else shown.headline
        return f"there is no answer ({shown.status}: {why})"


@dataclass(frozen=True)
class ExportFormat:
    """One format of `vprog trace export`.

    Attributes:
        name: as `-f` takes it; also the ending of its files.
        summary: what it is, in one line of the help.
        text: makes the file, of a format that is text.
        write: writes the file, of one that is not.
        default: the rows that are taken where nobody says which.
        endings: further endings of its files.
        of_run: it tells the whole run, so that rows cannot be chosen.
    """

    name: str
    summary: str
    text: Callable[[ExportJob], str] | None = None
    write: Callable[[ExportJob, Path], None] | None = None
    default: What = "all"
    endings: tuple[str, ...] = field(default=())
    of_run: bool = False


@functools.cache
def export_formats() -> Mapping[str, ExportFormat]:
    """Every format by name."""
    formats: dict[str, ExportFormat] = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if _DECLARES.search(path.read_text(encoding="utf-8")):
            found = importlib.import_module(f"vprog.view.exports.{path.stem}").FORMAT
            formats[found.name] = found
    return formats


def format_named(name: str | None, file: str) -> ExportFormat:
    """The format of a name, or else of a file's ending.

    Raises:
        UsageError: there is none.
    """
    formats = export_formats()
    if name is None:
        ending = Path(file).suffix.lower().removeprefix(".")
        for known in formats.values():
            if ending in (known.name, *known.endings):
                return known
        raise UsageError(
            f'the format cannot be told from "{Path(file).name}".',
            hint=f"Name it: -f {'|'.join(formats)}.",
        )
    if name not in formats:
        near = difflib.get_close_matches(name.lower(), formats, n=1)
        guess = f' Did you mean "{near[0]}"?' if near else ""
        raise UsageError(
            f'unknown format "{name}".{guess}', hint=f"There are: {', '.join(formats)}."
        )
    return formats[name]
