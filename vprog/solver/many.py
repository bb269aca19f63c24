"""Many questions with one engine: those about the same files together, several at a time."""

from __future__ import annotations

import os
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Unpack, cast

from vprog.errors import VprogError
from vprog.evaluation.case_list import ListedCase, cases_of
from vprog.evaluation.kept_list import Chosen
from vprog.runs.result import Result, error_info, fault_of
from vprog.solver.engine import Engine
from vprog.solver.ray_cluster import LEAST_JOBS, RayCluster, ray_address
from vprog.solver.run_handle import RunHandle
from vprog.solver.settings_dict import SettingsDict
from vprog.view.notebook_progress import count_in_notebook

_TOLD_EVERY_S = 0.5


def solve_many(
    cases: Iterable[Mapping[str, object]] | Sequence[ListedCase],
    *,
    jobs: int = 0,
    engine: Engine | str | None = None,
    **settings: Unpack[SettingsDict],
) -> Iterator[tuple[str, Result]]:
    """Answer many questions; each result comes when it is there.

    Questions about the same files are asked one after another, so that index, decoders and cached
    results serve all of them, and the calls of all questions share batches. What would be an
    exception of `vprog.solve` is a result here that says why. Whoever stops iterating ends the
    questions that are being answered.

    Args:
        cases: mappings of the form {"video": PATH or list of them, "question": TEXT}, with "id",
            "choices", "subs", "start" and "end" where there are any; without an id it is the
            number, from 1.
        jobs: how many are answered at the same time (on each node); 0 for one a core, at least 4.
        engine: what answers them; by default one that closes afterwards. "ray" or "ray:HOST:PORT"
            is a Ray cluster that this machine belongs to: each node has an engine, the questions
            about a file go to one, and what a lost node had not answered goes to another.
        **settings: as for `solve`.

    Yields:
        The id of a case and its result, in the order in which they are answered.

    Raises:
        UsageError, ConfigError: a mapping is no case, an id is there twice, or a setting is wrong;
            before anything is answered.
        PackageMissingError: Ray is asked for and not installed.

    Example:
        >>> cases = [{"video": "a.mp4", "question": "How many shots are there?"}]
        >>> for case_id, result in vprog.solve_many(cases):
        ...     print(case_id, result.answer)
        1 7
    """
    rows = cases if isinstance(cases, Sequence) else list(cases)
    if rows and not isinstance(rows[0], ListedCase):  # of one list all or none are read already
        rows = cases_of(cast("Sequence[Mapping[str, object]]", rows))
    listed = cast("Sequence[ListedCase]", rows)
    if isinstance(engine, str):
        cluster = RayCluster(ray_address(engine), settings)
        return cluster.answers(by_files(listed), jobs=jobs, answer=solve_many)
    n_jobs = jobs or max(LEAST_JOBS, os.cpu_count() or 1)
    if engine is not None:
        return _answers(listed, n_jobs, engine, settings, nullcontext())
    own = Engine(**settings)
    return _answers(listed, n_jobs, own, settings, own)


def by_files(cases: Sequence[ListedCase]) -> list[Chosen[ListedCase]]:
    """The cases of the same files together, in the order in which the files first come."""
    groups: dict[tuple[Path, ...], array[int]] = {}
    for place, case in enumerate(cases):
        groups.setdefault(case.videos, array("L")).append(place)
    return [Chosen(cases, places) for places in groups.values()]


def _answers(
    cases: Sequence[ListedCase],
    jobs: int,
    engine: Engine,
    settings: SettingsDict,
    closing: AbstractContextManager[object],
) -> Iterator[tuple[str, Result]]:
    with closing, ExitStack() as stack, count_in_notebook(len(cases)) as tell:
        work = _Answering(engine, settings, cases)
        stack.callback(work.stop)
        for _ in range(min(jobs, len(cases))):
            threading.Thread(target=work.answer, name="vprog-batch", daemon=True).start()
        for n_done in range(len(cases)):
            yield _next_result(work.results, n_done, tell)


def _next_result(
    results: SimpleQueue[tuple[str, Result]], n_done: int, tell: Callable[[int], None] | None
) -> tuple[str, Result]:
    """Wait for it; `tell` hears meanwhile how many there were before."""
    while tell is not None:
        tell(n_done)
        with suppress(Empty):
            return results.get(timeout=_TOLD_EVERY_S)
    return results.get()


class _Group:
    """Files with the questions about them; open from the first question to the last."""

    def __init__(self, n_cases: int) -> None:
        self.n_left = n_cases
        self.opening = threading.Lock()
        self.held: ExitStack | None = None


class _Answering:
    """The questions that are left, those that are being answered, and the results."""

    def __init__(self, engine: Engine, settings: SettingsDict, cases: Sequence[ListedCase]) -> None:
        self.results: SimpleQueue[tuple[str, Result]] = SimpleQueue()
        self._engine = engine
        self._settings = settings
        self._left = (
            (case, group)
            for cases_of_files in by_files(cases)
            for group in [_Group(len(cases_of_files))]
            for case in cases_of_files
        )
        self._handles: set[RunHandle] = set()
        self._lock = threading.Lock()
        self._is_stopped = False

    def answer(self) -> None:
        """Answer questions until none is left; the work of one thread."""
        while True:
            with self._lock:
                following = None if self._is_stopped else next(self._left, None)
            if following is None:
                return
            case, group = following
            self._hold(case, group)
            try:
                self.results.put((case.id, self._result(case)))
            finally:
                self._let_go(group)

    def stop(self) -> None:
        """Answer no more, and end what is being answered."""
        with self._lock:
            self._is_stopped = True
            handles = list(self._handles)
        for handle in handles:
            handle.cancel()
        for handle in handles:
            handle.stop()

    def _result(self, case: ListedCase) -> Result:
        handle: RunHandle | None = None
        settings = self._settings
        if any(case.part):
            settings = {**settings, "start": case.part[0], "end": case.part[1]}
        try:
            handle = self._engine.start(
                list(case.videos),
                case.question,
                choices=case.choices,
                subtitles=case.subtitles,
                **settings,
            )
            with self._lock:
                self._handles.add(handle)
                is_stopped = self._is_stopped
            if is_stopped:
                handle.stop()
            return handle.result()
        except VprogError as error:
            return Result(status=error.status, error=error_info(error))
        except Exception as error:
            fault = fault_of(error)
            return Result(status=fault.status, error=error_info(fault))
        finally:
            if handle is not None:
                with self._lock:
                    self._handles.discard(handle)

    def _hold(self, case: ListedCase, group: _Group) -> None:
        """Open the files of a group for all its questions; what cannot be opened, each says."""
        with group.opening:
            if group.held is None and group.n_left > 1:
                group.held = ExitStack()
                try:
                    group.held.enter_context(
                        self._engine.holding(list(case.videos), **self._settings)
                    )
                except VprogError:
                    pass

    def _let_go(self, group: _Group) -> None:
        with group.opening:
            group.n_left -= 1
            if not group.n_left and group.held is not None:
                group.held.close()
