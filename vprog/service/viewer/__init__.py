"""The page that plays a video at the evidence, served on the loopback: `vprog view`."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from vprog.registry.registry import Registry
from vprog.service.http_server import HttpServer
from vprog.service.service import Service
from vprog.service.viewer.job_routes import job_routes
from vprog.service.viewer.media_routes import media_routes
from vprog.service.viewer.page_routes import page_routes
from vprog.service.viewer.viewer_state import Viewed

__all__ = ["Viewed", "view_server"]


def view_server(
    service: Service,
    *,
    port: int = 0,
    token: str = "",
    registry: Registry | None = None,
    log: Callable[[str], None] = lambda text: None,
) -> tuple[HttpServer, Viewed]:
    """A server of the pages of a folder's runs, on the loopback alone.

    Args:
        service: whose folder of traces is shown, and whose engine answers new questions.
        port: 0 for a free one.
        token: that every address must carry; by default a new one that cannot be guessed.
        registry: modules for changed lines and audits; by default all that are installed.
        log: told of faults of ours.

    Returns:
        The server, which answers nothing before its `run`; and what makes its addresses.

    Raises:
        UsageError: the port is taken.
    """
    viewed = Viewed(service, token or secrets.token_urlsafe(18), registry)
    routes = [*page_routes(viewed), *media_routes(viewed), *job_routes(viewed)]
    server = HttpServer(routes, port=port, key=viewed.token, takes_token=True, log=log)
    return server, viewed
