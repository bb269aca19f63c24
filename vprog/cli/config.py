"""`vprog config`: show the settings and where each comes from."""

from __future__ import annotations

import click

from vprog.cli.command_errors import reports_errors
from vprog.cli.output import say, say_json
from vprog.settings import BUILT_IN_PRESETS, describe, load_settings


@click.command("config")
@click.option("--explain", is_flag=True, help="Say where each value comes from.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@reports_errors
def command(explain: bool, as_json: bool) -> int:
    """Show the settings in force here.

    A setting comes from an option, else from a variable VPROG_NAME, else from vprog.toml
    (in this folder or above, then in ~/.config/vprog), else from its default.
    """
    settings = load_settings()
    rows = describe(settings)
    if as_json:
        say_json({name: {"value": value, "source": source} for name, value, source in rows})
        return 0
    width = max(len(name) for name, _, _ in rows)
    for name, value, source in rows:
        say(f"{name:{width}}  {value}" + (f"   ({source})" if explain else ""))
    if explain:
        say("")
        say("presets:")
        for name, line in BUILT_IN_PRESETS.items():
            say(f"  {name}: {line}")
        for name, modules in settings.presets.items():
            say(f"  {name}: " + ", ".join("=".join(choice) for choice in modules.items()))
        _say_strategies()
    return 0


def _say_strategies() -> None:
    from vprog.strategies.catalog import DEFAULT, strategies

    say("")
    say("strategies (--strategy):")
    for strategy in strategies().values():
        needs = "needs --llm" if strategy.asks_writer else "needs --vlm"
        if strategy.name == DEFAULT:
            needs = "the rules write where no --llm is named"
        say(f"  {strategy.name}: {strategy.summary} ({needs})")
