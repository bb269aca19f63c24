"""How commands speak: notes on stderr, the answer or one JSON object on stdout."""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import suppress
from typing import Any

import click

from vprog.cli.stdout_guard import answers

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


def is_terminal() -> bool:
    """Whether a person watches stderr."""
    return sys.stderr.isatty()


def terminal_width() -> int:
    """Columns of the terminal that stderr is; 80 where that is not known."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
