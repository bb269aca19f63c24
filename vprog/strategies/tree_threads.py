"""Work done in several threads at once, from which Ctrl-C gets out.

A thread cannot be interrupted, and the process would wait for one that is. So these threads
are the process's to leave: whoever stops them tells what they wait for to end, gives them a
moment, and goes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

CHECK_S = 0.1
"""Where a wait for a lock cannot be interrupted (Windows), Ctrl-C is seen this often."""

GRACE_S = 0.4
"""What the threads have to come to their end after an interrupt."""


def side_by_side(work: Callable[[T], R], jobs: Sequence[T], *, stop: Callable[[], None]) -> list[R]:
    """What the work gives for each job, in their order; each job has a thread of its own.

    One job alone is done in the caller's thread.

    Args:
        work: called once for each job.
        jobs: what it is called with.
        stop: called when KeyboardInterrupt comes: ends what the threads wait for.

    Raises:
        BaseException: what the first of the jobs raised, after all have ended.
    """
    if len(jobs) == 1:
        return [work(jobs[0])]
    futures: list[Future[R]] = [Future() for _ in jobs]
    threads = [
        threading.Thread(target=_do, args=(work, job, future), daemon=True)
        for job, future in zip(jobs, futures, strict=True)
    ]
    try:
        for thread in threads:
            thread.start()
        left = set(futures)
        while left:
            left = wait(left, timeout=CHECK_S).not_done
    except KeyboardInterrupt:
        stop()
        wait(futures[: sum(thread.ident is not None for thread in threads)], timeout=GRACE_S)
        raise
    return [future.result() for future in futures]


def _do(work: Callable[[T], R], job: T, future: Future[R]) -> None:
    try:
        made = work(job)
    except BaseException as error:
        future.set_exception(error)  # whoever waits for the result raises it
    else:
        future.set_result(made)
