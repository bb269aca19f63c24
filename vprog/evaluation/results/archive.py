"""The frozen archive of an evaluation: all that it takes to score it again.

A zip file, the same bytes for the same contents (names in order, no clock in it):

    manifest.json       format, vprog, packages, settings, hardware, models, modules, digests
    cases.jsonl         the cases in the neutral form, videos as their file names them
    answers.jsonl       what came of each: answer, evidence, program, cost, prompts' hashes
    judgements.jsonl    what a model judge was asked and replied; empty without one
    results.jsonl       the verdicts and metrics, as they were first reported
    tables/NAME.json    what arms, audits and other diagnostics added to the report; taken over as
                        it is when the archive is scored again
    traces/ID.jsonl     every event of the run of a case: programs, replies, values of modules

Neither videos nor pictures are in it. An archive may be anybody's: it is read within bounds. It is
written and read line by line, so that it takes no more memory for many cases than for few.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import msgspec

from vprog.errors import UsageError
from vprog.evaluation.kept_list import Chosen, KeptList
from vprog.evaluation.results.answer_record import AnswerRecord
from vprog.version import __version__

FORMAT = 1
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MOST_BYTES = 2_000_000_000
"""Of MEMBERS together, unpacked: more would be no archive of ours."""
_MOST_MANIFEST = 64_000_000
_UNREADABLE = (
    OSError, KeyError, ValueError, zipfile.BadZipFile, msgspec.MsgspecError, zlib.error, EOFError,
    RuntimeError,
)  # fmt: skip
"""What a damaged or made-up zip file raises; encryption, unknown methods and depth are the last."""
_PACKAGES = (
    "av", "numpy", "opencv-python-headless", "onnxruntime", "pydantic-monty", "rapidocr", "torch",
    "transformers", "faster-whisper", "openai",
)  # fmt: skip
_TABLE = re.compile(r"tables/([a-z0-9][a-z0-9-]{0,60}\.json)")
_MOST_TABLES = 64_000_000
"""Bytes of all tables together."""
_CHUNK = 1 << 20
_TRACES = "traces/"
MEMBERS = ("cases.jsonl", "answers.jsonl", "judgements.jsonl", "results.jsonl")


class EvalManifest(msgspec.Struct, kw_only=True):
    """What a run was made with."""

    format: int = FORMAT
    suite: str = ""
    vprog: str = ""
    packages: dict[str, str] = {}
    settings: dict[str, Any] = {}
    hardware: dict[str, Any] = {}
    judge: str = "grammar"
    judge_prompt_sha256: str = ""
    writers: list[str] = []
    answerers: list[str] = []
    modules: list[dict[str, str]] = []
    """Each implementation that served a task, with version and the digest of its weights."""
    videos: dict[str, str] = {}
    """The content hash of each video, by its name."""
    traces_missing: int = 0
    """Runs that were removed before the archive was written: what they called is not in it."""
    sha256: dict[str, str] = {}
    """Of the other members; "traces/" is that of the digests of all traces, in their order."""


def manifest_of(
    records: Iterable[tuple[AnswerRecord, tuple[str, ...]]],
    *,
    suite: str,
    settings: Mapping[str, Any],
    judge: str,
    judge_prompt_sha256: str,
) -> EvalManifest:
    """What records say of how a run was made, and what this computer is.

    Args:
        records: the answers, each with the names of its case's videos.
        suite: the benchmark; "" for none.
        settings: those that were named.
        judge: who judged, and the hash of what it was told.
    """
    writers: set[str] = set()
    answerers: set[str] = set()
    modules: set[tuple[tuple[str, str], ...]] = set()
    videos: dict[str, str] = {}
    versions: set[str] = set()
    for record, names in records:
        facts = record.run
        versions.add(facts.vprog)
        writers.add(facts.writer)
        answerers.add(facts.answerer or "")
        modules |= {tuple(msgspec.to_builtins(module).items()) for module in facts.modules}
        videos.update(zip(names, facts.videos, strict=False))
    return EvalManifest(
        suite=suite,
        vprog=", ".join(sorted(versions - {""})) or __version__,
        packages=_packages(),
        settings={name: str(value) for name, value in sorted(settings.items())},
        hardware=_hardware(),
        judge=judge,
        judge_prompt_sha256=judge_prompt_sha256,
        writers=sorted(writers - {""}),
        answerers=sorted(answerers - {""}),
        modules=[dict(module) for module in sorted(modules)],
        videos=dict(sorted(videos.items())),
    )


class ArchiveWriter:
    """An archive that is being written beside the file that it will be, and then replaces it.

    The members that are scored come first: they can be read again with `reading` before the rest
    is there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fresh = path.with_name(f".{path.name}.new")
        self._digests: dict[str, str] = {}
        zipfile.ZipFile(self._fresh, "w").close()

    def add_lines(self, name: str, lines: Iterable[bytes]) -> None:
        """Add a member of these lines or chunks."""
        digest = hashlib.sha256()
        with (
            zipfile.ZipFile(self._fresh, "a") as archive,
            archive.open(_info(name), "w") as member,
        ):
            for line in lines:
                digest.update(line)
                member.write(line)
        self._digests[name] = digest.hexdigest()

    @contextmanager
    def reading(self) -> Iterator[EvalArchive]:
        """What is there so far."""
        with zipfile.ZipFile(self._fresh) as archive:
            yield EvalArchive(archive, EvalManifest(), {})

    def end(
        self,
        manifest: EvalManifest,
        traced: Iterable[str],
        trace_of: Callable[[str], Path],
        tables: Mapping[str, bytes],
    ) -> None:
        """Add traces and tables, and put the archive in its place.

        Args:
            manifest: its digests are filled in here.
            traced: the ids of the cases that have a trace.
            trace_of: the file of the trace of one of them; one that is gone is left out.
            tables: by the name of their file.
        """
        digest = hashlib.sha256()
        keys = KeptList(traced)
        places = array("L", sorted(range(len(keys)), key=lambda place: _file_name(keys[place])))
        with zipfile.ZipFile(self._fresh, "a") as archive:
            archive.filelist = KeptList(archive.filelist)  # type: ignore[assignment]
            for key in Chosen(keys, places):
                try:
                    data = trace_of(key).read_bytes()
                except OSError:
                    manifest.traces_missing += 1
                    continue
                digest.update(hashlib.sha256(data).digest())
                archive.writestr(_info(_TRACES + _file_name(key)), data)
                archive.NameToInfo.clear()  # of a name that comes twice it would warn
            self._digests[_TRACES] = digest.hexdigest()
            _end(archive, manifest, self._digests, tables)
        os.replace(self._fresh, self._path)


