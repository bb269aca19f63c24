"""Where the sandbox's worker program lies, and which files it must read to start.

Owns finding, not starting: `jail.py` starts it. The worker is never taken from PATH or from
a variable, only from the installed package.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import struct
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

from vprog.errors import PackageMissingError

_PACKAGE = "pydantic-monty-runtime"
_LOADER_CACHE = Path("/etc/ld.so.cache")
_PT_INTERP = 3


def monty_binary() -> Path:
    """The worker program that came with the installed `pydantic-monty`.

    Raises:
        PackageMissingError: the package, or its program, is not there.
    """
    name = "monty.exe" if sys.platform == "win32" else "monty"
    try:
        listed = importlib.metadata.distribution(_PACKAGE).files or []
    except importlib.metadata.PackageNotFoundError:
        listed = []
    candidates = [Path(str(entry.locate())) for entry in listed if entry.name == name]
    candidates.append(Path(sysconfig.get_path("scripts")) / name)
    for candidate in candidates:
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return Path(os.path.abspath(candidate))
    raise PackageMissingError(
        f'sandbox: the worker program "{name}" of {_PACKAGE} must be installed, found none.',
        hint="Run `pip install --force-reinstall 'pydantic-monty>=1.3,<1.5'`. It has no build for"
        " musl or Windows on ARM: use a glibc container there.",
    )


class NeededFiles(NamedTuple):
    """What a program opens before its own first line runs."""

    executed: tuple[Path, ...]  # the program, and its loader unless it is static
    read: tuple[Path, ...]  # shared libraries, the loader's cache


def needed_files(program: Path) -> NeededFiles:
    """The files that a program needs to start, on Linux.

    The loader itself tells which libraries it would open, with an empty environment as
    the worker has; nothing of the program runs.

    Raises:
        OSError: the program cannot be read, or its loader cannot run.
    """
    loader = _loader(program)
    if loader is None:
        return NeededFiles((program,), ())
    listing = subprocess.run(
        [loader, "--list", program], env={}, capture_output=True, timeout=20, check=False
    )
    if listing.returncode != 0:
        reason = os.fsdecode(listing.stderr).strip()
        raise OSError(f"{loader} cannot list what {program} needs: {reason}")
    libraries = re.findall(rb"^\s(?:.* => )?(/.*) \(0x[0-9a-f]+\)$", listing.stdout, re.MULTILINE)
    read = [Path(os.fsdecode(library)) for library in libraries]
    if _LOADER_CACHE.exists():
        read.append(_LOADER_CACHE)
    return NeededFiles((program, loader), tuple(dict.fromkeys(read)))


def _loader(program: Path) -> Path | None:
    """The interpreter that a 64-bit little-endian ELF file names; None if it is static."""
    with program.open("rb") as file:
        head = file.read(64)
        if head[:6] != b"\x7fELF\x02\x01":
            raise OSError(f"{program} is not a 64-bit program of this machine")
        # e_phoff, then e_phentsize and e_phnum behind e_shoff, e_flags and e_ehsize
        table, entry_size, n_entries = struct.unpack_from("<Q14xHH", head, 32)
        for index in range(n_entries):
            file.seek(table + index * entry_size)
            kind, _, offset, _, _, size = struct.unpack("<IIQQQQ", file.read(40))
            if kind == _PT_INTERP:
                file.seek(offset)
                return Path(os.fsdecode(file.read(size).rstrip(b"\0")))
    return None
