"""Filling an index: the files of a folder, and what is not yet known of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vprog.config import load_settings
from vprog.errors import VprogError
from vprog.evaluation.case_list import media_below
from vprog.library.index_file import IndexedMoment, IndexFile
from vprog.library.kinds import PROGRAMS
from vprog.media.fingerprint import file_hash, hash_with_subtitles
from vprog.media.subtitle_files import find_subtitles
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

    Args:
        folder: where the files lie, at any depth.
        index: what is filled.
        engine: runs the programs.
        kinds: of `PROGRAMS`.
        tell: is given a line for each file that is looked at.
    """
    done = IndexChanges()
    digests: dict[str, str] = {}
    for path in media_below(folder):
        name = str(path.relative_to(folder))
        try:
            name.encode()
            digests[name] = digest_of_media(path)
        except UnicodeEncodeError:
            done.failed[ascii(name)] = "its name is not UTF-8"
        except VprogError as error:
            done.failed[name] = str(error)
    _compare(index.files(), digests, done)
    index.set_files(digests)
    known = index.found()
    for number, (name, digest) in enumerate(digests.items(), start=1):
        lacking = [kind for kind in kinds if (digest, kind) not in known]
        if not lacking:
            continue
        tell(f"{number} of {len(digests)}: {name}")
        for kind in lacking:
            try:
                moments = _moments(engine.run(folder / name, PROGRAMS[kind]))
            except VprogError as error:
                done.failed[name] = str(error)
                break
            if isinstance(moments, str):
                done.failed[f"{name} ({kind})"] = moments
                continue
            index.keep(digest, kind, moments)
            known.add((digest, kind))
    return done


def place_of_index(folder: Path, settings: Mapping[str, Any]) -> Path:
    """Where the index of a folder lies, if nothing else is said: in the cache folder."""
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    return load_settings(settings).cache_dir / "libraries" / f"{name}.sqlite"


def digest_of_media(path: Path) -> str:
    """The digest of a file and of the subtitles beside it."""
    digest = file_hash(path)
    beside = find_subtitles(path)
    return digest if beside is None else hash_with_subtitles(digest, beside)


def _moments(result: Result) -> list[IndexedMoment] | str:
    """What a program of `PROGRAMS` found; a text that says why there is nothing."""
    if result.error is not None:
        return result.error.message
    moments = []
    lines = result.answer if isinstance(result.answer, list) else []
    for line in lines:
        start, end, text = str(line).split("\t", 2)
        moments.append(IndexedMoment(float(start), float(end), text))
    return moments


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
