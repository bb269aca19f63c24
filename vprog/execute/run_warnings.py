"""What the files, modules, cache and strategies of one run warn of, each once."""

from __future__ import annotations

import threading

from vprog.execute.module_faults import text_of
from vprog.execute.result_cache import ResultCache
from vprog.media.run_videos import MediaSource
from vprog.trace.event import Warned
from vprog.trace.recorder import Recorder

_MOST_OF_MODULES = 200
"""Warnings of modules that one run keeps."""


class RunWarnings:
    """The warnings of one run, for its trace and its result. May be used from several threads."""

    def __init__(self, media: MediaSource, cache: ResultCache, recorder: Recorder) -> None:
        self._media = media
        self._cache = cache
        self._recorder = recorder
        self._cache_told = cache.n_told
        self._lock = threading.Lock()
        self._noted: dict[str, None] = {}
        self._passed: set[str] = set()
        self._n_of_modules = 0

    @property
    def texts(self) -> list[str]:
        """All of them so far."""
        of_cache = self._cache.untold(self._cache_told)
        with self._lock:
            noted = list(self._noted)
        return list(dict.fromkeys([*self._media.warnings, *noted, *of_cache]))

    def add(self, text: str) -> None:
        """One more, which goes into the trace at once."""
        self.note(text)
        self.pass_on()

    def note(self, text: str) -> None:
        """One more, which goes into the trace with the next event."""
        with self._lock:
            self._noted[text] = None

    def note_of_module(self, text: object) -> None:
        """One of a module: one line, bounded, and so are they all together."""
        with self._lock:
            self._n_of_modules += 1
            is_last = self._n_of_modules == _MOST_OF_MODULES
            if self._n_of_modules > _MOST_OF_MODULES:
                return
        self.note("modules warn of more, which is left out" if is_last else text_of(text))

    def pass_on(self) -> None:
        """Put the new ones into the trace."""
        texts = self.texts
        if not texts:  # as after nearly every call
            return
        with self._lock:
            new = [text for text in texts if text not in self._passed]
            self._passed.update(new)
        for text in new:
            self._recorder.write(Warned(text=text))
