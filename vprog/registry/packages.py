"""Where modules come from: installed packages, and the files in them that declare something.

A package registers under the entry-point group `vprog.modules`. An entry names one class,
`estimate_depth = "vprog_estimate_depth.estimate_depth:EstimateDepthPlain"`, or a whole package,
`my_modules = "my_modules"`: then each file in it with a line `@module(...)` or
`@implements(...)` is one of its modules. Contracts stand in a package's folder `tasks/`.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import re
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

from vprog.errors import RegistrationError, words_of

GROUP = "vprog.modules"
TASKS = "tasks"
"""The folder of a package in which its contracts stand."""

_DECLARES = re.compile(rb"^@(?:\w+\.)*(?:module|implements)\(", flags=re.M)


def entry_points() -> list[EntryPoint]:
    """What the installed packages register, by name."""
    return sorted(importlib.metadata.entry_points(group=GROUP), key=lambda point: point.name)


def owner_of(point: EntryPoint) -> str:
    """The distribution that registers an entry, with its version."""
    return f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown package"


def module_files(package: str) -> list[str]:
    """The dotted names of a package's files that declare modules; none of them is imported."""
    return [
        name
        for folder in _folders(package)
        for path in sorted(folder.rglob("*.py"))
        if _DECLARES.search(path.read_bytes())
        for name in [".".join((package, *path.relative_to(folder).with_suffix("").parts))]
    ]


def import_tasks(package: str) -> None:
    """Import the files in which a package's contracts stand.

    Raises:
        RegistrationError: one cannot be imported.
    """
    for folder in _folders(package):
        for path in sorted((folder / TASKS).glob("*.py")):
            import_file(f"{package}.{TASKS}.{path.stem}", package)


def import_file(name: str, owner: str) -> ModuleType:
    """Import a file that declares tasks or modules.

    Raises:
        RegistrationError: it cannot be imported; the message names it and its owner.
    """
    try:
        return importlib.import_module(name)
    except RegistrationError:
        raise
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also sys.exit() in a package of others
        raise RegistrationError(
            f"{name} of {owner} does not load: {words_of(error)}.",
            hint="Heavy imports belong in load(). Mend the file, uninstall its package, or set "
            "VPROG_MODULES to the modules you need.",
        ) from error


def _folders(package: str) -> Iterator[Path]:
    yield from map(Path, getattr(import_file(package, package), "__path__", ()))
