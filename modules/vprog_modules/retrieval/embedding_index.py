"""An index of embeddings on disk: one vector for each of many rows, filled bit by bit.

The file is a line about it, a mark for each row, and the vectors in half precision, read through
memory-mapping: an index of hours takes no memory of the process. A row is marked after it is
written, so that what was killed half-way goes on where it stopped. Several processes may fill one
file: they write the same. It is never cut or rewritten in place, and made under its name only
when it is whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vprog.errors import words_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

FORMAT = 1
FOLDER = "embeddings"
"""Below the folder of the cache."""

_HEAD = 1024
"""Bytes of the line about the file."""
_LENGTH = (0.98, 1.02)
"""A vector of length 1 in half precision has a length within; what else lies there is damage."""


class EmbeddingIndex:
    """Vectors of length 1 by row. Used by one thread at a time.

    Args:
        key: what the vectors depend on; equal keys share a file.
        n_rows: how many vectors there will be.
        n_columns: the length of each.
        folder: of the cache; None keeps the vectors in memory only.
        max_mb: other indexes in the folder are removed, the oldest use first, to stay below.

    Attributes:
        trouble: why the vectors are kept in memory only; "" where they are not, or that is wanted.
    """

    def __init__(
        self,
        key: Sequence[str],
        n_rows: int,
        n_columns: int,
        *,
        folder: Path | None = None,
        max_mb: int = 2000,
    ) -> None:
        import numpy as np

        self.n_rows, self.n_columns = n_rows, n_columns
        self.trouble = ""
        self._file: int | None = None
        self._lock = threading.Lock()
        if folder is not None:
            try:
                self._open(list(key), folder / FOLDER, max_mb)
                return
            except OSError as error:
                self._file = None
                self.trouble = f"the index of embeddings is kept in memory only: {words_of(error)}"
        self._marks: NDArray[np.uint8] = np.zeros(n_rows, np.uint8)
        self._vectors: NDArray[np.float16] = np.zeros((n_rows, n_columns), np.float16)

    def missing(self, rows: Rows) -> Rows:
        """Which of some rows have no vector yet, or a damaged one."""
        import numpy as np

        marked = rows[self._marks[rows] == 1]
        damaged: list[Rows] = []
        for part in _parts(marked):
            lengths = np.linalg.norm(self._vectors[part].astype(np.float32), axis=1)
            damaged.append(part[~((lengths > _LENGTH[0]) & (lengths < _LENGTH[1]))])
        lacking = [rows[self._marks[rows] != 1], *damaged]
        return np.sort(np.concatenate(lacking))

    def write(self, rows: Rows, vectors: Floats) -> None:
        """Keep the vectors (n, D) of rows, in order.

        Where the disk is full or the file cannot be written, they stay in memory: `trouble`.
        """
        import numpy as np

        halves = np.ascontiguousarray(vectors, np.float16)
        if self._file is not None:
            try:
                for row, half in zip(rows.tolist(), halves, strict=True):
                    self._put(self._at(row), half.tobytes())
                for row in rows.tolist():  # after all of them: a mark says that a row is whole
                    self._put(_HEAD + row, b"\1")
                return
            except OSError as error:
                self.trouble = f"the index of embeddings is kept in memory only: {words_of(error)}"
                self._marks, self._vectors = np.array(self._marks), np.array(self._vectors)
                self._file = None
        self._vectors[rows] = halves
        self._marks[rows] = 1

    def read(self, rows: Rows) -> Floats:
        """The vectors of rows, (n, D)."""
        import numpy as np

        return np.asarray(self._vectors[rows], np.float32)

    def scores(self, rows: Rows, query: Floats) -> Floats:
        """The dot products of rows with a vector, (n,); a part of them is read at a time."""
        import numpy as np

        if not len(rows):
            return np.zeros(0, np.float32)
        return np.concatenate([self.read(part) @ query for part in _parts(rows)])

    def _open(self, key: list[str], folder: Path, max_mb: int) -> None:
        import numpy as np

        about = {"format": FORMAT, "key": key, "rows": self.n_rows, "columns": self.n_columns}
        line = json.dumps(about).encode()
        head = line.ljust(_HEAD - 1) + b"\n"
        if len(head) > _HEAD:
            raise OSError(f"the key of an index has {len(line)} bytes, at most {_HEAD - 1} fit")
        size = self._at(self.n_rows)
        path = folder / f"{hashlib.sha256(line).hexdigest()[:32]}.index"
        folder.mkdir(parents=True, exist_ok=True)
        if not _is_whole(path, head, size):
            _prune(folder, max_mb * 1_000_000 - size)
            _make(path, head, size)
        self._file = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        weakref.finalize(self, os.close, self._file)
        os.utime(path)  # of its last use
        self._marks = np.memmap(path, np.uint8, "r", _HEAD, (self.n_rows,))
        self._vectors = np.memmap(path, np.float16, "r", self._at(0), (self.n_rows, self.n_columns))

    def _at(self, row: int) -> int:
        """Where the vector of a row begins."""
        return _HEAD + self.n_rows + self.n_rows % 2 + 2 * row * self.n_columns

    def _put(self, at: int, data: bytes) -> None:
        assert self._file is not None
        with self._lock:
            os.lseek(self._file, at, os.SEEK_SET)
            if os.write(self._file, data) != len(data):
                raise OSError("no space is left on the disk")


def _parts(rows: Rows, size: int = 8192) -> list[Rows]:
    return [rows[first : first + size] for first in range(0, len(rows), size)]


def _is_whole(path: Path, head: bytes, size: int) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD) == head and path.stat().st_size == size
    except OSError:
        return False


def _make(path: Path, head: bytes, size: int) -> None:
    """An empty index under its name, unless another process was quicker."""
    draft = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}.draft")
    try:
        with draft.open("wb") as file:
            file.write(head)
            file.truncate(size)
        if path.exists() and not _is_whole(path, head, size):
            path.unlink(missing_ok=True)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _prune(folder: Path, room: int) -> None:
    """Remove the indexes used longest ago until what is left fits, and drafts of the dead."""
    total = 0
    files = []
    for file in folder.iterdir():
        with contextlib.suppress(OSError):  # another process removed it
            files.append((file.stat().st_mtime, file.stat().st_size, file))
    for _, size, file in sorted(files, reverse=True):
        total += size
        if total > room:
            with contextlib.suppress(OSError):  # in use on a system that locks such files
                file.unlink()
