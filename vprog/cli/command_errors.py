"""How a command fails: our errors become messages on stderr and exit codes, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from vprog.cli.output import note
from vprog.cli.stdout_guard import stdout_for_answers
from vprog.errors import VprogError

_P = ParamSpec("_P")


def show_error(error: VprogError) -> None:
    """An error on stderr: what is wrong, then what to do."""
    note(f"error: {error.message}")
    if error.hint:
        note(f"  {error.hint}")


def reports_errors(command: Callable[_P, int | None]) -> Callable[_P, int]:
    """Turns our errors into messages and exit codes, and keeps stdout for the answer."""

    @wraps(command)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> int:
        try:
            with stdout_for_answers():
                return command(*args, **kwargs) or 0
        except VprogError as error:
            show_error(error)
            return error.exit_code
        except BrokenPipeError:
            return reader_gone()
        except OSError as error:
            note(f"error: {error.strerror or error}: {error.filename or ''}".rstrip(": "))
            return 1

    return wrapped


def reader_gone() -> int:
    """The exit code where the reader of our output went away (`| head`): nothing is wrong.

    What is still unwritten goes nowhere, so that the end of the process does not stumble on it.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
