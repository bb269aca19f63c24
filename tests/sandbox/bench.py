"""A small world for tests of the sandbox: modules, two videos, and a way to run a program.

Programs run as in `vprog run`: gate, types, VM, boundary; no module is real, each gives
a fixed value, so that what comes out is what the program and the checks made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import pytest

from vprog.boundary import convert
from vprog.errors import ModuleFailedError, ModuleInputError, ProgramRejectedError
from vprog.jail.jail import probe_jail
from vprog.program import prelude
from vprog.program.gate import check_program
from vprog.program.stubs import stub_text
from vprog.registry.signature import Parameter, Signature, read_signature
from vprog.sandbox.limits_from_settings import SessionLimits
from vprog.sandbox.pool import Pool
from vprog.sandbox.session_protocol import (
    CallStep,
    EndStep,
    LimitStep,
    RaisedStep,
    Session,
)
from vprog.types import (
    PHRASE,
    RATE,
    SCORE,
    AnswerValue,
    Box,
    Detection,
    EvidenceValue,
    Frame,
    Length,
    Match,
    Span,
    Speech,
    Track,
    Video,
)

VIDEO = Video(0, 10.0, 640, 480, 25.0, 250, True, True)
SOUND = Video(1, 60.0, 0, 0, 0.0, 0, True, False)
VIDEOS = [VIDEO, SOUND]
SMALL = SessionLimits(
    cell_seconds=600.0, turn_seconds=300.0, grace_seconds=60.0, watchdog_seconds=900.0,
    memory_mb=32, recursion=200, output_bytes=4096, max_calls=200,
)  # fmt: skip
"""Limits on all but time: no clock ends a test on a busy machine."""

HASTY = replace(SMALL, cell_seconds=2.0, turn_seconds=1.0, watchdog_seconds=10.0)
"""For programs that never end of themselves."""

needs_launcher = pytest.mark.skipif(
    not probe_jail().start, reason=f"no worker starts in the jail: {probe_jail().missing}"
)
"""For what the launcher does for a worker: its errors unseen, its end with its host's."""


class _FrameAt:
    def __call__(self, video: Video, time: float) -> Frame:
        """The frame on display at a time."""
        return Frame(video.index, time)


class _SampleFrames:
    def __call__(
        self,
        video: Video,
        *,
        fps: Annotated[float, RATE] = 1.0,
        span: Span | None = None,
        count: int | None = None,
    ) -> list[Frame]:
        """Frames at even distances."""
        return [Frame(video.index, float(at)) for at in range(3)]


class _Detect:
    def __call__(
        self,
        frame: Frame,
        label: Annotated[str, PHRASE],
        *,
        min_score: Annotated[float, SCORE] = 0.25,
    ) -> list[Detection]:
        """Things in a frame."""
        return [Detection(label, Box(10.0, 20.0, 30.0, 60.0), 0.9, frame)]


class _Link:
    def __call__(
        self, detections: Annotated[list[Detection], Length(0, 5000)], *, max_gap: float = 1.0
    ) -> list[Track]:
        """Detections joined to tracks."""
        return []


class _Transcribe:
    def __call__(self, video: Video, *, span: Span | None = None) -> list[Speech]:
        """What is said."""
        return [Speech("hello there", 1.0, 2.0, 0.8, "subtitles", [])]


class _SearchSpeech:
    def __call__(
        self, speech: list[Speech], query: Annotated[str, PHRASE], *, count: int = 10
    ) -> list[Match]:
        """Where words are said."""
        return [Match(line.text, line.start, line.end, 1.0, "speech") for line in speech]


class _Sort:
    def __call__(self, values: dict[str, float], order: Literal["up", "down"] = "up") -> list[str]:
        """The keys in the order of their values."""
        return sorted(values)


