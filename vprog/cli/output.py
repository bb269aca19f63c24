"""How commands speak: errors and notes on stderr, the answer or one JSON object on stdout."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, ParamSpec

import click

from vprog.cli.stdout_guard import answers, stdout_for_answers
from vprog.errors import VprogError

_P = ParamSpec("_P")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def safe(text: object) -> str:
    """Text for a terminal: control and direction characters made visible."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text))


def note(text: object) -> None:
    """One line on stderr; where stderr is closed, nobody misses it."""
    with suppress(OSError, ValueError):
        click.echo(safe(text), err=True)


def say(text: object) -> None:
    """One line on stdout."""
    click.echo(safe(text), file=answers())


def say_json(value: Any) -> None:
    """One JSON object on stdout, ASCII only: every terminal and locale takes it."""
    click.echo(json.dumps(value, ensure_ascii=True, allow_nan=False), file=answers())


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


def is_terminal() -> bool:
    """Whether a person watches stderr."""
    return sys.stderr.isatty()


def terminal_width() -> int:
    """Columns of the terminal that stderr is; 80 where that is not known."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