class EvalArchive:
    """An archive that is open to be read.

    Attributes:
        manifest: what it was made with.
        tables: those of its report, by the name of their file.
    """

    def __init__(
        self, archive: zipfile.ZipFile, manifest: EvalManifest, tables: Mapping[str, bytes]
    ) -> None:
        self._archive = archive
        self.manifest = manifest
        self.tables = tables

    def lines(self, name: str) -> IO[bytes]:
        """The lines of a member of MEMBERS."""
        return self._archive.open(name)

    def __enter__(self) -> EvalArchive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._archive.close()


def open_archive(path: Path) -> EvalArchive:
    """An archive with its members and tables held against their digests; close it.

    Raises:
        UsageError: it is no archive of ours, of a newer format, or damaged.
    """
    hint = "Name the archive.zip that `vprog eval` wrote."
    archive: zipfile.ZipFile | None = None
    try:
        archive = zipfile.ZipFile(path)
        manifest = msgspec.json.decode(
            _member(archive, "manifest.json", _MOST_MANIFEST), type=EvalManifest
        )
        if manifest.format > FORMAT:
            raise UsageError(
                f"{path}: its format is {manifest.format}, this version reads up to {FORMAT}.",
                hint="Update vprog.",
            )
        _check_size(archive)
        names = [name for name in archive.namelist() if _TABLE.fullmatch(name)]
        for name in (*MEMBERS, *names):
            if _digest(archive, name) != manifest.sha256.get(name):
                raise UsageError(
                    f"{path}: {name} is not what the manifest says: the archive was changed.",
                    hint=hint,
                )
        tables = {name.removeprefix("tables/"): archive.read(name) for name in names}
    except BaseException as error:
        if archive is not None:
            archive.close()
        if isinstance(error, _UNREADABLE):
            raise UsageError(f"{path}: no archive of an evaluation: {error}.", hint=hint) from error
        raise
    return EvalArchive(archive, manifest, tables)


