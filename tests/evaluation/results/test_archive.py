"""Archives of somebody else: read within bounds, whatever they say of themselves, or refused."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from vprog.errors import UsageError
from vprog.evaluation.results.archive import (
    MEMBERS,
    ArchiveWriter,
    EvalManifest,
    keep_tables_in,
    open_archive,
)

CENTRAL = b"PK\x01\x02"


def _archive(path: Path, manifest: bytes = b'{"format": 1}') -> bytearray:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", manifest)
        for name in MEMBERS:
            archive.writestr(name, b"")
    return bytearray(path.read_bytes())


def test_archive_that_is_nested_too_deep_is_refused(tmp_path: Path) -> None:
    _archive(tmp_path / "a.zip", b'{"settings": {"a": ' + b"[" * 200_000)
    with pytest.raises(UsageError, match="no archive of an evaluation"):
        open_archive(tmp_path / "a.zip")


@pytest.mark.parametrize(
    ("local", "central", "value"), [(8, 10, 99), (6, 8, 1)], ids=["unknown method", "encrypted"]
)
def test_archive_that_cannot_be_unpacked_is_refused(
    tmp_path: Path, local: int, central: int, value: int
) -> None:
    data = _archive(tmp_path / "a.zip")
    for at in (local, data.find(CENTRAL) + central):
        data[at : at + 2] = struct.pack("<H", value)
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(UsageError, match="no archive of an evaluation"):
        open_archive(tmp_path / "a.zip")


def test_archive_that_unpacks_to_more_than_memory_is_refused_before(tmp_path: Path) -> None:
    data = _archive(tmp_path / "a.zip")
    at = data.find(CENTRAL)
    for _ in MEMBERS:  # each below the limit, all together above it
        at = data.find(CENTRAL, at + 4)
        data[at + 24 : at + 28] = struct.pack("<I", 900_000_000)
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(UsageError, match="unpacks to more than 2000 MB"):
        open_archive(tmp_path / "a.zip")


def _written(path: Path, tables: dict[str, bytes]) -> bytes:
    writer = ArchiveWriter(path)
    for name in MEMBERS:
        writer.add_lines(name, [f"{name}\n".encode()] * 3)
    writer.end(EvalManifest(), [], lambda key: Path(key), tables)
    return path.read_bytes()


def test_archive_gives_back_lines_and_tables_and_is_the_same_bytes(tmp_path: Path) -> None:
    first = _written(tmp_path / "a.zip", {"arms.json": b"{}"})
    assert _written(tmp_path / "b.zip", {"arms.json": b"{}"}) == first
    with open_archive(tmp_path / "a.zip") as archive:
        assert archive.tables == {"arms.json": b"{}"}
        assert list(archive.lines("answers.jsonl")) == [b"answers.jsonl\n"] * 3
    # Tables that are put in afterwards give what it had been with them from the beginning.
    _written(tmp_path / "c.zip", {"audit.json": b"[]"})
    keep_tables_in(tmp_path / "c.zip", {"arms.json": b"{}"})
    assert (tmp_path / "c.zip").read_bytes() == first


def test_archive_leaves_files_alone_that_are_no_tables(tmp_path: Path) -> None:
    _written(tmp_path / "a.zip", {})
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        for name in (
            "tables/../../evil.json",
            "tables/sub/x.json",
            "tables/.json",
            "/tables/x.json",
        ):
            archive.writestr(name, b"{}")
    with open_archive(tmp_path / "a.zip") as opened:
        assert opened.tables == {}
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        archive.writestr("tables/x.json", b"{}")
    with pytest.raises(UsageError, match=r"tables/x\.json is not what the manifest says"):
        open_archive(tmp_path / "a.zip")
