"""A folder that is scored by one process at a time."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from vprog.errors import UsageError
from vprog.evaluation.file_locks import only_writer


def test_a_folder_has_one_writer_and_then_the_next(tmp_path: Path) -> None:
    with (
        only_writer(tmp_path / "run"),
        pytest.raises(UsageError, match="run: another vprog writes to it"),
        only_writer(tmp_path / "run"),
    ):
        pass
    with only_writer(tmp_path / "run"):
        pass


def test_a_full_disk_says_where_and_that_answers_stay(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="cannot be written: No space left") as refused,
        only_writer(tmp_path),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert "--resume" in (refused.value.hint or "")
