"""`vprog modules`: list, show, check and create modules."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import click

from vprog.cli.command_errors import reports_errors
from vprog.cli.options import module_option, named_modules, preset_option
from vprog.cli.output import note, say, say_json
from vprog.cli.shell_words import tasks_offered
from vprog.errors import UsageError
from vprog.execute.runtime import choose_modules, with_vlm
from vprog.models.weights import Weights
from vprog.registry.discover import discover
from vprog.registry.grid import Values
from vprog.registry.module import ModuleSpec, spec_of
from vprog.registry.registry import Registry
from vprog.registry.signature import Signature
from vprog.settings import load_settings


@click.group("modules")
def command() -> None:
    """List, show, check and create modules: what programs can call."""


@command.command("list")
@preset_option
@module_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@reports_errors
def show_list(preset: str | None, modules: tuple[str, ...], as_json: bool) -> int:
    """List every task and module. "*" marks the implementation that is used for its task."""
    settings = load_settings({"preset": preset, "modules": named_modules(modules)})
    registry = with_vlm(discover(), settings)
    chosen = choose_modules(registry, settings)
    if as_json:
        say_json([row for task in registry.tasks for row in _rows(registry, task, chosen)])
        return 0
    absent: dict[str, list[str]] = {}
    say("works here (* serves its task):")
    for task in registry.tasks:
        specs = registry.implementations(task)
        states = {spec: registry.state(spec) for spec in specs}
        able = [spec for spec, state in states.items() if state.ok]
        if able:
            say(f"  {able[0].signature.text()}")
            say(f"    {able[0].signature.summary}")
        for spec in able:
            details = _details(_used(spec, chosen))
            mark = "*" if _serves(spec, chosen) else " "
            say(f"    {mark} {spec.implementation}: {spec.backend} ({spec.distribution})")
            if details:
                say(f"        {details}")
        for spec, state in states.items():
            if not state.ok:
                line = f"    {task}: {spec.implementation}"
                if details := _details(_used(spec, chosen)):
                    line += f" ({details})"
                absent.setdefault(f"{state.reason}. {state.command}", []).append(line)
        if not specs:
            lack = registry.lack(task)
            line = f"    {registry.signature(task).text()}"
            absent.setdefault(f"{lack.reason}. {lack.command}", []).append(line)
    if absent:
        say("not here:")
    for reason, lines in absent.items():
        say(f"  {reason}")
        for line in lines:
            say(line)
    return 0


@command.command("show")
@click.argument("task", shell_complete=tasks_offered)
@reports_errors
def show(task: str) -> int:
    """Show one task. Signature, description, implementations."""
    registry = with_vlm(discover(), load_settings())
    specs = registry.implementations(task)
    signature = specs[0].signature if specs else registry.signature(task)
    say(signature.text())
    say("")
    say(signature.doc)
    if not specs:
        lack = registry.lack(task)
        say("")
        say(f"does not run here: {lack.reason}. {lack.command}")
    for spec in specs:
        able = registry.state(spec)
        say("")
        say(f"{spec.implementation}, version {spec.version}, from {spec.distribution}")
        say(f"  works with: {spec.backend}; batches of {spec.batch_size}; rank {spec.rank}")
        for name, values in _grids(spec.signature).items():
            say(f"  grid of {name}: {', '.join(map(repr, values))}")
        for weight in spec.weights:
            say(f"  weights: {_weights_text(weight)}")
        say("  runs here" if able.ok else f"  does not run here: {able.reason}. {able.command}")
    return 0


@command.command("check")
@click.argument("names", nargs=-1, metavar="TASK|PACKAGE:CLASS...", shell_complete=tasks_offered)
@reports_errors
def check(names: tuple[str, ...]) -> int:
    """Check that modules keep their contract. With no name, all that run here.

    Types, determinism, batch equal to loop, empty and one-frame video, sound-only files, no
    heavy import at discovery, no network. Exit 1 if one does not.
    """
    from vprog.testing import check_module

    registry = with_vlm(discover(), load_settings())
    specs = _named(registry, names)
    found = 0
    for spec in specs:
        able = registry.state(spec)
        if not able.ok:
            say(f"{spec.name}: not checked: {able.reason}. {able.command}")
            continue
        findings = check_module(spec.cls)
        say(f"{spec.name}: {'holds' if not findings else f'{len(findings)} findings'}")
        for finding in findings:
            say(f"  {finding}")
        found += len(findings)
    return 1 if found else 0


@command.command("new")
@click.argument("task")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where to write; default: this folder.",
)
@reports_errors
def new(task: str, folder: Path) -> int:
    """Create a package for a new module. TASK is its name, e.g. estimate_depth."""
    from vprog.program.prelude import FUNCTIONS
    from vprog.registry.skeleton import write_skeleton

    for path in write_skeleton(task, folder, taken={*discover(), *FUNCTIONS}):
        say(path)
    note("next: pip install -e the new folder, then `vprog modules check`")
    return 0


def _named(registry: Registry, names: tuple[str, ...]) -> list[ModuleSpec]:
    if not names:
        return [spec for task in registry for spec in registry.implementations(task)]
    specs: list[ModuleSpec] = []
    for name in names:
        if ":" in name:
            specs.append(_imported(name))
        else:
            specs.extend(registry.implementations(name))
    return specs


def _imported(name: str) -> ModuleSpec:
    """The module class of "package.file:Class"; the working folder is searched too."""
    module, _, attribute = name.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)  # for the check as well, which imports it in a fresh process
    try:
        return spec_of(getattr(importlib.import_module(module), attribute))
    except (ImportError, AttributeError) as error:
        raise UsageError(f"{name}: cannot be imported: {error}.", hint="PACKAGE:CLASS") from error


def _serves(spec: ModuleSpec, chosen: dict[str, ModuleSpec]) -> bool:
    return spec.task in chosen and chosen[spec.task].implementation == spec.implementation


def _used(spec: ModuleSpec, chosen: dict[str, ModuleSpec]) -> ModuleSpec:
    """A module as it was chosen, with weights of the user's where some are named."""
    return chosen[spec.task] if _serves(spec, chosen) else spec


