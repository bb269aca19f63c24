"""`vprog serve`: answer OpenAI-compatible requests about videos over HTTP."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import click

from vprog.cli.answering import share_heaps
from vprog.cli.command_errors import reports_errors
from vprog.cli.options import service_options, settings_of
from vprog.cli.output import note, note_if_read
from vprog.service.chat_routes import ChatRoutes
from vprog.service.http_server import HttpServer
from vprog.service.media_roots import MediaRoots
from vprog.service.service import MOST_RUNS, Service
from vprog.service.spooled_body import MOST_BODY_MB

FILES_A_RUN = 40
"""Pipes, traces and caches that a run holds open; measured: 32."""


@click.command("serve")
@click.option(
    "--host",
    default="127.0.0.1",
    help="Address to listen on; others than those of this computer alone need --key.",
    show_default=True,
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="0 for a free one.",
)
@click.option(
    "--media-root",
    "roots",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Folder below which clients may name files (file: URLs); repeat it.",
)
@click.option(
    "--key",
    default="",
    envvar="VPROG_SERVE_KEY",
    help="What clients must show as bearer; or VPROG_SERVE_KEY in the environment.",
)
@click.option(
    "--abstain-as",
    metavar="LABEL",
    help="Reply to a multiple-choice prompt where there "
    "is no answer, for harnesses that count letters; default: empty, with the reason as "
    "refusal.",
)
@click.option(
    "--max-body-mb",
    type=click.IntRange(1, 100_000),
    default=MOST_BODY_MB,
    show_default=True,
    help="Largest request; videos in it go to disk.",
)
@click.option(
    "--most-runs",
    type=click.IntRange(1, 1024),
    default=MOST_RUNS,
    show_default=True,
    help="Questions at a time; more get 429.",
)
@service_options
@reports_errors
def command(
    host: str,
    port: int,
    roots: tuple[Path, ...],
    key: str,
    abstain_as: str | None,
    max_body_mb: int,
    most_runs: int,
    **given: Any,
) -> int:
    """Answer questions of OpenAI-compatible clients about videos.

    POST /v1/chat/completions takes one message of the user with a video_url (a file: URL below
    --media-root, or a data: URL) and the question, streaming or not. The reply is the answer; its
    field "vprog" has evidence, score and trace. No answer is a refusal, which says why. The URL
    of a folder that `vprog index` has read has the question answered over all its files.

    \b
    vprog serve --media-root ~/videos
    curl -s http://127.0.0.1:8765/v1/models
    """
    share_heaps()
    media = MediaRoots(roots)
    allow_open_files(FILES_A_RUN * (most_runs + 8))
    with Service(most_runs=most_runs, **settings_of(given)) as service:
        chat = ChatRoutes(service, media, abstain_as=abstain_as, most_body=max_body_mb * 1_000_000)
        server = HttpServer(
            chat.routes(), host=host, port=port, key=key, most_body=chat.most_body, log=note_if_read
        )
        note(f"vprog: serving {server.url}/v1; Ctrl-C ends it")
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        server.run()
        note_if_read("vprog: ending")
    return 0


def allow_open_files(count: int) -> None:
    """Let this process hold so many files open, as far as the system lets it."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
