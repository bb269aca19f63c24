"""The pages: a run, two runs side by side, and all runs of a folder with a search over them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from vprog.errors import TraceError, UsageError
from vprog.library.indexing import indexed_folders
from vprog.service.http_exchange import Exchange
from vprog.service.http_server import Route
from vprog.service.viewer.media_routes import clips_of
from vprog.service.viewer.viewer_state import Viewed
from vprog.trace.store import list_traces
from vprog.view.difference import differences
from vprog.view.html.page import frame_page, page, runs_page
from vprog.view.words import clipped

_MOST_HITS = 50
_MOST_SEARCHED = 2000
_FRAMES = {"Content-Security-Policy": "frame-ancestors 'self'"}


def page_routes(viewed: Viewed) -> list[Route]:
    """What shows runs."""

    def send_page(exchange: Exchange, text: str) -> None:
        exchange.send_bytes(text.encode(), "text/html; charset=utf-8", headers=_FRAMES)

    def show(exchange: Exchange, name: str) -> None:
        trace = viewed.trace(name)
        text = page(trace.model, trace.recording.picture, clips=clips_of(viewed, trace),
                    api=viewed.token)  # fmt: skip
        send_page(exchange, text)

    def listed(exchange: Exchange) -> None:
        send_page(exchange, runs_page(api=viewed.token))

    def compared(exchange: Exchange, name: str, other: str) -> None:
        runs = [viewed.trace(run) for run in (name, other)]
        found = differences(runs[0].recording, runs[1].recording)
        urls = [viewed.url("run", run.folder.name) for run in runs]
        send_page(exchange, frame_page([run.model for run in runs], urls, found, api=viewed.token))

    def model(exchange: Exchange, name: str) -> None:
        body = msgspec.json.encode(viewed.trace(name).model)
        exchange.send_bytes(body, "application/json")

    def step(exchange: Exchange, name: str, index: str) -> None:
        steps = viewed.trace(name).model.steps
        if int(index) >= len(steps):
            raise UsageError(f"step {index}: the run has {len(steps)}.", hint="Count from 0.")
        exchange.send_bytes(msgspec.json.encode(steps[int(index)]), "application/json")

    def search(exchange: Exchange) -> None:
        exchange.send_json({"hits": _hits(viewed, exchange.query.get("q", ""))})

    def folders(exchange: Exchange) -> None:
        name = exchange.query.get("run", "")
        exchange.send_json({"folders": _indexed_folders(viewed, name)})

    run = r"(?P<name>[\w-]+)"
    return [
        Route("GET", "/", listed),
        Route("GET", "/folders", folders),
        Route("GET", f"/run/{run}", show),
        Route("GET", rf"/compare/{run}/(?P<other>[\w-]+)", compared),
        Route("GET", f"/model/{run}", model),
        Route("GET", rf"/step/{run}/(?P<index>\d{{1,7}})", step),
        Route("GET", "/search", search),
    ]


def _indexed_folders(viewed: Viewed, name: str) -> list[str]:
    """The folders with an index in which the videos of a run lie; without a run, all."""
    folders = indexed_folders(viewed.service.settings.cache_dir)
    if name:
        videos = viewed.trace(name).recording.started.videos
        above = {folder for video in videos for folder in Path(video.path).resolve().parents}
        folders = [folder for folder in folders if folder in above]
    return [str(folder) for folder in folders]


def _hits(viewed: Viewed, text: str) -> list[dict[str, Any]]:
    """The newest runs in which all words stand: question, file, answer, evidence or program."""
    words = text.casefold().split()
    hits: list[dict[str, Any]] = []
    for number, summary in enumerate(list_traces(viewed.service.settings.trace_dir)):
        if len(hits) >= _MOST_HITS or number >= _MOST_SEARCHED:
            break
        if summary.started is None:
            continue
        names = [opened.path.rsplit("/", 1)[-1] for opened in summary.started.videos]
        head = "\n".join([summary.started.question, *names, summary.folder.name, summary.status])
        model = None
        told = head
        if not all(word in head.casefold() for word in words) or len(hits) < 20:
            try:
                model = viewed.trace(summary.folder.name).model
            except TraceError:  # it is listed by `vprog trace list`, with what is wrong
                continue
            told = "\n".join([head, model.headline, *(item.caption for item in model.evidence),
                              *(line.source for line in model.lines)])  # fmt: skip
        if not all(word in told.casefold() for word in words):
            continue
        lines = told.split("\n")[1:] if words else []
        passage = next(
            (line for line in lines if any(word in line.casefold() for word in words)), ""
        )
        hits.append(
            {
                "run": summary.folder.name,
                "question": summary.started.question or "A program of one's own",
                "videos": names,
                "status": summary.status,
                "answer": clipped(model.headline, 120) if model is not None else "",
                "passage": clipped(passage.strip(), 160),
            }
        )
    return hits
