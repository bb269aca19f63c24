"""A question to an indexed folder as doors ask it: of the index, then of the files it finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vprog.library.folder_search import FolderAnswer, search_folder
from vprog.library.folder_words import answer_lines, left_out_lines
from vprog.library.indexing import place_of_index
from vprog.runs.result import Result
from vprog.service.service import ServedRun, Service, result_object
from vprog.view.words import clean

MOST_ASKED = 3
"""Of the files that were found, so many are asked the question itself, as by `vprog ask`."""
COUNT = 10
"""Moments, and files of an answer, that a reply has."""


@dataclass(frozen=True)
class FileAnswer:
    """What came of the question to one file."""

    run: ServedRun
    result: Result

    @property
    def text(self) -> str:
        """The answer, or why there is none."""
        if self.result.answer is not None or self.result.error is None:
            return self.result.text()
        return f"no answer: {self.result.error.message}"


def ask_index(service: Service, folder: Path, question: str, count: int = COUNT) -> FolderAnswer:
    """What the index of a folder has to a question; errors as `search_folder`.

    Args:
        service: in whose cache folder the index lies.
        folder: that a door let its client name.
        question: in English.
        count: how many moments.
    """
    index = place_of_index(folder, service.settings.cache_dir)
    return search_folder(folder, question, index, count)


def ask_best_files(service: Service, folder: Path, found: FolderAnswer) -> dict[str, ServedRun]:
    """Begin to ask the best files that an index found; whoever has the runs waits or stops them.

    Raises:
        BusyError: as many runs as there may be are going on; then none of these is.
    """
    runs: dict[str, ServedRun] = {}
    try:
        for name in found.files_found[:MOST_ASKED]:
            runs[name] = service.ask([folder / name], found.question)
    except BaseException:
        for run in runs.values():
            run.handle.stop()
        raise
    return runs


def has_answer(found: FolderAnswer) -> bool:
    """Whether anything was answered or found."""
    return found.joined is not None or bool(found.files_found)


def folder_lines(
    found: FolderAnswer, answers: Mapping[str, FileAnswer], count: int = COUNT
) -> list[str]:
    """What was answered and found, a line each."""
    told = [f"{name}: {answer.text}" for name, answer in answers.items()]
    return [clean(line) for line in (*answer_lines(found, count), *told)]


def unsure_lines(found: FolderAnswer, count: int = COUNT) -> list[str]:
    """What the answer says nothing of, or is not sure of, a line each."""
    return [clean(line) for line in left_out_lines(found, count)]


def folder_object(
    found: FolderAnswer, answers: Mapping[str, FileAnswer], warnings: Sequence[str] = ()
) -> dict[str, Any]:
    """The outcome for clients; files are named by their path below the folder."""
    return {
        "status": "answered" if has_answer(found) else "abstained",
        **found.to_dict(),
        "not_asked": list(found.files_found[MOST_ASKED:]),
        "answers": {
            name: result_object(answer.run, answer.result) for name, answer in answers.items()
        },
        "left_out": unsure_lines(found),
        "warnings": list(warnings),
    }