def _details(spec: ModuleSpec) -> str:
    """What it is installed with, the weights that it looks for, and whom it asks."""
    parts = [f"extra {spec.extra}"] if spec.extra else []
    parts += [f"weights {_weights_text(weights)}" for weights in spec.weights]
    parts += [f"asks {', '.join(spec.asks)}"] if spec.asks else []
    return "; ".join(parts)


def _weights_text(weights: Weights) -> str:
    gate = ", gated" if weights.is_gated else ""
    return f"{weights.id}@{weights.revision} ({weights.licence}{gate})"


def _grids(signature: Signature) -> dict[str, Values]:
    """The values declared worth trying, by argument."""
    return {parameter.name: parameter.grid for parameter in signature.parameters if parameter.grid}


def _rows(registry: Registry, task: str, chosen: dict[str, ModuleSpec]) -> list[dict[str, object]]:
    """A task's implementations as JSON; of one that no module does, a row of its own."""
    specs = registry.implementations(task)
    if specs:
        return [_row(registry, spec, chosen) for spec in specs]
    lack = registry.lack(task)
    return [
        {
            **_of_signature(registry.signature(task)),
            "implementation": None,
            "serves": False,
            "runs_here": False,
            "reason": lack.reason,
            "command": lack.command,
        }
    ]


def _row(registry: Registry, spec: ModuleSpec, chosen: dict[str, ModuleSpec]) -> dict[str, object]:
    able = registry.state(spec)
    return {
        **_of_signature(spec.signature),
        "implementation": spec.implementation,
        "backend": spec.backend,
        "distribution": spec.distribution,
        "version": spec.version,
        "serves": _serves(spec, chosen),
        "extra": spec.extra,
        "weights": [
            {
                "id": weight.id,
                "revision": weight.revision,
                "file": weight.file,
                "licence": weight.licence,
                "is_gated": weight.is_gated,
                "sha256": weight.sha256,
            }
            for weight in _used(spec, chosen).weights
        ],
        "runs_here": able.ok,
        "reason": able.reason,
        "command": able.command,
    }


def _of_signature(signature: Signature) -> dict[str, object]:
    return {
        "task": signature.name,
        "signature": signature.text(),
        "summary": signature.summary,
        "grids": _grids(signature),
    }
