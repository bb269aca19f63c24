"""The library's verbs: those of an engine that the process has anyway."""

from __future__ import annotations

from vprog.solver.engine import Engine, Videos

__all__ = ["Videos", "asolve", "close", "run", "solve", "start"]

shared = Engine()
"""Keeps models, cache and workers of the settings used last for the next question."""

solve = shared.solve
run = shared.run
start = shared.start
asolve = shared.asolve


def close() -> None:
    """Stop the workers and unload the models that are kept for the next question.

    Questions that other threads are asking right now go on; theirs close when they are over.

    Example:
        >>> vprog.close()
    """
    shared.release()
