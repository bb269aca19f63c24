"""Calls of a program that get a fixed answer and reach neither broker nor module."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from vprog.boundary.clean_text import clean_line
from vprog.program.imports import importable_text

NO_SYSTEM = "programs cannot use files, the environment or the network"
NO_IMPORT = f"this module cannot be imported; only {importable_text()}"
NO_VALUE = "module_input: an argument is of a kind that cannot leave the program"


def refusal(call: Any, functions: Collection[str]) -> dict[str, object] | None:
    """The VM's answer to a call that is not of one of the functions; else None.

    Arguments are not looked at: of a call to the operating system nothing is ever read.
    """
    if call.is_os_function:
        if call.function_name == "import":
            return _raising("ModuleNotFoundError", NO_IMPORT)
        return _raising("PermissionError", NO_SYSTEM)
    if call.object_id is not None or call.function_name not in functions:
        name = clean_line(call.function_name, 60)
        return _raising("NameError", f"name '{name}' is not defined")
    return None


def bad_argument() -> dict[str, object]:
    """The answer to a call whose arguments the host cannot rebuild."""
    return _raising("ValueError", NO_VALUE)


def _raising(kind: str, text: str) -> dict[str, object]:
    return {"exc_type": kind, "message": text}
