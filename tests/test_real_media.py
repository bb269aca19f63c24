"""The media in the repository: each file has its origin, licence and checksum."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.real_media import FOLDERS, MediaFolder, find_media

FOLDER = FOLDERS[0]
MOST_BYTES = 25_000_000


def _rows() -> dict[str, list[str]]:
    """Origin, licence and checksum by file, as README.md says."""
    lines = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    return {name: rest for name, *rest in cells[2:]}


def _files() -> dict[str, Path]:
    return {
        path.relative_to(FOLDER).as_posix(): path
        for path in FOLDER.rglob("*")
        if path.is_file() and "licen" not in path.as_posix().lower() and path.name != "README.md"
    }


def test_real_media_have_origin_licence_and_checksum() -> None:
    rows, files = _rows(), _files()
    assert set(rows) == set(files)
    for name, path in files.items():
        origin, licence, checksum = rows[name]
        assert origin, name
        assert licence, name
        assert checksum == hashlib.sha256(path.read_bytes()).hexdigest(), name


def test_real_media_are_few() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*")) < MOST_BYTES


def test_real_media_licence_texts_are_there() -> None:
    texts = {path.name.split("-")[0] for path in (FOLDER / "licences").iterdir()}
    assert texts == {"moviepy", "pocketsphinx", "torchcodec", "whisper"}
    for name, (_, licence, _) in _rows().items():
        if licence.startswith("PySceneDetect"):
            beside = (FOLDER / name).parent / "LICENSE.PySceneDetect-resources.txt"
            assert "Distribution without modification" in beside.read_text(encoding="utf-8")


def test_real_media_of_the_repository_come_first() -> None:
    assert find_media("speech/jfk.flac") == FOLDER / "speech" / "jfk.flac"
    assert MediaFolder() / "speech" / "jfk.flac" == FOLDER / "speech" / "jfk.flac"
    assert MediaFolder() / "speech/jfk.flac" == FOLDER / "speech" / "jfk.flac"


def test_real_media_that_are_nowhere_skip_the_test() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"clips/nobody_has\.mp4 may not be passed on"):
        MediaFolder() / "clips" / "nobody_has.mp4"
