"""`audit`: whether an answer rests on what it cites.

The program that gave an answer is run again on the video with parts of it gone: the cited
stretches alone (is the evidence sufficient?), all but these (is it necessary?), the pictures
in another order (does order matter?), no picture and no sound (does the video matter at
all?). Modules see the altered video and nothing else; the program stays as it is. A language
model that is named is asked the bare question as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vprog.config import load_settings
from vprog.errors import MissingError, UsageError
from vprog.evaluation.audit.ablations import Conditions, cited_spans
from vprog.evaluation.audit.audit_verdict import Arm, judge
from vprog.evaluation.audit.text_only import ask_bare
from vprog.execute.runtime import with_vlm
from vprog.llm.open import RULES
from vprog.registry.module import ModuleSpec
from vprog.registry.registry import Registry
from vprog.replays.recorded_run import (
    RecordedRun,
    open_run,
    registry_or_installed,
    runtime_of,
)
from vprog.trace.event import TraceEvent


@dataclass(frozen=True)
class Audit:
    """What came of an audit.

    Attributes:
        question: as it was asked.
        answer: as it was given.
        cited: the share of the videos' time that the answer cites, in [0, 1].
        arms: by condition; `again` first.
        verdict: in one or two sentences.
        rests: True if the answer rests on what it cites, False if not; None where that cannot
            be said, e.g. because it cites nothing.
    """

    question: str
    answer: object
    cited: float
    arms: tuple[Arm, ...]
    verdict: str
    rests: bool | None

    def arm(self, name: str) -> Arm | None:
        """The arm of a name; None if it was not run."""
        return next((arm for arm in self.arms if arm.name == name), None)


def audit(
    trace: str | Path,
    *,
    videos: Sequence[str | Path] = (),
    registry: Registry | None = None,
    listen: Callable[[TraceEvent], None] | None = None,
    **settings: Any,
) -> Audit:
    """Ask again with less, and say whether the answer rests on what it cites.

    Args:
        trace: a run's folder, its name, or "last"; one that has an answer.
        videos: where the videos lie now, if not where they lay.
        registry: modules to use instead of those that installed packages offer.
        listen: called with every event of every run that is made.
        **settings: any setting of vprog.config.Settings; `llm` names the model that is asked
            the bare question, `vlm` must be named again where the run had one look.

    Raises:
        TraceNotFoundError, TraceError: there is no such trace, no program ran in it, or its
            folder cannot be written to.
        UsageError: it has no answer.
        VideoError: a video is gone, or is not the one of then.
        MissingError: a model that looked is not named, or a module is not installed.

    Example:
        >>> vprog.audit("last").verdict
        'The answer rests on what it cites: that is enough, and needed.'
    """
    run = open_run(trace, settings)
    if run.result.status != "answered":
        raise UsageError(
            f"{run.name}: it has no answer to audit, it ended as {run.result.status}.",
            hint="Name a run that answered.",
        )
    known = with_vlm(registry_or_installed(registry), run.settings)
    modules = run.modules(known)
    _need_vlm(run, modules)
    cited = _share_cited(run)
    llm = load_settings(settings).llm  # that of now: who wrote the program has no part
    bare = [ask_bare(run, llm)] if llm != RULES else []
    with runtime_of(run, modules, known, is_closed=False) as runtime:
        conditions = Conditions(run, runtime, videos=videos, listen=listen)
        arms = [conditions.again()]
        if arms[0].is_same:
            arms += conditions.altered()
    arms += bare
    verdict, rests = judge(arms, cited=cited)
    question = run.recording.started.question
    return Audit(question, run.result.answer, cited, tuple(arms), verdict, rests)


def _share_cited(run: RecordedRun) -> float:
    total = sum(video.video.duration for video in run.recording.started.videos)
    cited = sum(span.end - span.start for spans in cited_spans(run) for span in spans)
    return cited / total if total else 0.0


def _need_vlm(run: RecordedRun, modules: Mapping[str, ModuleSpec]) -> None:
    """Be sure that the model is named which looked: frames are shown to nobody else.

    Raises:
        MissingError: it is not.
    """
    looked = run.recording.started.answerer
    called = {call.task for call in run.calls}
    if run.settings.vlm == looked or not any(modules[task].vlm_kind for task in called):
        return
    raise MissingError(
        f"{run.name}: {looked} looked at its frames, and it is not named now.",
        hint=f"Name it: --vlm {looked}.",
    )
