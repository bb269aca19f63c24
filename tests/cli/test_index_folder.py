"""`vprog index` and `vprog ask`: a folder of small clips, indexed once, killed, moved, asked."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.cli.command import finish, start, vprog

pytestmark = pytest.mark.usefixtures("home")

HOSTILE = '--count "x" NEAR\n.mp4'


@pytest.fixture
def folder(tmp_path: Path, clip: Path) -> Path:
    """Three clips of different content; what is said in each stands in subtitles beside it."""
    below = tmp_path / "films"
    below.mkdir()
    for name, said in (("a.mp4", "a red fox"), ("b.mp4", "a blue whale"), (HOSTILE, "an owl")):
        shutil.copy(clip, below / name)
        subtitles = (below / name).with_suffix(".srt")
        subtitles.write_text(f"1\n00:00:00,200 --> 00:00:01,500\n{said}\n")
    return below


def rows(path: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as database:
        moments = database.execute("SELECT digest, kind, start, stop, text FROM moments")
        return sorted(moments.fetchall())


def index(folder: Path, db: Path) -> tuple[int, str]:
    ran = vprog("index", folder, "--db", db, "--without", "text")
    return ran.code, ran.out


def test_a_question_finds_the_file_and_the_moment(folder: Path, tmp_path: Path) -> None:
    db = tmp_path / "index.sqlite"
    assert index(folder, db)[0] == 0
    asked = ("--db", db, "--solve", 1, "--json")
    ran = vprog("ask", folder, "What do the subtitles say about a whale?", *asked)
    assert [(moment["file"], moment["start"]) for moment in ran.json["moments"]] == [("b.mp4", 0.2)]
    assert list(ran.json["answers"]) == ["b.mp4"]
    assert set(ran.json["searched"]) == {"a.mp4", "b.mp4", HOSTILE}
    owl = vprog("ask", folder, "owls", "--db", db, "--solve", 0, "--json").json
    assert [moment["file"] for moment in owl["moments"]] == [HOSTILE]


def test_nothing_is_left_out_in_silence(folder: Path, tmp_path: Path) -> None:
    db = tmp_path / "index.sqlite"
    index(folder, db)
    ask = ("ask", folder, "fox whale owl", "--db", db)
    part = vprog(*ask, "--count", 2, "--solve", 1, "--json").json
    assert part["not_looked_for"] == {"text": sorted(["a.mp4", "b.mp4", HOSTILE])}
    assert len(part["moments"]) == 2
    assert part["has_more_moments"]
    assert len(part["not_asked"]) == 1
    told = vprog(*ask, "--count", 2, "--solve", 0)
    assert "text: not looked for in 3 files" in told.err
    assert "more moments have these words; 2 are shown" in told.err
    whole = vprog(*ask, "--count", 3, "--solve", 0, "--json").json
    assert not whole["has_more_moments"]
    (database := sqlite3.connect(db)).execute("DELETE FROM found WHERE kind = 'speech'")
    database.commit()  # as after a kill
    database.close()
    assert len(vprog(*ask, "--json").json["not_looked_for"]["speech"]) == 3


def test_only_what_changed_is_looked_at_and_told(folder: Path, tmp_path: Path) -> None:
    db = tmp_path / "index.sqlite"
    index(folder, db)
    (folder / "a.mp4").rename(folder / "c.mp4")
    (folder / "a.srt").rename(folder / "c.srt")
    (folder / "b.srt").write_text("1\n00:00:00,200 --> 00:00:01,500\na heron\n")
    (folder / HOSTILE).unlink()
    (folder / "junk.mp4").write_text("no video")
    ran = vprog("index", folder, "--db", db, "--without", "text")
    assert ran.code == 3
    assert "junk.mp4" in ran.err
    assert "cannot be read" not in ran.out
    assert "moved: c.mp4" in ran.out
    assert "changed: b.mp4" in ran.out
    assert "removed: " in ran.out
    assert "c.mp4\n" not in ran.err
    found = vprog("ask", folder, "heron or whale", "--db", db, "--solve", 0, "--json").json
    assert [moment["text"] for moment in found["moments"]] == ["a heron"]
    assert found["not_indexed"] == ["junk.mp4"]


def test_one_that_was_killed_goes_on_to_the_same_index(folder: Path, tmp_path: Path) -> None:
    whole, resumed = tmp_path / "whole.sqlite", tmp_path / "resumed.sqlite"
    index(folder, whole)
    process = start("index", folder, "--db", resumed, "--without", "text")
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("2 of 3"):
            break
    process.kill()
    finish(process)
    assert 0 < len(rows(resumed)) < len(rows(whole))
    assert index(folder, resumed)[0] == 0
    assert rows(resumed) == rows(whole)


def test_without_an_index_it_says_how_to_make_one(folder: Path) -> None:
    ran = vprog("ask", folder, "fox")
    assert ran.code != 0
    assert "vprog index" in ran.err
