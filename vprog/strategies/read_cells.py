"""What modules read of a question's videos: which ones can, their cells, the lines they gave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vprog.llm.data_marks import mark_data
from vprog.llm.language_model import approximate_tokens
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import first_fit
from vprog.runs.run import Run
from vprog.types import Speech, TextSpan, wire

Row = dict[str, object]
"""One line of a prompt's data."""

READ = {"transcribe": "speech", "find_text": "written"}
"""The modules that give text, and the variables that hold it."""

STRIDES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
"""Every n-th row is kept, the finest that fits."""

MAX_TEXT = 500
"""Characters of one line."""


@dataclass(frozen=True)
class TextSource:
    """One video read by one module.

    Attributes:
        task: the module.
        video: the index of the video.
        name: the variable that holds what it gave.
        source: the line that reads.
    """

    task: str
    video: int
    name: str
    source: str


@dataclass(frozen=True)
class CitableLine:
    """Something said or written; `item` is how a program names it."""

    item: str
    video: int
    start: float
    end: float
    text: str

    def row(self) -> Row:
        """Itself as a line of a prompt's data."""
        return {
            "item": self.item,
            "start": round(self.start, 2),
            "end": round(self.end, 2),
            "text": self.text[:MAX_TEXT],
        }


def text_sources(run: Run) -> list[TextSource]:
    """What can be read here: speech where there is sound or subtitles, text where pictures."""
    found: list[TextSource] = []
    for video in run.media.videos:
        usable = {
            "transcribe": video.has_audio or video.has_subtitles,
            "find_text": video.width > 0,
        }
        for task, word in READ.items():
            if usable[task] and task in run.runtime.modules:
                name = word if len(run.media.videos) == 1 else f"{word}_{video.index}"
                source = f"{name} = {task}({video_name(run, video.index)})\n"
                found.append(TextSource(task, video.index, name, source))
    return found


def lines_of(attempt: Attempt, wanted: Sequence[TextSource]) -> Iterator[CitableLine]:
    """The lines that a cell read, each with the name and index it has in the program."""
    calls = [call for call in attempt.calls if call.task in READ and call.error is None]
    for call, reading in zip(calls, wanted, strict=True):
        value = wire.decode(bytes(call.result))
        for at, line in enumerate(value if isinstance(value, list) else []):
            if isinstance(line, Speech | TextSpan):
                item = f"{reading.name}[{at}]"
                yield CitableLine(item, reading.video, line.start, line.end, line.text)


def fitting_rows(name: str, rows: Sequence[Row], most: int) -> tuple[str, int]:
    """Rows as marked data of at most so many tokens, and the stride that was taken."""
    stride = first_fit(STRIDES, fits=lambda step: tokens_of(name, rows[::step]) <= most)
    stride = stride or STRIDES[-1]
    return mark_data(name, list(rows[::stride])), stride


def tokens_of(name: str, rows: Sequence[Row]) -> int:
    """About how many tokens rows have as marked data."""
    return approximate_tokens(mark_data(name, list(rows)))


def video_name(run: Run, index: int) -> str:
    """How programs name a video."""
    return "video" if len(run.media.videos) == 1 else f"videos[{index}]"
