"""Writes docs/reference/: pages on tasks, settings, strategies, events, exit codes, commands.

python docs/generate.py            # writes the pages
python docs/generate.py --check    # exit 1 and names of pages that are not current

Every page is made from what the code itself reads, so that none can say something else.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "reference"


def main(arguments: list[str]) -> int:
    """Write the pages, or say which are not current."""
    stale = []
    for name, make in PAGES.items():
        text = make().rstrip() + "\n"
        path = FOLDER / f"{name}.md"
        current = path.read_text(encoding="utf-8") if path.is_file() else None
        if text == current:
            continue
        stale.append(path.name)
        if "--check" not in arguments:
            FOLDER.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale and "--check" in arguments:
        print(f"not current: {', '.join(stale)}. Run `python docs/generate.py`.", file=sys.stderr)
        return 1
    return 0


def index_page() -> str:
    """The list of the pages."""
    listed = "\n".join(name for name in PAGES if name != "index")
    intro = "# Reference\n\nMade from the code by `docs/generate.py`."
    return f"{intro}\n\n```{{toctree}}\n{listed}\n```\n"


def exit_codes_page() -> str:
    """Every status with its exit code, and every error that vprog raises on purpose."""
    from vprog import errors
    from vprog.exit_status import Status

    statuses = [(f"`{status}`", str(status.exit_code)) for status in Status]
    classes = [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.VprogError)
    ]
    classes.sort(key=lambda kind: (kind.status.exit_code, kind.code, kind.__name__))
    rows = [
        (f"`{kind.__name__}`", f"`{kind.code}`", f"`{kind.status}`", _first_line(kind))
        for kind in classes
    ]
    return (
        "# Statuses and exit codes\n\n"
        + _table(("status", "exit code"), statuses)
        + "\n## Errors\n\n"
        + _table(("error", "code", "status", "meaning"), rows)
    )


def settings_page() -> str:
    """Every setting with its default and meaning."""
    from vprog.settings import SCALAR_KEYS, Settings

    meanings = _field_docs(Settings)
    defaults = Settings()
    rows = [
        (f"`{key}`", f"`VPROG_{key.upper()}`", _default(getattr(defaults, key)), meanings[key])
        for key in SCALAR_KEYS
    ]
    intro = (
        "A setting comes from an option or argument, else from its variable, else from "
        "`vprog.toml`, else from its default. `vprog config --explain` shows what holds here.\n\n"
    )
    return "# Settings\n\n" + intro + _table(("setting", "variable", "default", "meaning"), rows)


def events_page() -> str:
    """Every kind of event that a trace holds, with its fields."""
    import msgspec

    from vprog.trace import event

    intro = "One JSON object a line in `trace.jsonl`; `at` is seconds since the start."
    parts = [f"# Trace events\n\n{intro}\n"]
    for kind in event.TraceEvent.__subclasses__():
        tag = kind.__struct_config__.tag
        doc = inspect.cleandoc(kind.__doc__ or "")
        meanings = _field_docs(kind)
        rows = [
            (f"`{field.name}`", f"`{_type_text(field.type)}`", meanings.get(field.name, ""))
            for field in msgspec.structs.fields(kind)
            if field.name != "at"
        ]
        parts.append(f"\n## {tag}\n\n{doc}\n\n" + _table(("field", "type", "meaning"), rows))
    return "".join(parts)


def strategies_page() -> str:
    """Every strategy by name."""
    from vprog.strategies.catalog import strategies

    parts = ["# Strategies\n\nChosen with `--strategy NAME`.\n"]
    for strategy in strategies().values():
        parts.append(f"\n## {strategy.name}\n\n{_code_block(strategy.solve)}\n")
    return "".join(parts)


def tasks_page() -> str:
    """Every task that programs can call, and its implementations."""
    from vprog.registry.discover import discover

    registry = discover()
    parts = ["# Tasks\n\nThe functions that programs call.\n"]
    for task in registry.tasks:
        specs = registry.implementations(task) if task in registry else ()
        signature = registry.signature(task)
        rows = [(f"`{spec.implementation}`", spec.backend, spec.install) for spec in specs]
        parts.append(
            f"\n## {task}\n\n```python\n{signature.text()}\n```\n\n"
            f"```text\n{signature.doc}\n```\n\n"
            + _table(("implementation", "backend", "install"), rows)
        )
    return "".join(parts)


def commands_page() -> str:
    """The help of every command."""
    import click

    from vprog.cli.main import cli

    parts = ["# Commands\n"]
    for path, command in _commands(cli, "vprog"):
        context = click.Context(command, info_name=path, max_content_width=90, terminal_width=90)
        parts.append(f"\n## {path}\n\n```text\n{command.get_help(context)}\n```\n")
    return "".join(parts)


def _commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    import click

    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")


def _field_docs(kind: type) -> dict[str, str]:
    """The text under each field of a class, by the field's name."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    body = tree.body[0].body  # type: ignore[attr-defined]
    docs: dict[str, str] = {}
    for field, text in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            docs[field.target.id] = " ".join(str(text.value.value).split())
    return docs


def _first_line(kind: object) -> str:
    return inspect.cleandoc(kind.__doc__ or "").split("\n")[0]


def _code_block(function: Callable[..., object]) -> str:
    doc = inspect.cleandoc(inspect.getmodule(function).__doc__ or "")
    return f"{doc}\n\n```text\n{inspect.cleandoc(function.__doc__ or '')}\n```"


def _default(value: object) -> str:
    if isinstance(value, Path):  # its parents depend on the home folder
        return f"`…/{value.name}`"
    return f"`{value!r}`" if value != "" else ""


def _type_text(kind: object) -> str:
    text = kind.__name__ if isinstance(kind, type) and not hasattr(kind, "__args__") else str(kind)
    return text.replace("vprog.trace.event.", "").replace("typing.", "").replace("msgspec.", "")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    def line(cells: tuple[str, ...]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"

    return line(head) + line(("---",) * len(head)) + "".join(map(line, rows))


PAGES: dict[str, Callable[[], str]] = {
    "index": index_page,
    "tasks": tasks_page,
    "settings": settings_page,
    "strategies": strategies_page,
    "events": events_page,
    "exit_codes": exit_codes_page,
    "commands": commands_page,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
