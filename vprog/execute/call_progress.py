"""What who listens to a run is told of a call while it lasts: an estimate, and how far it is."""

from __future__ import annotations

import time
from collections.abc import Mapping

from vprog.execute.call_speeds import CallSpeeds, look_size
from vprog.media.source import MediaSource
from vprog.registry.module import ModuleSpec
from vprog.trace.event import LookEstimated, Progressed
from vprog.trace.recorder import Recorder

_PROGRESS_S = 0.1
"""No more often is told how far a call is."""


class CallProgress:
    """Tells the listeners of one run; may be used from several threads.

    Args:
        recorder: of the run, which has the listeners.
        media: the videos, whose size says how much a call looks at.
        speeds: what former calls took; without them nothing is estimated.
    """

    def __init__(self, recorder: Recorder, media: MediaSource, speeds: CallSpeeds | None) -> None:
        self._recorder = recorder
        self._media = media
        self._speeds = speeds
        self._estimated: set[str] = set()
        """The modules whose time was told: once a run."""
        self._told_at = 0.0

    def begins(self, spec: ModuleSpec, arguments: Mapping[str, object]) -> None:
        """Tell how long a call will take, where that is long."""
        if self._speeds is None or spec.name in self._estimated:
            return
        estimate = self._speeds.estimate(spec, look_size(arguments, self._media.videos))
        if estimate is None:
            return
        self._estimated.add(spec.name)
        self._recorder.tell(
            LookEstimated(
                task=spec.task,
                implementation=spec.implementation,
                low_s=estimate.low_s,
                high_s=estimate.high_s,
                n_calls=estimate.n_calls,
            )
        )

    def goes_on(self, spec: ModuleSpec, done: float, total: float, unit: str) -> None:
        """Tell how far a call is, a few times a second."""
        now = time.monotonic()
        if now - self._told_at < _PROGRESS_S:
            return
        self._told_at = now
        self._recorder.tell(
            Progressed(
                task=spec.task,
                implementation=spec.implementation,
                done=float(done),
                total=float(total),
                unit=unit,
            )
        )

    def took(self, spec: ModuleSpec, arguments: Mapping[str, object], seconds: float) -> None:
        """Remember what an executed call took, for later estimates."""
        if self._speeds is not None and seconds:
            self._speeds.keep(spec, look_size(arguments, self._media.videos), seconds)
