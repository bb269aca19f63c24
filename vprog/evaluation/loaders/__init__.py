"""Loaders of benchmarks, one a file, found by folder: from a benchmark's own file to cases.

A loader is a file beside this one that holds `LOADER = SuiteLoader(...)`; its name is the file's.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from vprog.errors import UsageError
from vprog.evaluation.case import CaseForm
from vprog.evaluation.case_rows import CaseRow
from vprog.evaluation.loaders.suite_loader import SuiteLoader


@cache
def suites() -> dict[str, SuiteLoader]:
    """Every loader by the name of its benchmark."""
    found: dict[str, SuiteLoader] = {}
    for info in pkgutil.iter_modules(__path__):
        loader = getattr(importlib.import_module(f"{__name__}.{info.name}"), "LOADER", None)
        if isinstance(loader, SuiteLoader):
            found[info.name] = loader
    return found


def load_suite(name: str, path: Path) -> Iterator[tuple[CaseRow, CaseForm]]:
    """The cases of a benchmark's own file, each with the row that it comes from.

    Args:
        name: of the benchmark, in any case, with - or _.
        path: the file, as the benchmark's authors give it.

    Raises:
        UsageError: there is no such loader, or the file is not of the benchmark's form: with
            file, row and field.
    """
    known = suites()
    plain = name.lower().replace("-", "_")
    if plain not in known:
        near = difflib.get_close_matches(plain, known, n=1)
        guess = f' Did you mean "{near[0]}"?' if near else ""
        raise UsageError(f'no loader for "{name}".{guess}', hint=f"There are: {', '.join(known)}.")
    return known[plain].read(path)