MODULES: dict[str, Any] = {
    "frame_at": _FrameAt,
    "sample_frames": _SampleFrames,
    "detect": _Detect,
    "link": _Link,
    "transcribe": _Transcribe,
    "search_speech": _SearchSpeech,
    "sort_keys": _Sort,
}
SIGNATURES = {name: read_signature(name, cls.__call__) for name, cls in MODULES.items()}
ANSWER = Signature(
    "answer",
    (
        Parameter("value", bool | AnswerValue),
        Parameter("evidence", list[EvidenceValue], default=[]),
    ),
    None,
    "The end.",
)
ABSTAIN = Signature("abstain", (Parameter("reason", str, bounds=Length(1, 500)),), None, "The end.")
STUBS = stub_text(SIGNATURES.values())
NAMES = {
    "video": VIDEO,
    "videos": VIDEOS,
    "question": "How many?",
    "choices": ["one", "two"],
}
HONEST = (
    "frames = sample_frames(video, fps=2.0)\n"
    'found = [each for frame in frames for each in detect(frame, "dog")]\n'
    "answer(len(found), evidence=frames)\n"
)


@dataclass(frozen=True)
class Result:
    """How a program ended: `kind` is gate, types, answered, abstained, done, raised or limit."""

    kind: str
    detail: str = ""
    value: object = None
    refusals: tuple[str, ...] = ()
    printed: str = ""


def begin(pool: Pool) -> Session:
    """A session in which the first cell may run."""
    session = pool.session()
    session.start(
        {name: convert.to_sandbox(value) for name, value in NAMES.items()},
        functions=[*MODULES, "answer", "abstain"],
        prelude=prelude.source(),
    )
    return session


def run(
    pool: Pool,
    source: str,
    *,
    is_guarded: bool = True,
    modules: dict[str, Callable[..., object]] | None = None,
) -> Result:
    """Run one program as a whole.

    Args:
        pool: where it runs.
        source: the program.
        is_guarded: whether the gate and the types look at it first.
        modules: what stands in for modules of these names.
    """
    if is_guarded:
        try:
            check_program(source, modules=frozenset(MODULES))
        except ProgramRejectedError as error:
            return Result("gate", str(error))
        fatal = [problem for problem in pool.check(source) if problem.is_fatal]
        if fatal:
            return Result("types", fatal[0].message)
    session = begin(pool)
    try:
        return _drive(session, source, modules or {})
    finally:
        session.close()


def _drive(session: Session, source: str, modules: dict[str, Callable[..., object]]) -> Result:
    refusals: list[str] = []
    printed: list[str] = []
    step = session.run(source)
    while isinstance(step, CallStep):
        printed.append(step.printed)
        try:
            if step.name in ("answer", "abstain"):
                signature = ANSWER if step.name == "answer" else ABSTAIN
                given = convert.bind(signature, step.args, step.kwargs, VIDEOS)
                ended = session.end(step)
                assert isinstance(ended, EndStep)
                value = given.get("value", given.get("reason"))
                kind = "answered" if step.name == "answer" else "abstained"
                detail = "" if ended.clean else "not clean"
                return Result(kind, detail, value, tuple(refusals), "".join(printed))
            reply = _call(step, modules)
        except (ModuleInputError, ModuleFailedError) as error:
            refusals.append(f"{error.code}: {error.message}")
            step = session.fail(step, error)
        else:
            step = session.answer(step, reply)
    printed.append(step.printed)
    text = "".join(printed)
    if isinstance(step, RaisedStep):
        return Result("raised", f"{step.kind}: {step.message}", None, tuple(refusals), text)
    if isinstance(step, LimitStep):
        return Result("limit", step.kind, None, tuple(refusals), text)
    return Result("done", "", None, tuple(refusals), text)


def _call(step: CallStep, modules: dict[str, Callable[..., object]]) -> object:
    signature = SIGNATURES[step.name]
    arguments = convert.bind(signature, step.args, step.kwargs, VIDEOS)
    function = modules.get(step.name) or MODULES[step.name]()
    raw = function(**arguments)
    return convert.to_sandbox(convert.from_module(raw, signature.returns, where=step.name))
