"""`audit`: whether an answer rests on what it cites.

The program that gave an answer is run again on the video with parts of it gone: the cited
spans alone (is the evidence sufficient?), all but these (is it necessary?), the pictures
in another order (does order matter?), no picture and no sound (does the video matter at
all?). Modules see the perturbed video and nothing else; the program stays as it is. A
language model that is named is asked the question alone as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vprog.errors import MissingError, UsageError, VprogError
from vprog.evaluation.audit.ablations import (
    TEXT_ONLY,
    Ablation,
    AblationRuns,
    asks_order,
    cited_spans,
    conclude,
)
from vprog.execute.runtime import with_vlm
from vprog.llm.data_marks import DATA_RULE, mark_data
from vprog.llm.language_model import LanguageModel, Message, Request
from vprog.llm.llm_spec import RULES, open_llm
from vprog.registry.module import ModuleSpec
from vprog.registry.registry import Registry
from vprog.replays.recorded_run import RecordedRun, open_run
from vprog.replays.run_changed import ReplayRuntimes, registry_or_installed
from vprog.runs.answer_reading import find_choice
from vprog.runs.votes import agree
from vprog.settings import load_settings
from vprog.trace.event import TraceEvent
from vprog.view.notebook_progress import progress_in_notebook


@dataclass(frozen=True)
class Audit:
    """What came of an audit.

    Attributes:
        question: of the run.
        answer: of the run.
        cited: the share of the videos' time that the answer cites, in [0, 1].
        ablations: by condition; `again` first.
        verdict: in one or two sentences.
        rests: True if the answer rests on what it cites, False if not; None where that cannot
            be said, e.g. because it cites nothing.
    """

    question: str
    answer: object
    cited: float
    ablations: tuple[Ablation, ...]
    verdict: str
    rests: bool | None

    def ablation(self, name: str) -> Ablation | None:
        """The ablation of a name; None if it was not run."""
        return next((ablation for ablation in self.ablations if ablation.name == name), None)


def audit(
    trace: str | Path,
    *,
    videos: Sequence[str | Path] = (),
    registry: Registry | None = None,
    listen: Callable[[TraceEvent], None] | None = None,
    runtimes: ReplayRuntimes | None = None,
    **settings: Any,
) -> Audit:
    """Ask again with less, and say whether the answer rests on what it cites.

    Args:
        trace: a run's folder, its name, or "last"; one that has an answer.
        videos: where the videos lie now, if not where they lay.
        registry: modules to use instead of those that installed packages offer.
        listen: called with every event of every run that is made.
        runtimes: those that several audits share; by default this one has its own.
        **settings: any setting of vprog.settings.Settings; `llm` names the model that is asked
            the question alone, `vlm` must be named again where the run had one.

    Raises:
        TraceNotFoundError, TraceError: there is no such trace, no program ran in it, or its
            folder cannot be written to.
        UsageError: it has no answer.
        VideoError: a video is gone, or is not the recorded one.
        MissingError: the VLM of the run is not named, or a module is not installed.

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
    available = with_vlm(registry_or_installed(registry), run.settings)
    modules = run.modules(available)
    _need_vlm(run, modules)
    cited = _share_cited(run)
    llm = load_settings(settings).llm  # of now: who wrote the program has no part
    text_only = [ask_text_only(run, llm)] if llm != RULES else []
    with (
        progress_in_notebook(listen) as listener,
        nullcontext(runtimes) if runtimes is not None else ReplayRuntimes() as shared,
        shared.lend(run, modules, available, is_closed=False) as runtime,
    ):
        conditions = AblationRuns(run, runtime, videos=videos, listen=listener)
        ablations = [conditions.again()]
        if ablations[0].is_same:
            ablations += conditions.perturbed()
    ablations += text_only
    started = run.recording.started
    is_of_order = asks_order(started.question, started.choices) and _saw_pictures(run)
    verdict, rests = conclude(ablations, cited=cited, is_of_order=is_of_order)
    return Audit(started.question, run.result.answer, cited, tuple(ablations), verdict, rests)


def _share_cited(run: RecordedRun) -> float:
    total = sum(video.video.duration for video in run.recording.started.videos)
    cited = sum(span.end - span.start for spans in cited_spans(run) for span in spans)
    return cited / total if total else 0.0


def _saw_pictures(run: RecordedRun) -> bool:
    """Whether calls of the run looked at frames: sound and subtitles keep their order."""
    return any(
        call.frames_decoded or any(_FRAME in bytes(raw) for raw in (call.arguments, call.result))
        for call in run.calls
    )


def _need_vlm(run: RecordedRun, modules: Mapping[str, ModuleSpec]) -> None:
    """Be sure that the VLM of the run is named: frames are shown to no other.

    Raises:
        MissingError: it is not.
    """
    recorded = run.recording.started.answerer
    called = {call.task for call in run.calls}
    if run.settings.vlm == recorded or not any(modules[task].vlm_kind for task in called):
        return
    raise MissingError(
        f"{run.name}: {recorded} saw its frames, and it is not named now.",
        hint=f"Name it: --vlm {recorded}.",
    )


_FRAME = b'"$type":"Frame"'
"""How a frame stands in arguments and results, also of a call that the cache answered."""

_TASK = (
    "Answer a question about a video that you cannot see, from what is likely alone. Reply with "
    f"the answer and nothing else. {DATA_RULE}"
)
_CHOOSE = "The answer is one of these choices, word for word:"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def ask_text_only(run: RecordedRun, llm: str) -> Ablation:
    """The answer of a language model to the question alone.

    Args:
        run: whose question it is.
        llm: names the model; not the rules.

    Raises:
        ConfigError, MissingError: there is no such model.
    """
    what = "the question alone, to a language model"
    model = open_llm(llm, device=run.settings.device)
    assert model is not None
    try:
        text = _reply(model, run)
    except VprogError as error:
        return Ablation(TEXT_ONLY, what, None, f"{error.code}: {error.message}", None)
    finally:
        model.close()
    choices = run.recording.started.choices
    if not choices:
        return Ablation(TEXT_ONLY, what, text, "", says_answer(text, run.result.answer))
    index = find_choice(text, choices)
    answer = choices[index] if index is not None else text
    return Ablation(TEXT_ONLY, what, answer, "", index is not None and index == run.result.choice)


def says_answer(text: str, answer: object) -> bool:
    """Whether a reply says an answer: in the same words, or with the same numbers in it."""
    if isinstance(answer, str):
        return agree(text, answer)
    listed = answer if isinstance(answer, list) else [answer]
    if not all(isinstance(item, int | float) for item in listed):
        return agree([part.strip() for part in text.split(",")], listed)
    numbers = [float(number) if "." in number else int(number) for number in _NUMBER.findall(text)]
    return agree(numbers, listed)


def _reply(model: LanguageModel, run: RecordedRun) -> str:
    started = run.recording.started
    parts = [_TASK, mark_data("question", started.question)]
    if started.choices:
        parts += [_CHOOSE, mark_data("choices", started.choices)]
    request = Request((Message("user", "\n\n".join(parts)),), timeout_s=run.settings.llm_timeout)
    return model.complete(request).completions[0].text.strip()
