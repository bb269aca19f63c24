"""What takes a while and is begun by a click: a new question, a changed line, an audit, a look."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vprog.errors import BusyError, UsageError, VprogError
from vprog.evaluation.audit.audit_run import audit
from vprog.replays.edits import Edit
from vprog.replays.replay_run import replay
from vprog.runs.result import Result, error_info
from vprog.service.folder_asking import (
    FileAnswer,
    ask_best_files,
    ask_index,
    folder_lines,
    unsure_lines,
)
from vprog.service.http_exchange import Exchange
from vprog.service.http_server import Route
from vprog.service.service import ServedRun, progress_text
from vprog.service.viewer.viewer_state import Viewed
from vprog.trace.event import TraceEvent
from vprog.types.clock import clock
from vprog.view.explored_trace import Trace
from vprog.view.words import answer_text

_MOST_AT_ONCE = 4
_MOST_KEPT = 64
_FAINT = 0.05
"""A cut so low that what was nearly found is found, with much that is nothing."""


@dataclass
class _Job:
    """Work in a thread of its own, and what came of it."""

    progress: str = "begun"
    result: dict[str, Any] | None = None
    error: dict[str, str] | None = None
    told: list[str] = field(default_factory=list)

    def listen(self, event: TraceEvent) -> None:
        self.progress = progress_text(event) or self.progress

    def to_dict(self) -> dict[str, Any]:
        is_over = self.result is not None or self.error is not None
        return {"over": is_over, "progress": self.progress, "result": self.result,
                "error": self.error}  # fmt: skip


_Work = Callable[[Callable[[TraceEvent], None]], dict[str, Any]]


class _Jobs:
    """The jobs of one server; a few at a time."""

    def __init__(self) -> None:
        self._jobs: dict[str, _Job] = {}
        self._lock = threading.Lock()

    def find(self, job_id: str) -> _Job:
        """A job by its id.

        Raises:
            UsageError: there is none.
        """
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None:
            raise UsageError(f"no job {job_id[:40]!r}.", hint="Load the page again.")
        return job

    def begin(self, work: _Work) -> str:
        """Begin some work, and give the id of its job.

        Raises:
            BusyError: enough is going on.
        """
        with self._lock:
            n_live = sum(job.result is None and job.error is None for job in self._jobs.values())
            if n_live >= _MOST_AT_ONCE:
                raise BusyError(f"{n_live} jobs are going on.", hint="Wait for one to end.")
            for old in list(self._jobs)[: max(0, len(self._jobs) - _MOST_KEPT)]:
                del self._jobs[old]
            job_id, job = secrets.token_hex(8), _Job()
            self._jobs[job_id] = job
        threading.Thread(target=_carry_out, args=(job, work), daemon=True).start()
        return job_id


def _carry_out(job: _Job, work: _Work) -> None:
    try:
        job.result = work(job.listen)
    except VprogError as error:
        job.error = {"message": error.message, "hint": error.hint}
    except Exception as error:
        job.error = {"message": f"a fault in vprog: {type(error).__name__}: {error}", "hint": ""}


def job_routes(viewed: Viewed) -> list[Route]:
    """What begins a job, and tells how far it is."""
    jobs = _Jobs()
    folder, registry = viewed.service.settings.trace_dir, viewed.registry

    def begin(exchange: Exchange, work: _Work) -> None:
        exchange.send_json({"job": jobs.begin(work)}, status=202)

    def tell(exchange: Exchange, job: str) -> None:
        exchange.send_json(jobs.find(job).to_dict())

    def ask(exchange: Exchange, name: str) -> None:
        trace, given = viewed.trace(name), _fields(exchange, question=str)
        paths = _paths(viewed, trace)
        begin(exchange, lambda listen: _run_of(
            viewed.service.engine.solve(paths, given["question"], listen=listen)))  # fmt: skip

    def ask_folder(exchange: Exchange) -> None:
        given = _fields(exchange, folder=str, question=str)
        begin(exchange, lambda listen: _folder_answer(viewed, given["folder"], given["question"]))

    def change(exchange: Exchange, name: str) -> None:
        trace, given = viewed.trace(name), _fields(exchange, cell=int, line=int, text=str)
        edit = Edit(given["line"], given["text"], given["cell"])

        def work(listen: Callable[[TraceEvent], None]) -> dict[str, Any]:
            replayed = replay(
                trace.folder, edits=[edit], listen=listen, registry=registry, trace_dir=folder
            )
            counted = {"replayed": replayed.n_replayed, "ran": replayed.n_run}
            return {**_run_of(replayed.result), **counted, "notes": list(replayed.notes)}

        begin(exchange, work)

    def examine(exchange: Exchange, name: str) -> None:
        trace = viewed.trace(name)

        def work(listen: Callable[[TraceEvent], None]) -> dict[str, Any]:
            made = audit(trace.folder, listen=listen, registry=registry, trace_dir=folder)
            return {
                "verdict": made.verdict,
                "cited": made.cited,
                "ablations": [
                    {"what": ablation.what, "same": ablation.is_same,
                     "answer": answer_text(ablation.answer) or f"no answer, {ablation.why}",
                     "run": ablation.trace.name if ablation.trace is not None else ""}
                    for ablation in made.ablations
                ],
            }  # fmt: skip

        begin(exchange, work)

    def look(exchange: Exchange, name: str) -> None:
        trace = viewed.trace(name)
        given = _fields(exchange, video=int, time=float, label=str)
        paths = _paths(viewed, trace)
        source = _FAINT_PROGRAM.format(time=given["time"], label=given["label"], least=_FAINT,
                                       video=given["video"])  # fmt: skip
        question = f"What is there at {clock(given['time'])}, also below the cut?"

        def work(listen: Callable[[TraceEvent], None]) -> dict[str, Any]:
            result = viewed.service.engine.run(paths, source, question=question, listen=listen)
            assert result.trace_path is not None
            found = viewed.trace(result.trace_path.name).model.player.things
            faint = [{"label": thing.label, "box": thing.boxes[0], "score": thing.score}
                     for thing in found]  # fmt: skip
            return {**_run_of(result), "faint": faint, "least": _FAINT}

        begin(exchange, work)

    run = r"(?P<name>[\w-]+)"
    return [
        Route("GET", r"/job/(?P<job>\w+)", tell),
        Route("POST", f"/ask/{run}", ask),
        Route("POST", "/folder", ask_folder),
        Route("POST", f"/change/{run}", change),
        Route("POST", f"/audit/{run}", examine),
        Route("POST", f"/look/{run}", look),
    ]


_FAINT_PROGRAM = """\
here = videos[{video}]
seen = detect(frame_at(here, {time!r}), {label!r}, min_score={least})
answer(len(seen), evidence=seen)
"""


def _folder_answer(viewed: Viewed, folder: str, question: str) -> dict[str, Any]:
    """What an indexed folder has to a question, and its best files, each with its run."""
    path = Path(folder).expanduser()
    found = ask_index(viewed.service, path, question)
    runs = ask_best_files(viewed.service, path, found)
    answers = {name: FileAnswer(run, _result_of(run)) for name, run in runs.items()}
    return {
        "lines": folder_lines(found, {}),
        "left_out": unsure_lines(found),
        "answers": [{"file": name, "text": answer.text, "run": answer.run.trace}
                    for name, answer in answers.items()],
    }  # fmt: skip


def _result_of(run: ServedRun) -> Result:
    """What came of a run; that its file cannot be read is a result too."""
    try:
        return run.handle.result()
    except VprogError as error:
        return Result(status=error.status, error=error_info(error))


def _run_of(result: Result) -> dict[str, Any]:
    error = result.error
    return {
        "run": result.trace_path.name if result.trace_path is not None else "",
        "status": str(result.status),
        "answer": result.text() if result.status == "answered" else "",
        "why": f"{error.message} {error.hint}".strip() if error is not None else "",
    }


def _paths(viewed: Viewed, trace: Trace) -> list[str]:
    """Where the videos of a run lie, each sure to be what it was: a trace may name any file."""
    paths: list[str] = []
    for index in range(len(trace.recording.started.videos)):
        with viewed.file(trace, index) as file:
            paths.append(str(file.path))
    return paths


def _fields(exchange: Exchange, **kinds: type) -> dict[str, Any]:
    """The fields of a request's body.

    Raises:
        UsageError: one is missing or of another type.
    """
    given = exchange.read_json(200_000)
    found: dict[str, Any] = {}
    for name, kind in kinds.items():
        value = given.get(name) if isinstance(given, dict) else None
        if kind is float and type(value) is int and abs(value) < 2**53:  # more is no float
            value = float(value)
        if type(value) is not kind:
            raise UsageError(f"{name}: expected {kind.__name__}.", hint="Load the page again.")
        found[name] = value
    return found
