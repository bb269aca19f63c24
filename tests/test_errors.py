"""Errors and statuses: how each error ends a question, and the exit codes of the README."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from vprog import errors
from vprog.errors import VprogError
from vprog.execute.cell_outcome import OutcomeStatus
from vprog.exit_status import Status

ROOT = Path(__file__).resolve().parent.parent


def all_errors(kind: type[VprogError] = VprogError) -> list[type[VprogError]]:
    return [kind, *(error for sub in kind.__subclasses__() for error in all_errors(sub))]


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_errors_carry_message_hint_line_and_the_exit_code_of_their_status(
    kind: type[VprogError],
) -> None:
    error = kind("what is wrong.", hint="what to do.", line=3)
    assert (error.message, error.hint, error.line) == ("what is wrong.", "what to do.", 3)
    assert error.exit_code == kind.status.exit_code > 0


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.ProgramRejectedError("x"), "rejected"),
        (errors.ProgramFailedError("x"), "failed"),
        (errors.ModuleFailedError("x"), "failed"),
        (errors.DiskFullError("x"), "internal"),
        (errors.UsageError("x"), "unreadable"),
        (errors.JailMissingError("x"), "missing"),
    ],
)
def test_errors_end_a_question_in_their_status(error: VprogError, status: str) -> None:
    assert error.status == status


def test_errors_list_on_top_of_the_file_names_every_class() -> None:
    listed = re.findall(r"^ +(\w+Error)\b", errors.__doc__ or "", flags=re.MULTILINE)
    own = [kind.__name__ for kind in all_errors() if kind.__module__ == errors.__name__]
    assert sorted(listed) == sorted(own)


def test_status_is_its_text_and_found_by_it() -> None:
    assert Status("limit") is Status.LIMIT
    assert f"{Status.LIMIT:8}|" == "limit   |"
    assert Status.LIMIT.exit_code == 8


def test_status_of_a_cell_is_one_of_a_question_or_continues() -> None:
    assert set(get_args(OutcomeStatus)) - set(Status) == {"continues"}


def test_readme_lists_every_status_with_its_exit_code() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme[readme.index("| exit | status | when |") :].split("\n\n")[0]
    listed = {
        (status, int(code))
        for code, names in re.findall(r"^\| (\d+) \| ([^|]+) \|", table, flags=re.MULTILINE)
        for status in re.findall(r"`(\w+)`", names)
    }
    assert listed == {(status.value, status.exit_code) for status in Status}
