"""`vprog index` over many files: killed three times, by two processes at once, and in one pass.

    python -m benchmarks.index_killed [--files 200]

Draws clips of 2 to 6 seconds with different subtitles, indexes their facts, shots and speech in
fresh processes, and prints whether the three indexes are equal, the seconds of each, the size,
and what a question over them takes: the search alone, and the whole command `vprog ask`.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.drawing import draw_video
from vprog.library.index_file import IndexFile

ANIMALS = ("fox", "whale", "owl", "heron", "badger", "lynx", "otter", "raven", "stoat", "adder")
COMMAND = [sys.executable, "-m", "vprog"]


def draw_films(folder: Path, n_files: int) -> None:
    """Clips that differ, each with what is said in it beside it."""
    for number in range(n_files):
        path = folder / f"film{number:04d}.mp4"
        draw_video(path, 20 + number % 40, fps=10, size=(160, 120), gop=10)
        with path.open("ab") as file:  # a box that players skip: no two files have one digest
            file.write((16).to_bytes(4, "big") + b"free" + number.to_bytes(8, "big"))
        said = f"scene {number}: the {ANIMALS[number % 10]} meets the {ANIMALS[number // 10 % 10]}"
        path.with_suffix(".srt").write_text(f"1\n00:00:00,200 --> 00:00:01,500\n{said}\n")


def begin(films: Path, db: Path) -> subprocess.Popen[str]:
    """One `vprog index`, with a cache of its own."""
    home = {"VPROG_CACHE_DIR": f"{db}.cache", "VPROG_TRACE_DIR": f"{db}.traces"}
    command = [*COMMAND, "index", str(films), "--db", str(db), "--without", "text",
               "--without", "labels"]  # fmt: skip
    return subprocess.Popen(
        command,
        env={**os.environ, **home},
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def kill_at(process: subprocess.Popen[str], number: int) -> None:
    """Kill it when it comes to a file.

    Raises:
        SystemExit: it ended before.
    """
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(f"{number} of "):
            break
    else:
        raise SystemExit(f"vprog index ended before file {number}.")
    process.kill()
    process.wait()


def finish(process: subprocess.Popen[str]) -> None:
    """Wait for its end.

    Raises:
        SystemExit: it failed.
    """
    _, told = process.communicate()
    if process.returncode:
        raise SystemExit(f"vprog index ended with {process.returncode}:\n{told[-2000:]}")


def rows(db: Path) -> list[tuple[object, ...]]:
    """All that an index holds."""
    with sqlite3.connect(db) as database:
        moments = database.execute("SELECT digest, kind, start, stop, text FROM moments")
        found = database.execute("SELECT digest, kind FROM found")
        files = database.execute("SELECT path, digest FROM files")
        facts = database.execute("SELECT * FROM facts")
        vectors = database.execute(
            "SELECT digest, kind, start, text, vector FROM moments"
            " JOIN vectors ON vectors.moment = moments.rowid"
        )
        return sorted([*moments, *found, *files, *facts, *vectors], key=repr)


def main() -> None:
    """Draw, index three ways, compare, ask."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--files", type=int, default=200)
    n_files = reader.parse_args().files
    with tempfile.TemporaryDirectory() as home:
        films = Path(home, "films")
        films.mkdir()
        draw_films(films, n_files)
        whole, killed, shared = (Path(home, name) for name in ("whole", "killed", "shared"))

        began = time.perf_counter()
        finish(begin(films, whole))
        print(f"one pass: {time.perf_counter() - began:.1f} s, {whole.stat().st_size / 1e6:.2f} MB")

        began = time.perf_counter()
        for quarter in (1, 2, 3):
            kill_at(begin(films, killed), n_files * quarter // 4)
        finish(begin(films, killed))
        print(f"killed -9 three times, resumed: {time.perf_counter() - began:.1f} s,"
              f" equal: {rows(killed) == rows(whole)}")  # fmt: skip

        began = time.perf_counter()
        for process in [begin(films, shared), begin(films, shared)]:
            finish(process)
        print(f"two processes at once: {time.perf_counter() - began:.1f} s,"
              f" equal: {rows(shared) == rows(whole)}")  # fmt: skip

        index = IndexFile(whole)
        times = []
        for animal in ANIMALS * 5:
            began = time.perf_counter()
            hits = index.search(f"Where does the {animal} meet an owl?", 10)
            times.append(time.perf_counter() - began)
        index.close()
        milliseconds = 1000 * statistics.median(times)
        print(f"a question: {milliseconds:.1f} ms in the index, {len(hits)} moments")
        began = time.perf_counter()
        command = [*COMMAND, "ask", films, "Where is an otter?", "--db", whole, "--solve", "0"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        print(f"vprog ask --solve 0, from its start: {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
