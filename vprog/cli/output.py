"""How commands speak: notes on stderr, the answer or one JSON object on stdout."""

from __future__ import annotations

import json
import os
import re
import select
import sys
import threading
from contextlib import suppress
from typing import Any

import click

from vprog.cli.stdout_guard import answers

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_noting = threading.Lock()


def safe(text: object) -> str:
    """Text for a terminal: control and direction characters made visible."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text))


def note(text: object) -> None:
    """One line on stderr; where stderr is closed, nobody misses it."""
    with suppress(OSError, ValueError):
        click.echo(safe(text), err=True)


def note_if_read(text: object) -> None:
    """The same, at most its last 4 KB; left out where stderr is a pipe that nobody reads.

    A server's answers do not wait for whoever reads its log.
    """
    line = safe(text).encode()[-select.PIPE_BUF + 1 :].decode(errors="ignore")
    with _noting, suppress(OSError, ValueError):
        if sys.stderr is not None and select.select([], [sys.stderr], [], 0)[1]:
            click.echo(line, err=True)  # so much is taken at once


def say(text: object) -> None:
    """One line on stdout."""
    click.echo(safe(text), file=answers())


def say_json(value: Any) -> None:
    """One JSON object on stdout, ASCII only: every terminal and locale takes it."""
    click.echo(json.dumps(value, ensure_ascii=True, allow_nan=False), file=answers())


def is_terminal() -> bool:
    """Whether a person watches stderr."""
    return sys.stderr.isatty()


def terminal_width() -> int:
    """Columns of the terminal that stderr is; 80 where that is not known."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
