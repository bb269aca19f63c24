"""The engines of this process: one for each set of settings in use, kept between questions."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from vprog.config import Settings
from vprog.execute.runtime import Runtime
from vprog.registry.discover import discover
from vprog.registry.registry import Registry


@dataclass
class _Kept:
    runtime: Runtime
    registry: Registry | None
    """Held, so that its identity in the key stays its own."""
    users: int = 0


_kept: dict[object, _Kept] = {}
_latest: object = None
_lock = threading.Lock()


@contextmanager
def runtime_for(settings: Settings, registry: Registry | None = None) -> Iterator[Runtime]:
    """A runtime with these settings, for the length of a question.

    The one used last stays open for the next question; others close when their last
    question is over. Questions of any threads share them.
    """
    global _latest
    key = _key(settings, registry)
    with _lock:
        kept = _kept.get(key)
        if kept is None:
            runtime = Runtime(settings, registry if registry is not None else discover())
            kept = _kept[key] = _Kept(runtime, registry)
        kept.users += 1
        _latest = key
        _close_idle()
    try:
        yield kept.runtime
    finally:
        with _lock:
            kept.users -= 1
            _close_idle()


def close() -> None:
    """Stop the workers and unload the models that `solve` and `run` keep for the next call.

    Questions that other threads are asking right now go on; theirs close when they are over.
    """
    global _latest
    with _lock:
        _latest = None
        _close_idle()


def _close_idle() -> None:
    for key in [each for each, kept in _kept.items() if not kept.users and each != _latest]:
        _kept.pop(key).runtime.close()


def _close_all() -> None:
    """The process ends: also what threads still use."""
    with _lock:
        while _kept:
            _kept.popitem()[1].runtime.close()


def _key(settings: Settings, registry: Registry | None) -> object:
    """What of the settings a runtime is made from; the rest is the question's."""
    return (
        tuple(sorted(settings.wanted_modules().items())),
        settings.preset,
        settings.device,
        settings.vlm,
        # A model that looks is opened once for a runtime, at the address and with the key of then.
        *(os.environ.get(each) for each in ("OPENAI_BASE_URL", "OPENAI_API_KEY") if settings.vlm),
        settings.cache_dir,
        settings.cache_max_mb,
        settings.max_calls,
        settings.require_jail,
        id(registry) if registry is not None else None,
    )


atexit.register(_close_all)
