"""`vprog view`: show runs in the browser, and play the video at the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vprog.cli.command_errors import reports_errors
from vprog.cli.options import set_option, settings_of
from vprog.cli.output import note, say
from vprog.settings import load_settings
from vprog.trace.store import find_trace, run_folders


@click.command("view")
@click.argument("name", metavar="[TRACE|FOLDER]", default="last")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: a free one.")
@click.option("--no-browser", is_flag=True, help="Print the address; open no browser.")
@click.option("--vlm", help="Vision-language model for new questions.")
@click.option("--llm", help="What writes programs for new questions; default: rules.")
@set_option
@reports_errors
def command(name: str, port: int, no_browser: bool, **given: Any) -> int:
    """Show a run in the browser: the video at the evidence, boxes drawn, values to open.

    TRACE is a name as `vprog trace list` shows it, or "last"; a FOLDER of traces shows all of
    them, to be searched. The page comes from this machine alone, and its address, which is
    printed, carries a token. Ctrl-C ends it.
    """
    from vprog.service.service import Service
    from vprog.service.viewer import view_server

    settings = settings_of(given)
    folder = Path(name)
    run = ""
    if folder.is_dir() and run_folders(folder):
        settings["trace_dir"] = folder
    else:
        found = find_trace(load_settings(settings).trace_dir, name)
        found = found.parent if found.is_file() else found
        settings["trace_dir"], run = found.parent, found.name
    with Service(**settings) as service:
        server, viewed = view_server(service, port=port, log=note)
        url = server.url + (viewed.url("run", run) if run else viewed.url(""))
        say(url)
        note("Ctrl-C ends it")
        if not no_browser:
            import webbrowser

            webbrowser.open(url)
        server.run()
    return 0
