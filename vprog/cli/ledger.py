"""The file of `vprog batch` and `vprog eval`: a row a case, gone on with, written by one process.

What stands in it is never lost: it is rewritten in one step, only what a killed process left half
written goes, and a file that holds anything else is left alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from vprog.errors import UsageError
from vprog.evaluation.file_locks import busy_error, lock_file
from vprog.exit_status import Status

RERUN = frozenset(
    {Status.INTERNAL, Status.UNREADABLE, Status.MISSING, Status.LLM_ERROR, Status.INTERRUPTED}
)
"""What the disk, the network or a person did: the same question may end otherwise."""
_BEGINS = b'{"id": '


@contextmanager
def open_ledger(
    out: Path, *, resume: bool, digests: Mapping[str, str]
) -> Iterator[tuple[IO[str], dict[str, str]]]:
    """The file to write to, and the status of each row in it that stays, by id.

    What a killed run left half written, and rows of cases that have changed, go.

    Args:
        out: the file; where it is a link, what it leads to.
        resume: whether it may be there already.
        digests: of each case, by id. Rows of other ids stay: they are of another shard.

    Raises:
        UsageError: it is there and is not to be gone on with, is none of ours, another process
            writes to it, or it cannot be written.
    """
    path = Path(os.path.realpath(out))
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{out} is no regular file.", hint="Name one, or leave -o out.")
        if path.exists() and not resume:
            raise UsageError(
                f"{out} is there already.", hint="Add --resume to go on with it, or name another."
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b" if resume else "x+b") as old:
            lock_file(old, out)
            if os.fstat(old.fileno()).st_ino != path.stat().st_ino:  # just rewritten by another
                raise busy_error(out)
            places, kept = _rows(old, out, digests)
            fresh = path.with_name(f".{path.name}.new")
            file = fresh.open("w", encoding="utf-8")
            lock_file(file, out)
            for place in places:
                old.seek(place)
                file.write(old.readline().decode())
            file.flush()
            # In one step: whoever is killed here has the old file or the new one.
            os.replace(fresh, path)
    except FileExistsError as error:  # another process was quicker, or a folder is a file
        raise UsageError(
            f"{out} cannot be made: {error.strerror}.", hint="Name another."
        ) from error
    except OSError as error:
        raise UsageError(
            f"{out} cannot be written: {error.strerror}.", hint="Name another file, or make room."
        ) from error
    try:
        with file:
            yield file, kept
    except OSError as error:  # a full disk, at a row or at the end
        raise UsageError(
            f"{error.filename or out} cannot be written: {error.strerror}.",
            hint="Make room; the rows that are there stay, and --resume goes on from them.",
        ) from error


def _rows(
    old: IO[bytes], out: Path, digests: Mapping[str, str]
) -> tuple[Iterable[int], dict[str, str]]:
    """Where the lines that stay begin, and the status of those that are of our cases, by id.

    Only that is kept of a line: of 10,000 the file has tens of megabytes.
    """
    places: dict[str, int] = {}
    kept: dict[str, str] = {}
    place = 0
    old.seek(0)
    for number, line in enumerate(old, start=1):
        began, place = place, place + len(line)
        if not line.endswith(b"\n"):  # a killed process left it half written
            if not (line.startswith(_BEGINS) or _BEGINS.startswith(line)):
                raise _not_ours(out, number)
            break
        row = _row_of(line)
        if row is None:
            raise _not_ours(out, number)
        case_id, status = row["id"], Status(row["status"])
        digest = digests.get(case_id)
        if digest is None:
            places[case_id] = began
        elif row["case"] == digest and status not in RERUN:
            places[case_id] = began
            kept[case_id] = status
    return places.values(), kept


def _row_of(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line.decode())
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict):
        return None
    is_ours = all(isinstance(row.get(name), str) for name in ("id", "case", "status"))
    return row if is_ours and row["status"] in set(Status) else None


def _not_ours(out: Path, number: int) -> UsageError:
    return UsageError(f"{out} line {number}: vprog did not write it.", hint="Name another file.")
