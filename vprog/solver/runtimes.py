"""The runtimes of an engine: one for each set of settings in use, kept between questions."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from vprog.execute.runtime import Runtime
from vprog.registry.discover import discover
from vprog.registry.module import VlmSpec
from vprog.registry.registry import Registry
from vprog.settings import Settings


@dataclass
class _Shared:
    runtime: Runtime
    registry: Registry | None
    vlm: VlmSpec | None
    """Both held, so that their identities in the key stay their own."""
    users: int = 0


class Runtimes:
    """Lends runtimes to questions, of any threads."""

    def __init__(self) -> None:
        self._shared: dict[object, _Shared] = {}
        self._latest: object = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._shared)

    @contextmanager
    def lend(
        self,
        settings: Settings,
        registry: Registry | None = None,
        vlm: VlmSpec | None = None,
    ) -> Iterator[Runtime]:
        """A runtime with these settings, for the length of a question.

        The one used last stays open for the next question; others close when their last
        question is over.

        Args:
            settings: of the question.
            registry: its modules; by default those that installed packages offer.
            vlm: of the caller's own, in place of the one that the settings name.
        """
        key = (
            *_key(settings),
            id(registry) if registry is not None else None,
            id(vlm.backend) if vlm is not None else None,
        )
        with self._lock:
            shared = self._shared.get(key)
            if shared is None:
                modules = registry if registry is not None else discover()
                shared = self._shared[key] = _Shared(
                    Runtime(settings, modules, vlm=vlm), registry, vlm
                )
            shared.users += 1
            self._latest = key
            self._close_idle()
        try:
            yield shared.runtime
        finally:
            with self._lock:
                shared.users -= 1
                self._close_idle()

    def release(self) -> None:
        """Keep none for the next question; those in use close when their last one is over."""
        with self._lock:
            self._latest = None
            self._close_idle()

    def close(self) -> None:
        """Close all, also those in use: the process ends."""
        with self._lock:
            while self._shared:
                self._shared.popitem()[1].runtime.close()

    def _close_idle(self) -> None:
        idle = [
            key for key, shared in self._shared.items() if not shared.users and key != self._latest
        ]
        for key in idle:
            self._shared.pop(key).runtime.close()


def _key(settings: Settings) -> tuple[object, ...]:
    """What of the settings a runtime is made from; the rest is the question's."""
    return (
        tuple(sorted(settings.wanted_modules().items())),
        tuple(sorted(settings.weights.items())),
        settings.preset,
        settings.device,
        settings.vlm,
        # A VLM is opened once for a runtime, at the address and with the key of then.
        *(os.environ.get(name) for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY") if settings.vlm),
        settings.cache_dir,
        settings.cache_max_mb,
        settings.max_calls,
        settings.live_programs,
        settings.read_ahead,
        settings.require_jail,
    )
