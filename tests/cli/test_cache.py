"""`vprog cache`."""

from __future__ import annotations

from pathlib import Path

import pytest

import vprog as library
from tests.cli.command import vprog

pytestmark = pytest.mark.usefixtures("home")


def test_cache_says_what_it_holds_and_forgets_it(
    clip: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPROG_CACHE_DIR", str(home / "c"))
    library.run(clip, "answer(len([frame_at(video, k / 10) for k in range(3)]))")
    ran = vprog("cache", "info")
    assert ran.code == 0
    assert "frame_at: 3 results" in ran.out
    assert vprog("cache", "clear").out.endswith("results removed\n")
    assert "frame_at" not in vprog("cache", "info").out
    library.close()


def test_cache_says_what_modules_keep_and_removes_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPROG_CACHE_DIR", str(home / "c"))
    index = home / "c" / "modules" / "embeddings" / "film.index"
    index.parent.mkdir(parents=True)
    index.write_bytes(bytes(2_000_000))
    assert "1 file of modules, 2.00 MB" in vprog("cache", "info").out
    assert vprog("cache", "clear").code == 0
    assert not index.exists()


def test_cache_says_and_forgets_how_fast_calls_were_and_keeps_indexes_of_folders(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPROG_CACHE_DIR", str(home / "c"))
    speeds, library_file = home / "c" / "speeds.sqlite", home / "c" / "libraries" / "one.sqlite"
    library_file.parent.mkdir(parents=True)
    speeds.write_bytes(bytes(30_000))
    library_file.write_bytes(bytes(4_000_000))
    told = vprog("cache", "info").out
    assert f"{home / 'c'}: 1 file with how fast calls were here, 0.03 MB" in told
    assert "libraries: 1 file of indexes of folders, which `vprog cache clear` keeps, 4.00" in told
    assert vprog("cache", "clear").code == 0
    assert not speeds.exists()
    assert library_file.exists()


def test_cache_that_cannot_be_opened_is_an_error(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").write_text("")
    monkeypatch.setenv("VPROG_CACHE_DIR", str(home / "file" / "c"))
    ran = vprog("cache", "info")
    assert ran.code == 1
    assert "VPROG_CACHE_DIR" in ran.err


def test_cache_merge_is_the_union_of_the_caches_of_the_parts(
    clip: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = {"one": range(3), "two": range(2, 5)}
    for name, frames in parts.items():
        monkeypatch.setenv("VPROG_CACHE_DIR", str(home / name))
        library.run(clip, f"answer(len([frame_at(video, k / 10) for k in {list(frames)}]))")
        library.close()
    monkeypatch.setenv("VPROG_CACHE_DIR", str(home / "all"))
    ran = vprog("cache", "merge", home / "one", home / "two")
    assert ran.code == 0
    one, two = ran.out.splitlines()
    assert one.endswith(" taken, 0 were there")
    assert not two.endswith(" 0 were there")
    result = library.run(clip, "answer(len([frame_at(video, k / 10) for k in range(5)]))")
    assert result.cost.module_calls["cached"] == 5
    assert result.cost.module_calls["executed"] == 0
    library.close()


def test_cache_merge_refuses_what_is_no_cache_and_itself(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPROG_CACHE_DIR", str(home / "c"))
    assert vprog("cache", "info").code == 0
    (home / "empty").mkdir()
    assert "holds no results.sqlite" in vprog("cache", "merge", home / "empty").err
    (home / "empty" / "results.sqlite").write_text("no database, but long enough to be one" * 9)
    ran = vprog("cache", "merge", home / "empty")
    assert ran.code == 1
    assert "cannot be merged" in ran.err
    assert "is this cache itself" in vprog("cache", "merge", home / "c").err