def keep_tables_in(path: Path, tables: Mapping[str, bytes]) -> None:
    """Write an archive again with these tables in place of its own, in one step.

    Args:
        path: the archive; one of ours.
        tables: by the name of their file.
    """
    fresh = path.with_name(f".{path.name}.new")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(fresh, "w") as archive:
        manifest = msgspec.json.decode(old.read("manifest.json"), type=EvalManifest)
        for info in old.infolist():
            if info.filename == "manifest.json" or _TABLE.fullmatch(info.filename):
                continue
            with old.open(info) as source, archive.open(_info(info.filename), "w") as member:
                for chunk in iter(lambda: source.read(_CHUNK), b""):
                    member.write(chunk)
        digests = {name: hexes for name, hexes in manifest.sha256.items() if not _TABLE.match(name)}
        _end(archive, manifest, digests, tables)
    os.replace(fresh, path)


def _end(
    archive: zipfile.ZipFile,
    manifest: EvalManifest,
    digests: dict[str, str],
    tables: Mapping[str, bytes],
) -> None:
    """The members that come last: tables and manifest."""
    for name, data in sorted(tables.items()):
        digests[f"tables/{name}"] = hashlib.sha256(data).hexdigest()
        archive.writestr(_info(f"tables/{name}"), data)
    manifest.sha256 = dict(sorted(digests.items()))
    encoded = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    archive.writestr(_info("manifest.json"), encoded)


def _check_size(archive: zipfile.ZipFile) -> None:
    """Be sure that what is read fits, before any of it is unpacked."""
    if sum(archive.getinfo(name).file_size for name in MEMBERS) > _MOST_BYTES:
        raise ValueError(f"it unpacks to more than {_MOST_BYTES // 1_000_000} MB")
    tables = [info for info in archive.infolist() if _TABLE.fullmatch(info.filename)]
    if sum(info.file_size for info in tables) > _MOST_TABLES:
        raise ValueError(f"its tables unpack to more than {_MOST_TABLES // 1_000_000} MB")


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    if archive.getinfo(name).file_size > most:
        raise ValueError(f"{name} is larger than {most // 1_000_000} MB")
    return archive.read(name)


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as member:
        for chunk in iter(lambda: member.read(_CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    info.create_system = 3  # the same bytes on every system
    return info


def _file_name(case_id: str) -> str:
    """A name that every file system takes, one for each id."""
    plain = "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in case_id)[:60]
    return f"{plain}-{hashlib.sha256(case_id.encode()).hexdigest()[:8]}.jsonl"


def _packages() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _hardware() -> dict[str, Any]:
    """What this computer is, without its name."""
    hardware: dict[str, Any] = {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "cores": os.cpu_count() or 0,
        "processor": _processor(),
    }
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
        hardware["memory_gb"] = round(pages * size / 1e9, 1)
    torch = sys.modules.get("torch")  # not imported for this alone
    if torch is not None and torch.cuda.is_available():
        hardware["gpu"] = torch.cuda.get_device_name(0)
    return hardware


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return platform.processor()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())
