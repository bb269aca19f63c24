"""The file of an index: what is known of the files of a folder, in SQLite with FTS5.

What is found hangs on the digest of a file, so that one that is moved is not looked at again.
Each kind of each file is one transaction: whatever is killed goes on where it was, and several
processes may fill the same index.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from vprog.errors import DiskFullError, VprogError
from vprog.program.allowed_syntax import words

LIBRARIES_FOLDER = "libraries"
"""Of the cache folder, where the indexes of folders lie."""
SCHEMA_VERSION = 5
_BUSY_S = 30.0
_PAGE_BYTES = 4096
_TABLES = (
    "CREATE TABLE folder (path BLOB)",
    "CREATE TABLE files (path TEXT PRIMARY KEY, digest TEXT NOT NULL, state TEXT NOT NULL)",
    "CREATE TABLE found (digest TEXT, kind TEXT, PRIMARY KEY (digest, kind))",
    "CREATE VIRTUAL TABLE moments USING fts5(text, digest UNINDEXED, kind UNINDEXED,"
    " start UNINDEXED, stop UNINDEXED, tokenize = 'porter unicode61')",
    # Of their own, since words match in any form, and parts of names too: "dog" is no "hot dog".
    "CREATE TABLE labels (label TEXT, digest TEXT, time REAL, score REAL,"
    " PRIMARY KEY (label, digest, time)) WITHOUT ROWID",
    "CREATE TABLE label_frames (digest TEXT PRIMARY KEY, n_frames INTEGER, step REAL)",
    "CREATE TABLE facts (digest TEXT PRIMARY KEY, duration REAL, width INTEGER, height INTEGER,"
    " fps REAL, has_sound INTEGER, has_subtitles INTEGER, n_bytes INTEGER, video_codec TEXT,"
    " audio_codec TEXT)",
    "CREATE TABLE warnings (digest TEXT, kind TEXT, text TEXT)",
    "CREATE TABLE vectors (moment INTEGER PRIMARY KEY, vector BLOB)",  # by rowid of moments
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)


class IndexedMoment(NamedTuple):
    """Something that was found from `start` to `end`, in seconds."""

    start: float
    end: float
    text: str


class MomentHit(NamedTuple):
    """A moment that has words of a question; the higher the score the more they tell."""

    path: str
    kind: str
    moment: IndexedMoment
    score: float


class LabelSighting(NamedTuple):
    """A label that the detector found in the frame at a time, in seconds, and its best score."""

    time: float
    score: float
    label: str


class LabelFrames(NamedTuple):
    """How closely the labels of a file were looked for: one frame in `step` seconds.

    No frame: it has no picture.
    """

    n_frames: int
    step: float


class FileFacts(NamedTuple):
    """What a file says of itself. Sound alone has no width, height, fps and video codec."""

    duration: float
    """In seconds."""
    width: int
    height: int
    fps: float
    has_sound: bool
    has_subtitles: bool
    n_bytes: int
    video_codec: str
    audio_codec: str


class IndexFile:
    """An open index. Used by one thread."""

    def __init__(self, path: Path, *, max_mb: int = 1000) -> None:
        """Open the file, or make it.

        Args:
            path: where it lies.
            max_mb: how large it may become, in megabytes.

        Raises:
            DiskFullError: no space is left.
            VprogError: it cannot be read or written, or is no index of this version.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._told():
            self._database = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute(f"PRAGMA max_page_count = {max_mb * 1_000_000 // _PAGE_BYTES}")
        with self._changing():
            version = self._database.execute("PRAGMA user_version").fetchone()[0]
            n_tables = self._database.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
            if version != SCHEMA_VERSION and (version or n_tables):
                raise VprogError(
                    f'"{path}" is no index of this version of vprog.',
                    hint="Name another file: --db FILE; or remove it, and run `vprog index` again.",
                )
            if not version:
                for table in _TABLES:
                    self._database.execute(table)

    def set_folder(self, folder: Path) -> None:
        """Say whose files they are."""
        with self._changing():
            self._database.execute("DELETE FROM folder")
            self._database.execute(
                "INSERT INTO folder VALUES (?)", (os.fsencode(folder.resolve()),)
            )

    def folder(self) -> Path | None:
        """Whose files they are; None until it was said."""
        with self._told():
            row = self._database.execute("SELECT path FROM folder").fetchone()
        return Path(os.fsdecode(row[0])) if row is not None else None

    def files(self) -> dict[str, str]:
        """The digest of each file, by path below the folder."""
        with self._told():
            return dict(self._database.execute("SELECT path, digest FROM files ORDER BY path"))

    def states(self) -> dict[str, tuple[str, str]]:
        """The digest of each file, and the state on the disk that it was taken in, by path."""
        with self._told():
            rows = self._database.execute("SELECT path, digest, state FROM files ORDER BY path")
            return {path: (digest, state) for path, digest, state in rows}

    def leave_out(self, paths: Iterable[str]) -> None:
        """From now on, until it is closed, tell of the other files alone."""
        with self._told():
            # SQLite takes the temporary table of a name before the one that is kept.
            self._database.execute("CREATE TEMP TABLE files AS SELECT * FROM main.files")
            self._database.executemany(
                "DELETE FROM temp.files WHERE path = ?", [(path,) for path in paths]
            )

    def found(self) -> set[tuple[str, str]]:
        """What was looked for to the end, as digest and kind."""
        with self._told():
            return set(self._database.execute("SELECT digest, kind FROM found"))

    def searched(self) -> dict[str, list[str]]:
        """The kinds that were looked for to the end in each file, by path; files with none lack."""
        kinds: dict[str, list[str]] = {}
        with self._told():
            for path, kind in self._database.execute(
                "SELECT path, kind FROM files JOIN found USING (digest) ORDER BY path, kind"
            ):
                kinds.setdefault(path, []).append(kind)
        return kinds

    def set_files(
        self, digests: Mapping[str, str], states: Mapping[str, str] | None = None
    ) -> None:
        """Say which files there are; what was found in others is removed.

        Args:
            digests: of each, by path below the folder.
            states: what `state_of_media` said of each before its digest was taken.
        """
        rows = [(path, digest, (states or {}).get(path, "")) for path, digest in digests.items()]
        with self._changing():
            self._database.execute("DELETE FROM files")
            self._database.executemany("INSERT INTO files VALUES (?, ?, ?)", rows)
            for table in ("found", "moments", "labels", "label_frames", "facts", "warnings"):
                self._database.execute(
                    f"DELETE FROM {table} WHERE digest NOT IN (SELECT digest FROM files)"
                )
            self._database.execute(
                "DELETE FROM vectors WHERE moment NOT IN (SELECT rowid FROM moments)"
            )

    def keep(
        self,
        digest: str,
        kind: str,
        moments: Sequence[IndexedMoment],
        warnings: Sequence[str] = (),
    ) -> None:
        """Keep what was found of one kind in a file, in place of what is there.

        Args:
            digest: of the file.
            kind: of what.
            moments: what was found.
            warnings: what was told while it was looked for, such as that the file is cut short.
        """
        with self._changing():
            self._database.execute(
                "DELETE FROM vectors WHERE moment IN"
                " (SELECT rowid FROM moments WHERE digest = ? AND kind = ?)",
                (digest, kind),
            )
            self._database.execute(
                "DELETE FROM moments WHERE digest = ? AND kind = ?", (digest, kind)
            )
            self._database.executemany(
                "INSERT INTO moments VALUES (?, ?, ?, ?, ?)",
                [(moment.text, digest, kind, moment.start, moment.end) for moment in moments],
            )
            self._set_found(digest, kind, warnings)

    def keep_facts(
        self,
        digest: str,
        facts: FileFacts,
        moments: Sequence[IndexedMoment],
        warnings: Sequence[str] = (),
    ) -> None:
        """Keep what a file says of itself; its title, codecs and chapters are searched as words."""
        with self._changing():
            self._database.execute(
                "INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (digest, *facts),
            )
        self.keep(digest, "facts", moments, warnings)

    def facts(self) -> dict[str, FileFacts]:
        """What each file says of itself, by path; files that were not asked for it lack."""
        with self._told():
            rows = self._database.execute(
                "SELECT path, facts.* FROM files JOIN facts USING (digest) ORDER BY path"
            )
            facts: dict[str, FileFacts] = {}
            for path, _, *row in rows:
                duration, width, height, fps, has_sound, has_subtitles, n_bytes, *codecs = row
                facts[path] = FileFacts(
                    duration, width, height, fps, bool(has_sound), bool(has_subtitles), n_bytes,
                    codecs[0], codecs[1],
                )  # fmt: skip
            return facts

    def counts(self, kind: str) -> dict[str, tuple[int, float]]:
        """How many moments of a kind each file has, and how long they are together, by path.

        Files in which they were not looked for lack.
        """
        with self._told():
            rows = self._database.execute(
                "SELECT path, COUNT(moments.digest), COALESCE(SUM(stop - start), 0) FROM files"
                " JOIN found ON found.digest = files.digest AND found.kind = ?"
                " LEFT JOIN moments ON moments.digest = files.digest AND moments.kind = ?"
                " GROUP BY path ORDER BY path",
                (kind, kind),
            )
            return {path: (count, length) for path, count, length in rows}

    def keep_labels(
        self,
        digest: str,
        frames: LabelFrames,
        sightings: Sequence[LabelSighting],
        warnings: Sequence[str] = (),
    ) -> None:
        """Keep the labels that were found in a file, in place of those that are there."""
        with self._changing():
            self._database.execute("DELETE FROM labels WHERE digest = ?", (digest,))
            self._database.executemany(
                "INSERT INTO labels VALUES (?, ?, ?, ?)",
                [(sight.label, digest, sight.time, sight.score) for sight in sightings],
            )
            self._database.execute(
                "INSERT OR REPLACE INTO label_frames VALUES (?, ?, ?)", (digest, *frames)
            )
            self._set_found(digest, "labels", warnings)

    def warnings(self, kinds: Iterable[str]) -> dict[str, list[str]]:
        """What was told while these kinds were looked for, each once, by path."""
        wanted = set(kinds)
        told: dict[str, list[str]] = {}
        with self._told():
            for path, kind, text in self._database.execute(
                "SELECT path, kind, text FROM files JOIN warnings USING (digest)"
                " ORDER BY path, warnings.rowid"
            ):
                if kind in wanted and text not in told.setdefault(path, []):
                    told[path].append(text)
        return {path: texts for path, texts in told.items() if texts}

    def label_frames(self) -> dict[str, LabelFrames]:
        """How closely labels were looked for, by path; files in which they were not lack."""
        with self._told():
            rows = self._database.execute(
                "SELECT path, n_frames, step FROM files JOIN label_frames USING (digest)"
                " ORDER BY path"
            )
            return {path: LabelFrames(n_frames, step) for path, n_frames, step in rows}

    def sightings(self, label: str) -> dict[str, list[LabelSighting]]:
        """Where exactly this label was found: by path, in order of time; best files first."""
        found: dict[str, list[LabelSighting]] = {}
        with self._told():
            for path, *sight in self._database.execute(
                "SELECT path, time, score, label FROM labels JOIN files USING (digest)"
                " WHERE label = ? ORDER BY path, time",
                (label,),
            ):
                found.setdefault(path, []).append(LabelSighting(*sight))
        best = {path: max(sight.score for sight in found[path]) for path in found}
        return {path: found[path] for path in sorted(found, key=lambda path: -best[path])}

    def moments(self, digest: str, kind: str) -> list[IndexedMoment]:
        """What was found of one kind in a file, in order of time."""
        with self._told():
            rows = self._database.execute(
                "SELECT start, stop, text FROM moments WHERE digest = ? AND kind = ?"
                " ORDER BY start, rowid",
                (digest, kind),
            )
            return [IndexedMoment(*row) for row in rows]

    def search(self, question: str, count: int) -> list[MomentHit]:
        """The moments whose words are those of a question, best first, by BM25.

        Nothing in the question is read as a query: its words are quoted.
        """
        quoted = " OR ".join(f'"{word}"' for word in words_of_question(question))
        if not quoted:
            return []
        with self._told():
            rows = self._database.execute(
                "SELECT files.path, kind, start, stop, text, -bm25(moments) AS score FROM moments"
                " JOIN files ON files.digest = moments.digest WHERE moments MATCH ?"
                " ORDER BY score DESC, files.path, start LIMIT ?",
                (quoted, count),
            ).fetchall()
        return [MomentHit(row[0], row[1], IndexedMoment(*row[2:5]), row[5]) for row in rows]

    def without_vectors(self) -> list[tuple[int, str]]:
        """What is said and written that has no vector yet, as row and text."""
        with self._told():
            return self._database.execute(
                "SELECT rowid, text FROM moments WHERE kind IN ('speech', 'text')"
                " AND TRIM(text) <> '' AND rowid NOT IN (SELECT moment FROM vectors)"
                " ORDER BY rowid"
            ).fetchall()

    def keep_vectors(self, vectors: Sequence[tuple[int, str, bytes]]) -> None:
        """Keep vectors, each with the row and the text of its moment.

        Another process may have put another moment into a row meanwhile: that gets none.
        """
        with self._changing():
            self._database.executemany(
                "INSERT OR REPLACE INTO vectors SELECT rowid, ? FROM moments"
                " WHERE rowid = ? AND text = ?",
                [(vector, row, text) for row, text, vector in vectors],
            )

    def has_vectors(self) -> bool:
        """Whether there is any vector."""
        with self._told():
            return self._database.execute("SELECT 1 FROM vectors LIMIT 1").fetchone() is not None

    def vectors(self) -> list[tuple[int, bytes]]:
        """All vectors, each with the row of its moment."""
        with self._told():
            return self._database.execute(
                "SELECT moment, vector FROM vectors ORDER BY moment"
            ).fetchall()

    def moments_of_rows(self, scores: Mapping[int, float], count: int) -> list[MomentHit]:
        """Moments by row, in that order, each in every file that has its content; so many."""
        hits: list[MomentHit] = []
        with self._told():
            for row, score in scores.items():
                if len(hits) >= count:
                    break
                hits += [
                    MomentHit(path, kind, IndexedMoment(start, stop, text), score)
                    for path, kind, start, stop, text in self._database.execute(
                        "SELECT files.path, kind, start, stop, text FROM moments"
                        " JOIN files ON files.digest = moments.digest"
                        " WHERE moments.rowid = ? ORDER BY files.path",
                        (row,),
                    )
                ]
        return hits[:count]

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _set_found(self, digest: str, kind: str, warnings: Sequence[str]) -> None:
        self._database.execute("INSERT OR REPLACE INTO found VALUES (?, ?)", (digest, kind))
        self._database.execute("DELETE FROM warnings WHERE digest = ? AND kind = ?", (digest, kind))
        self._database.executemany(
            "INSERT INTO warnings VALUES (?, ?, ?)", [(digest, kind, text) for text in warnings]
        )

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._told(), self._database:
            self._database.execute("BEGIN IMMEDIATE")
            yield

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of SQLite as ours."""
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
                raise DiskFullError(
                    f'the index "{self.path}" is full, or the disk is.',
                    hint="Give it more with --max-mb, or free some space.",
                ) from error
            raise VprogError(
                f'the index "{self.path}" cannot be used: {error}.',
                hint="Name another file: --db FILE.",
            ) from error


_COMMON = words(
    "a about an and are at by did do does for from how in is it of on or say says said that the"
    " there this to video videos was were what when where which who why with"
)


def words_of_question(question: str) -> list[str]:
    """The words that a search is made of, without those that every text has."""
    asked = dict.fromkeys(re.findall(r"[^\W_]+", question.lower()))
    return [word for word in asked if word not in _COMMON] or list(asked)
