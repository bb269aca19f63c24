"""Where the vectors of an index may lie: a plain table and numpy, sqlite-vec, or usearch.

    python benchmarks/vector_search.py [--files 200] [--chunks 100]

As many vectors of 384 numbers as so many files have chunks, around 2,000 centres, drawn with a
seed. Of each store: how long it takes to write, its size, the first question of a process (open,
read, search), the next ones (median of 20), and how many of the true ten nearest it gives. Stores
whose packages are not installed, or that SQLite here cannot load, are left out and named.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

COUNT = 10
DIMENSIONS = 384


def drawn(n_vectors: int) -> Any:
    """Vectors of length 1, float32."""
    random = np.random.default_rng(0)
    centres = random.normal(size=(2000, DIMENSIONS))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    vectors = centres[random.integers(0, 2000, n_vectors)]
    vectors = vectors + random.normal(0, 0.03, vectors.shape)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


class Table:
    """A table of blobs; all are read, and compared by one product of matrices."""

    def __init__(self, path: Path, kind: type = np.float32) -> None:
        self.database = sqlite3.connect(path)
        self.kind = kind

    def write(self, vectors: Any) -> None:
        self.database.execute("CREATE TABLE vectors (id INTEGER PRIMARY KEY, vector BLOB)")
        rows = [(at, vector.tobytes()) for at, vector in enumerate(vectors.astype(self.kind))]
        with self.database:
            self.database.executemany("INSERT INTO vectors VALUES (?, ?)", rows)

    def open(self) -> None:
        rows = self.database.execute("SELECT vector FROM vectors ORDER BY id").fetchall()
        joined = b"".join(vector for (vector,) in rows)
        self.matrix = np.frombuffer(joined, self.kind).reshape(-1, DIMENSIONS).astype(np.float32)

    def search(self, asked: Any) -> list[int]:
        likeness = self.matrix @ asked
        best = np.argpartition(-likeness, COUNT)[:COUNT]
        return [int(at) for at in best[np.argsort(-likeness[best])]]


class Half(Table):
    """The same with numbers of 16 bits in the file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, np.float16)


class SqliteVec:
    """The extension of SQLite; compares all, inside of it."""

    def __init__(self, path: Path) -> None:
        import sqlite_vec

        self.database = sqlite3.connect(path)
        self.database.enable_load_extension(True)
        sqlite_vec.load(self.database)

    def write(self, vectors: Any) -> None:
        self.database.execute(
            f"CREATE VIRTUAL TABLE vectors USING vec0(vector float[{DIMENSIONS}])"
        )
        rows = [(at, vector.tobytes()) for at, vector in enumerate(vectors)]
        with self.database:
            self.database.executemany("INSERT INTO vectors (rowid, vector) VALUES (?, ?)", rows)

    def open(self) -> None:
        pass

    def search(self, asked: Any) -> list[int]:
        rows = self.database.execute(
            "SELECT rowid FROM vectors WHERE vector MATCH ? AND k = ? ORDER BY distance",
            (asked.tobytes(), COUNT),
        )
        return [row[0] for row in rows]


class Usearch:
    """A graph of near neighbours in a file of its own; may miss some."""

    def __init__(self, path: Path) -> None:
        from usearch.index import Index

        self.path = path
        self.index = Index(ndim=DIMENSIONS, metric="cos", dtype="f32")

    def write(self, vectors: Any) -> None:
        self.index.add(np.arange(len(vectors)), vectors)
        self.index.save(str(self.path))

    def open(self) -> None:
        self.index.load(str(self.path))

    def search(self, asked: Any) -> list[int]:
        return [int(key) for key in self.index.search(asked, COUNT).keys]


def measured(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    came = work()
    return time.perf_counter() - began, came


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--chunks", type=int, default=100)
    given = parser.parse_args()
    vectors = drawn(given.files * given.chunks)
    asked = vectors[:: len(vectors) // 20][:20]
    truth = [set(np.argsort(-(vectors @ one))[:COUNT].tolist()) for one in asked]
    print(f"{len(vectors)} vectors of {DIMENSIONS}")
    print(f"{'store':10} {'write s':>8} {'MB':>7} {'first ms':>9} {'next ms':>8} {'recall':>7}")
    for store in (Table, Half, SqliteVec, Usearch):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "vectors"
            try:
                written, _ = measured(lambda: store(path).write(vectors))  # noqa: B023
            except (ImportError, AttributeError, sqlite3.Error) as error:
                print(f"{store.__name__:10} left out: {error}")
                continue
            opened = store(path)
            first, _ = measured(lambda: (opened.open(), opened.search(asked[0])))  # noqa: B023
            runs = [measured(lambda: opened.search(one)) for one in asked]  # noqa: B023
            right = sum(len(set(came) & near) for (_, came), near in zip(runs, truth, strict=True))
            size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
            print(
                f"{store.__name__:10} {written:8.2f} {size:7.1f} {1000 * first:9.1f}"
                f" {1000 * statistics.median(took for took, _ in runs):8.2f}"
                f" {right / COUNT / len(asked):7.3f}"
            )


if __name__ == "__main__":
    main()
