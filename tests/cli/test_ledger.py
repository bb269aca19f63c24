"""The file of answers that is gone on with: what stays, what goes, what is refused."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from vprog.cli.ledger import open_ledger
from vprog.errors import UsageError

DIGESTS = {"a": "1", "b": "2", "c": "3"}


def row(case_id: str, digest: str, status: str = "answered", answer: str = "x") -> str:
    return json.dumps({"id": case_id, "case": digest, "status": status, "answer": answer}) + "\n"


def gone_on(path: Path) -> tuple[list[str], dict[str, str]]:
    with open_ledger(path, resume=True, digests=DIGESTS) as (file, kept):
        file.write("")
    return path.read_text().splitlines(keepends=True), kept


def test_rows_of_these_cases_and_of_other_shards_stay_and_the_rest_goes(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    stay = [row("a", "1"), row("other", "9"), row("c", "3", "abstained", "é")]
    go = [row("b", "changed"), row("b", "2", "llm_error"), row("b", "2")[:20]]
    path.write_text("".join([stay[0], go[0], stay[1], go[1], stay[2], go[2]]))
    lines, kept = gone_on(path)
    assert lines == stay
    assert kept == {"a": "answered", "c": "abstained"}


def test_the_last_row_of_a_case_is_the_one_that_stays(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(row("a", "1", answer="first") + row("a", "1", answer="last"))
    lines, _ = gone_on(path)
    assert lines == [row("a", "1", answer="last")]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"\xef\xbb\xbf" + row("a", "1").encode(), 1),
        (row("a", "1").encode() + b"\xff\xfe\n", 2),
        (row("a", "1").encode() + b'{"name": "x"}\n', 2),
        (row("a", "1").encode() + b"half of something else", 2),
    ],
)
def test_a_file_with_anything_else_is_left_alone(data: bytes, line: int, tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=f"line {line}: vprog did not write it"):
        gone_on(path)
    assert path.read_bytes() == data


def test_a_full_disk_is_said_and_the_rows_that_are_there_stay(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(row("a", "1"))
    with (
        pytest.raises(UsageError, match=r"answers\.jsonl cannot be written: No space left"),
        open_ledger(path, resume=True, digests=DIGESTS),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert gone_on(path) == ([row("a", "1")], {"a": "answered"})


def test_a_ledger_has_one_writer(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with (
        open_ledger(path, resume=False, digests=DIGESTS),
        pytest.raises(UsageError, match="another vprog writes to it"),
        open_ledger(path, resume=True, digests=DIGESTS),
    ):
        pass
