"""`vprog index` and `vprog ask`: a folder of small clips, indexed once, killed, moved, asked."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.cli.command import finish, start, vprog
from tests.drawing import draw_video
from tests.real_media import MediaFolder
from vprog.trace.store import run_folders

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
        labels = database.execute("SELECT * FROM label_frames LEFT JOIN labels USING (digest)")
        facts = database.execute("SELECT * FROM facts")
        vectors = database.execute(
            "SELECT digest, text, vector FROM moments JOIN vectors ON moment = moments.rowid"
        )
        return sorted([*moments, *labels, *facts, *vectors], key=repr)


def index(folder: Path, db: Path) -> tuple[int, str]:
    ran = vprog("index", folder, "--db", db, "--without", "text", "--without", "labels")
    return ran.code, ran.out


def index_labels(folder: Path, db: Path) -> None:
    others = [word for kind in ("shots", "speech", "text") for word in ("--without", kind)]
    assert vprog("index", folder, "--db", db, *others).code == 0


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
    assert part["not_looked_for"] == dict.fromkeys(
        ("text", "labels"), sorted(["a.mp4", "b.mp4", HOSTILE])
    )
    assert len(part["moments"]) == 2
    assert part["has_more_moments"]
    assert len(part["not_asked"]) == 2  # one by its words, one by meaning
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
    ran = vprog("index", folder, "--db", db, "--without", "text", "--without", "labels")
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


def test_runs_of_an_index_are_none_of_the_users_and_go_once_they_are_indexed(
    folder: Path, tmp_path: Path
) -> None:
    db = tmp_path / "index.sqlite"
    failing = vprog("index", folder, "--db", db, "--set", "max_calls=0", "--without", "text")
    assert failing.code == 3
    kept = run_folders(tmp_path / "index.sqlite.runs")
    assert kept
    assert "runs of what failed: vprog view " in failing.err
    for run in kept:
        shutil.rmtree(run)
    assert index(folder, db)[0] == 0
    assert run_folders(tmp_path / "index.sqlite.runs") == []
    assert vprog("trace", "list", "--json").json == []


def test_one_that_was_killed_goes_on_to_the_same_index(folder: Path, tmp_path: Path) -> None:
    whole, resumed = tmp_path / "whole.sqlite", tmp_path / "resumed.sqlite"
    assert vprog("index", folder, "--db", whole, "--without", "text").code == 0
    process = start("index", folder, "--db", resumed, "--without", "text")
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("2 of 3"):
            break
    process.kill()
    finish(process)
    assert 0 < len(rows(resumed)) < len(rows(whole))
    assert vprog("index", folder, "--db", resumed, "--without", "text").code == 0
    assert rows(resumed) == rows(whole)


def test_without_an_index_it_says_how_to_make_one(folder: Path) -> None:
    ran = vprog("ask", folder, "fox")
    assert ran.code != 0
    assert "vprog index" in ran.err


def test_an_empty_folder_and_an_empty_question_are_errors(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = vprog("index", tmp_path / "empty", "--db", tmp_path / "none.sqlite")
    assert (ran.code, "is a folder without a video or sound file" in ran.err) == (2, True)
    assert not (tmp_path / "none.sqlite").exists()
    asked = vprog("ask", folder, " ")
    assert (asked.code, "the question is empty" in asked.err) == (2, True)


def test_a_thing_is_found_in_the_clips_that_show_it(tmp_path: Path, media_dir: MediaFolder) -> None:
    films, db = tmp_path / "films", tmp_path / "index.sqlite"
    films.mkdir()
    for path in (media_dir / "clips" / "tree.avi", media_dir / "speech" / "jfk.flac"):
        shutil.copy(str(path), films)
    shutil.copy(str(media_dir / "clips" / "dog.mp4"), films)
    index_labels(films, db)
    ask = ("ask", films, "--db", db, "--solve", 0)
    (pooch,) = vprog(*ask, "In which clips is a pooch?", "--json").json["labels"]
    (file,) = pooch["files"]
    assert (pooch["label"], file["file"], pooch["not_found_in"]) == ("dog", "dog.mp4", ["tree.avi"])
    assert all(0 < sight["time"] < 9.7 and sight["score"] >= 0.5 for sight in file["moments"])
    told = vprog(*ask, "In which clips is a dog?")
    assert told.out.startswith("dog.mp4  dog: 0:0")
    assert "dog: found in 1 of 2 files, in one frame every 2" in told.out
    none = vprog(*ask, "Where is a red hot dog?")
    assert "hot dog: found in no file of 2, in one frame every 2" in none.out
    assert "short or small sights may be missed" in none.out
    assert "dog.mp4" not in none.out
    assert 'the detector does not know "red"' in none.err


def test_a_likeness_is_given_with_the_doubt_about_it(
    tmp_path: Path, media_dir: MediaFolder
) -> None:
    films, db = tmp_path / "films", tmp_path / "index.sqlite"
    films.mkdir()
    shutil.copy(str(media_dir / "shots" / "testvideo.mp4"), films)  # a leaf, and a deer
    index_labels(films, db)
    ask = ("ask", films, "--db", db, "--solve", 0)
    leaf = vprog(*ask, "which clips have no birds?").out
    assert leaf.startswith("testvideo.mp4  bird: 0:01 (0.7")
    assert "bird: found in 1 of 1 file, in one frame every 2 s" in leaf
    assert "what looks alike may be taken for it" in leaf
    assert "Where a thing is not, labels do not tell" in leaf
    assert "person: found in no file of 1" in vprog(*ask, "where are people?").out


def test_files_that_changed_since_are_named(folder: Path, tmp_path: Path) -> None:
    db = tmp_path / "index.sqlite"
    index(folder, db)
    ask = ("ask", folder, "fox", "--db", db, "--solve", 0)
    assert vprog(*ask, "--json").json["changed_since"] == []
    os.utime(folder / "a.mp4", (1, 1))  # another time of writing, the same bytes
    assert vprog(*ask, "--json").json["changed_since"] == []
    (folder / "a.srt").write_text("1\n00:00:00,200 --> 00:00:01,500\na grey fox\n")
    (folder / "b.mp4").unlink()
    late = vprog(*ask, "--json").json
    assert (late["changed_since"], late["gone_since"]) == (["a.mp4"], ["b.mp4"])
    assert late["moments"] == []  # what was said there may be said no more
    told = vprog(*ask).err
    assert "left out: a.mp4: changed since it was indexed; run `vprog index` again" in told
    assert "left out: b.mp4: gone since it was indexed" in told
    counted = vprog("ask", folder, "How many files have speech?", "--db", db)
    assert counted.out.startswith("1 of 1 file\n")


def test_files_that_were_read_only_in_part_are_named_with_each_answer(
    tmp_path: Path, clip: Path
) -> None:
    films, db = tmp_path / "films", tmp_path / "index.sqlite"
    films.mkdir()
    shutil.copy(clip, films)
    drawn = draw_video(films / "drawn.mkv", 40, fps=10)
    drawn.write_bytes(drawn.read_bytes()[: drawn.stat().st_size // 2])
    make = ("index", films, "--db", db, "--without", "text", "--without", "labels")
    assert vprog(*make).code == 0
    drawn.rename(films / "short.mkv")  # the digest is the same, so that nothing is looked at again
    assert "moved: short.mkv" in vprog(*make).out
    for question, text in (
        ("Which files have no speech?", "2 of 2 files; 1 file read only in part or with doubt\n"),
        ("a red whale", "Nothing that is said or written there has words of the question.\n"),
    ):
        told = vprog("ask", films, question, "--db", db, "--solve", 0)
        assert told.out.startswith(text)
        assert "read only in part or with doubt: short.mkv: cut short: " in told.err
    plain = vprog("ask", films, "How many files are there?", "--db", db).out
    assert plain == "2 of 2 files\n  clip.mp4\n  short.mkv\n"
    longest = vprog("ask", films, "Which file is the longest?", "--db", db, "--json").json["joined"]
    assert list(longest["doubtful"]) == ["short.mkv"]


def test_a_question_over_all_files_is_answered_with_the_files(folder: Path, tmp_path: Path) -> None:
    db = tmp_path / "index.sqlite"
    index(folder, db)
    (folder / "late.mp4").write_bytes((folder / "a.mp4").read_bytes())
    ask = ("ask", folder, "How many files have speech?", "--db", db)
    told = vprog(*ask)
    assert told.out.startswith("3 of 3 files\n")
    assert "a.mp4  1 piece of speech, 0:01.3 in all" in told.out
    assert "not indexed: late.mp4" in told.err
    joined = vprog(*ask, "--json").json
    assert joined["joined"]["value"] == 3.0
    assert (joined["answers"], joined["moments"]) == ({}, [])
    silent = vprog("ask", folder, "Which videos have no sound?", "--db", db).out
    assert silent.startswith(("0 of 3 files", "3 of 3 files"))
    near = vprog("ask", folder, "an animal of the sea", "--db", db, "--solve", 0)
    assert "Near in meaning, which is no proof:\nb.mp4  0:00.2-0:01.5  speech: a blue" in near.out
    unknown = vprog("ask", folder, "Which videos have text?", "--db", db)
    assert unknown.out.startswith("0 of 0 files")
    assert "not in this answer: a.mp4: text not looked for" in unknown.err


def test_files_that_a_label_is_found_in_are_asked_too(folder: Path, tmp_path: Path) -> None:
    from vprog.library.index_file import IndexFile, LabelFrames, LabelSighting

    db = tmp_path / "index.sqlite"
    others = [
        word for kind in ("shots", "speech", "text", "labels") for word in ("--without", kind)
    ]
    assert vprog("index", folder, "--db", db, *others).code == 0
    opened = IndexFile(db)
    seen = LabelSighting(1.0, 0.9, "zebra")
    for name, digest in opened.files().items():
        sightings = [seen] if name == "b.mp4" else []
        opened.keep_labels(digest, LabelFrames(1, 2.0), sightings)
    opened.close()
    ask = ("ask", folder, "How bright is it where the zebra is?", "--db", db, "--json")
    assert list(vprog(*ask).json["answers"]) == ["b.mp4"]
    assert vprog(*ask, "--solve", 0).json["answers"] == {}
