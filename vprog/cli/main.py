"""The command `vprog`: gathers the sub-commands, each imported only when it is called.

A sub-command is a file beside this one whose first line holds its name and one line of help, as in
"`vprog solve`: answer a question about a video.", and whose `command` is the click command.
"""

from __future__ import annotations

import atexit
import importlib
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import click

from vprog.cli.command_errors import reader_gone
from vprog.cli.output import note, say_json
from vprog.cli.stdout_guard import lead_to_stderr

_FIRST_LINE = re.compile(r'"""`vprog (\w+)`: (.+\.)"""$')

_FILES = {"ask": "ask_folder", "index": "index_folder"}
"""Commands whose name another file of the project has."""


@cache
def commands() -> dict[str, str]:
    """The line of help of each sub-command, by name; no sub-command is imported for it."""
    lines: dict[str, str] = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        with path.open(encoding="utf-8") as file:
            match = _FIRST_LINE.match(file.readline().rstrip())
        if match is not None:
            lines[match[1]] = match[2][0].upper() + match[2][1:]
    return lines


class _Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """`--help` and `--version` write here; click itself gives 1 where nobody reads them."""
        with _quiet_without_reader():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """The same of the help of commands."""
        with _quiet_without_reader():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(commands())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in commands():
            return None
        module = importlib.import_module(f"vprog.cli.{_FILES.get(cmd_name, cmd_name)}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(commands().items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], commands(), n=1)
            if not near:
                raise
            raise click.UsageError(f'{error.message} Did you mean "{near[0]}"?', ctx) from error


@contextmanager
def _quiet_without_reader() -> Iterator[None]:
    """Ends the command where the reader of its output went away."""
    try:
        yield
    except BrokenPipeError as error:
        raise click.exceptions.Exit(reader_gone()) from error


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vprog", prog_name="vprog")
def cli() -> None:
    """Answer questions about video by writing and running programs.

    \b
    vprog solve kitchen.mp4 "How many people at 0:12?"
    vprog trace show last
    """


def main() -> None:
    """Entry point: exit codes as the README lists them."""
    _open_closed_streams()
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt):
        note("interrupted")
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2 if isinstance(error, click.UsageError) else error.exit_code
        if "--json" in sys.argv[1:] and sys.argv[1] in _RESULTS:
            from vprog.cli.print_result import usage_object

            say_json(usage_object(error.format_message()))
    except BrokenPipeError:
        code = reader_gone()
    lead_to_stderr()
    _leave(code if isinstance(code, int) else 0)


def _open_closed_streams() -> None:
    """Where a standard stream is closed (`>&-`), what goes there goes nowhere.

    Else the next file that is opened would have its descriptor, and be written to.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDWR)  # has the lowest number that is free
            setattr(sys, name, os.fdopen(nothing, mode, encoding="utf-8"))


_RESULTS = ("solve", "run")
"""Commands whose `--json` is one object, whatever happened."""


_CLOSING_S = 5.0
"""For workers, caches, models and temporary folders to be let go of."""


def _leave(code: int) -> NoReturn:
    """End the process with an exit code; nothing that a module left hanging is waited for.

    In the ordinary way where that can be; else what is to be done at the end is done here, in a
    thread that may be left behind, and the process ends without Python's own end, which would
    wait for every thread of a module, and meets those that are amid C code.
    """
    engine = sys.modules.get("vprog.solver.engine")
    if engine is None:  # no module was called
        sys.exit(code)
    closing = threading.Thread(target=engine.close_all, daemon=True)
    closing.start()
    closing.join(_CLOSING_S)
    if not closing.is_alive() and not _anyone_at_work():
        sys.exit(code)
    if not closing.is_alive():
        last = threading.Thread(target=atexit._run_exitfuncs, daemon=True)
        last.start()
        last.join(_CLOSING_S)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _anyone_at_work() -> bool:
    """Whether a call was left behind, or a module has threads that the end would wait for."""
    from vprog.execute.host_task import any_left_behind

    return any_left_behind() or any(
        not thread.daemon and thread is not threading.main_thread()
        for thread in threading.enumerate()
    )
