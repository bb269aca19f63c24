"""`vprog completion`: print a script that completes commands and names in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from vprog.cli.command_errors import reports_errors
from vprog.cli.output import say
from vprog.errors import UsageError

_FILES = {
    "bash": "echo 'eval \"$(vprog completion bash)\"' >> ~/.bashrc",
    "zsh": "echo 'eval \"$(vprog completion zsh)\"' >> ~/.zshrc",
    "fish": "vprog completion fish > ~/.config/fish/completions/vprog.fish",
}


@click.command(
    "completion",
    help="""Print what makes SHELL complete commands, options, strategies, traces and modules.

    \b
    """
    + "\n    ".join(_FILES.values()),
)
@click.argument("shell", type=click.Choice(list(_FILES)))
@reports_errors
def command(shell: str) -> int:
    from vprog.cli.main import cli

    made = get_completion_class(shell)
    if made is None:
        raise UsageError(f"{shell}: this version of click does not know it.", hint="Update click.")
    say(made(cli, {}, "vprog", "_VPROG_COMPLETE").source())
    return 0
