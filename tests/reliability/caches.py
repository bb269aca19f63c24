"""Cache folders and files that are damaged, taken, or in the way: a question is answered anyway."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import vprog
from tests.drawing import draw_video
from tests.reliability.outcome import Attack, Field, Verdict

PROGRAM = """\
frames = sample_frames(video, fps=4.0)
levels = measure_brightness(video)
answer([len(frames), len(levels), len(find_shots(video))])
"""
FILE = "results.sqlite"


def attacks(seed: int, count: int) -> Iterator[Attack]:
    """`count` caches, each spoilt in one of the ways below."""
    for number in range(count):
        spoil = WAYS[number % len(WAYS)]
        chance = random.Random(f"{seed}:{number}")
        yield Attack(f"{spoil.__name__} {number} of seed {seed}", partial(attempt, spoil, chance))


def attempt(
    spoil: Callable[[Path, random.Random], object], chance: random.Random
) -> tuple[Verdict, str]:
    """Ask over a spoilt cache twice: the answer is right, what is wrong with the cache is said."""
    clip, filled, truth = prepared()
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "cache"
        shutil.copytree(filled, folder)
        held = spoil(folder, chance)
        before = _newer(folder)
        results = [ask(clip, folder) for _ in range(2)]
        if any(result.answer != truth for result in results):
            return "wrong", str([(result.status, result.answer) for result in results])
        if _newer(folder) != before:
            return "wrong", "the cache of a newer vprog was changed"
        is_told = any("cache" in warning for warning in results[0].warnings)
        n_executed = results[0].cost.module_calls["executed"]
        if n_executed and not is_told and spoil.__name__ not in UNTOLD:
            return "wrong", "results of the cache were lost without a word"
        if isinstance(held, sqlite3.Connection):
            held.close()
    return "survived", ""


def ask(clip: Path, folder: Path) -> vprog.Result:
    with vprog.Engine(cache_dir=folder, trace_dir=folder.parent / "traces") as engine:
        return engine.run(clip, PROGRAM)


@cache
def prepared() -> tuple[Path, Path, object]:
    """A clip, a cache that holds what a question about it needs, and the right answer."""
    home = Path(tempfile.mkdtemp(prefix="vprog-caches-"))
    clip = draw_video(home / "clip.mp4", 20, fps=10, size=(96, 64))
    result = ask(clip, home / "cache")
    assert result.status == "answered", result.error
    return clip, home / "cache", result.answer


def _newer(folder: Path) -> bytes:
    """The bytes of the cache of a newer vprog, if it is one."""
    file = folder / FILE
    if not file.is_file() or file.is_symlink():
        return b""
    data = file.read_bytes()
    return data if int.from_bytes(data[60:64], "big") == 77 else b""  # where SQLite has it


def _sql(folder: Path, script: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / FILE)) as database:
        database.executescript(script)


def bytes_flipped(folder: Path, chance: random.Random) -> None:
    """Up to 40, anywhere in the file."""
    data = bytearray((folder / FILE).read_bytes())
    for _ in range(chance.randint(1, 40)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    (folder / FILE).write_bytes(bytes(data))


def header_flipped(folder: Path, chance: random.Random) -> None:
    """A byte of the first hundred."""
    data = bytearray((folder / FILE).read_bytes())
    data[chance.randrange(100)] = chance.randrange(256)
    (folder / FILE).write_bytes(bytes(data))


def truncated(folder: Path, chance: random.Random) -> None:
    """Anywhere, also to nothing."""
    os.truncate(folder / FILE, chance.randrange((folder / FILE).stat().st_size))


def log_of_noise(folder: Path, chance: random.Random) -> None:
    """A write-ahead log beside it that no database wrote."""
    (folder / f"{FILE}-wal").write_bytes(chance.randbytes(5000))
    (folder / f"{FILE}-shm").write_bytes(chance.randbytes(32768))


def values_of_other_types(folder: Path, chance: random.Random) -> None:
    """Text, numbers, nothing, other bytes, in any column."""
    column = chance.choice(("value", "digest", "task", "used"))
    value = chance.choice(("'text'", "7", "1.5", "NULL", "x'ff00'", "zeroblob(100000)"))
    _sql(folder, f"UPDATE results SET {column} = {value}")


def text_that_does_not_decode(folder: Path, chance: random.Random) -> None:
    """Bytes that are no UTF-8, stored as text."""
    column = chance.choice(("value", "digest", "task"))
    _sql(folder, f"UPDATE results SET {column} = CAST(x'80ff' AS TEXT)")


def values_swapped(folder: Path, chance: random.Random) -> None:
    """Every result under the key of another, with a digest that fits."""
    _sql(
        folder,
        "UPDATE results SET value = CAST('[7]' AS BLOB), digest = x'00'",
    )


def other_schema(folder: Path, chance: random.Random) -> None:
    """At the version of ours."""
    _sql(
        folder,
        chance.choice(
            (
                "DROP TABLE results",
                "ALTER TABLE results DROP COLUMN digest",
                "ALTER TABLE results ADD COLUMN more",
                "ALTER TABLE results RENAME TO others",
                "CREATE INDEX slow ON results (task)",
                "CREATE TRIGGER t BEFORE INSERT ON results BEGIN SELECT RAISE(ABORT, 'no'); END",
                "DROP TABLE results; CREATE TABLE results (a, b)",
            )
        ),
    )


def newer_schema(folder: Path, chance: random.Random) -> None:
    """Of a later vprog."""
    _sql(folder, "PRAGMA user_version = 77; ALTER TABLE results ADD COLUMN later")


def file_in_place_of_the_folder(folder: Path, chance: random.Random) -> None:
    """The folder cannot be made."""
    shutil.rmtree(folder)
    folder.write_bytes(b"")


def folder_in_place_of_the_file(folder: Path, chance: random.Random) -> None:
    """The file cannot be made."""
    (folder / FILE).unlink()
    (folder / FILE / "more").mkdir(parents=True)


def link_in_place_of_the_file(folder: Path, chance: random.Random) -> None:
    """To a device, a file of the system, itself, or nowhere."""
    (folder / FILE).unlink()
    target = chance.choice(("/dev/full", "/proc/self/status", FILE, "/nowhere/at/all"))
    (folder / FILE).symlink_to(target)


def pipe_in_place_of_the_log(folder: Path, chance: random.Random) -> None:
    """The write-ahead log cannot be made."""
    tail = chance.choice(("-wal", "-shm"))
    (folder / f"{FILE}{tail}").unlink(missing_ok=True)
    (folder / f"{FILE}{tail}").mkdir()


def held_by_another(folder: Path, chance: random.Random) -> sqlite3.Connection:
    """By a process that lets nobody in, or nobody write."""
    holder = sqlite3.connect(folder / FILE)
    if chance.random() < 0.5:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    return holder


def another_format(folder: Path, chance: random.Random) -> None:
    """No database at all."""
    (folder / FILE).write_bytes(
        chance.choice((b"\0" * 9000, chance.randbytes(9000), b"text\n" * 99))
    )


WAYS: tuple[Callable[[Path, random.Random], object], ...] = (
    bytes_flipped, header_flipped, truncated, log_of_noise, values_of_other_types,
    text_that_does_not_decode, values_swapped, other_schema, newer_schema,
    file_in_place_of_the_folder, folder_in_place_of_the_file, link_in_place_of_the_file,
    pipe_in_place_of_the_log, held_by_another, another_format,
)  # fmt: skip

UNTOLD = {"truncated", "bytes_flipped", "header_flipped"}
"""A flipped byte of a key, and a file cut to nothing, are as if nothing had been kept."""

FIELD = Field("caches damaged, taken or in the way", attacks, 100)
