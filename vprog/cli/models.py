"""`vprog models`: list, find and fetch the weights of modules."""

from __future__ import annotations

import difflib
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from vprog.cli.command_errors import reports_errors
from vprog.cli.output import note, say, say_json
from vprog.errors import UsageError, VprogError
from vprog.execute.runtime import with_vlm
from vprog.exit_status import Status
from vprog.models.pull_weights import pull_weights
from vprog.models.weights import Weights, named_weights
from vprog.registry.discover import discover
from vprog.registry.presets import PresetNeeds, needs_of
from vprog.registry.registry import declared_weights
from vprog.settings import BUILT_IN_PRESETS, load_settings


@click.group("models")
def command() -> None:
    """List, find and fetch the weights of modules."""


@command.command("list")
@click.option("--check", is_flag=True, help="Compare digests too: every file is read whole.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@reports_errors
def show_list(check: bool, as_json: bool) -> int:
    """List the weights that modules declare. Where they lie, or what fetches them."""
    rows = [_row(weights, users, check) for weights, users in _declared().items()]
    if as_json:
        say_json(rows)
        return 0
    for row in rows:
        gate = ", gated" if row["is_gated"] else ""
        size = f", {row['size_mb']} MB" if row["size_mb"] else ""
        say(f"{row['state']:8} {row['id']}@{row['revision']} ({row['licence']}{gate}{size})")
        say(f"         {', '.join(row['modules'])}")
        say(f"         {row['path'] or row['reason']} {row['command']}".rstrip())
    return 0


@command.command("presets")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@reports_errors
def presets(as_json: bool) -> int:
    """List what each built-in preset needs: models, megabytes to fetch and of memory."""
    registry = with_vlm(discover(), load_settings())
    rows = [_preset_row(name, needs_of(registry, name)) for name in BUILT_IN_PRESETS]
    if as_json:
        say_json(rows)
        return 0
    for row in rows:
        say(f"{row['preset']}: {row['summary']}")
        say(
            f"    {len(row['models'])} models, {row['fetch_mb']} MB to fetch in all, "
            f"{row['memory_mb']} MB of memory if all are loaded at once"
        )
        for model in row["models"]:
            how = "" if model["state"] == "here" else f": vprog models pull {model['id']}"
            say(f"    {model['state']:8} {', '.join(model['modules'])}{how}")
    return 0


@command.command("where")
@click.argument("model")
@reports_errors
def where(model: str) -> int:
    """Print where weights lie. MODEL is an id, as `vprog models list` shows it, or a folder."""
    say(_found(model).verified())
    return 0


@command.command("pull")
@click.argument("model")
@click.option("--force", is_flag=True, help="Fetch again what is here already.")
@click.option(
    "--licence", default="", help="Accept this licence, where it is not the one declared."
)
@reports_errors
def pull(model: str, force: bool, licence: str) -> int:
    """Fetch weights from the Hugging Face hub. MODEL is an id such as org/name, or with @revision.

    They go into the cache of the hub's own tools (HF_HOME, HF_HUB_CACHE), by its own client
    (HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE count). Their licence is compared before, their
    digest after.
    """
    weights = _found(model)
    if weights.package or weights.cache or Path(os.path.expanduser(weights.id)).is_absolute():
        say(weights.verified())  # or the command that brings them
        return 0
    declared = weights.licence if weights in _declared() else ""
    with _ends_at_once():
        path = pull_weights(
            weights,
            tell=note,
            declared_licence=declared,
            accepted_licence=licence,
            is_forced=force,
        )
    say(path)
    return 0


def _declared() -> dict[Weights, list[str]]:
    return declared_weights(with_vlm(discover(), load_settings()))


def _found(model: str) -> Weights:
    """Weights by their id: declared ones, or any of the hub, or a path.

    Raises:
        UsageError: it is no id of either.
    """
    name, _, revision = model.partition("@")
    declared = {weights.id: weights for weights in _declared()}
    if name in declared:
        return replace(declared[name], revision=revision) if revision else declared[name]
    if os.path.exists(os.path.expanduser(model)) or name.count("/") == 1:
        return named_weights(model)
    near = difflib.get_close_matches(name, declared, n=1)
    raise UsageError(
        f'"{model[:100]}" is no weights of a module, and no id of the hub (org/name).'
        + (f' Did you mean "{near[0]}"?' if near else ""),
        hint="Run `vprog models list` for the list.",
    )


def _row(weights: Weights, users: list[str], check: bool) -> dict[str, Any]:
    state, path, reason, command = "here", "", "", ""
    try:
        path = str(weights.location())
        if check:
            weights.verified()
    except VprogError as error:
        state = "wrong" if path else "missing"
        reason, command = error.message, error.hint
    return {
        "id": weights.id,
        "revision": weights.revision,
        "file": weights.file,
        "licence": weights.licence,
        "is_gated": weights.is_gated,
        "size_mb": weights.size_mb,
        "sha256": weights.sha256,
        "modules": users,
        "state": state,
        "path": path,
        "reason": reason,
        "command": command,
    }


def _preset_row(name: str, needs: PresetNeeds) -> dict[str, Any]:
    return {
        "preset": name,
        "summary": BUILT_IN_PRESETS[name],
        "fetch_mb": needs.fetch_mb,
        "memory_mb": needs.memory_mb,
        "models": [_row(weights, list(users), False) for weights, users in needs.models.items()],
    }


@contextmanager
def _ends_at_once() -> Iterator[None]:
    """Ctrl-C ends the process: the client would wait for its threads to fetch whole files."""

    def leave(*_: object) -> None:
        note("interrupted: run it again to go on")
        os._exit(Status.INTERRUPTED.exit_code)

    kept = signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, kept)
