"""`vprog mcp`: give an agent eyes and ears, over the Model Context Protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vprog.cli.command_errors import reports_errors
from vprog.cli.options import service_options, settings_of
from vprog.cli.output import note
from vprog.cli.stdout_guard import answers
from vprog.errors import PackageMissingError


@click.command("mcp")
@click.option(
    "--media-root",
    "roots",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Folder below which the agent may name files; repeat it. default: this folder.",
)
@service_options
@reports_errors
def command(roots: tuple[Path, ...], **given: Any) -> int:
    """Serve an agent's tools on stdin and stdout; agents start this themselves.

    They can ask about a video, run programs over it, look at frames, and read why an answer is
    what it is. Needs the extra: pip install "vprog[mcp]".

    \b
    claude mcp add vprog -- vprog mcp --media-root ~/videos
    """
    try:
        from vprog.service.mcp_server import serve_agents
    except ImportError as error:
        raise PackageMissingError(
            f"vprog mcp needs the package mcp, which does not import ({error}).",
            hint='Run: pip install "vprog[mcp]"',
        ) from error
    from vprog.service.media_roots import MediaRoots
    from vprog.service.service import Service

    media = MediaRoots(roots or (Path(),))
    with Service(**settings_of(given)) as service:
        note("vprog: serving an agent on stdin and stdout")
        serve_agents(service, media, answers())
    return 0
