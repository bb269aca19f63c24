"""What a run records: one frozen class per kind of event.

Every event carries `at`, the seconds since the run began. Values of programs and
modules are written as JSON made by vprog.types.wire. The order of the lines of a trace is
the order in which things happened.

What else has to know of every kind stands with its class: whether two runs are compared by
it, what a replay does with it, where people are shown it. To add a kind, write its class
here, name it in `AnyEvent`, and write what shows it where vprog.view says so.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec

from vprog.types.coverage import Seen
from vprog.types.frame import Video
from vprog.types.geometry import Box
from vprog.types.time import MAX_SECONDS

SCHEMA_VERSION = 1
"""Of the traces that are written. It grows when a reader of the version before would be misled
or could not read the lines; new kinds of event and new fields with defaults are no reason."""

AtReplay = Literal["redone", "in_cell", "copied"]
"""What a replay of the unchanged run does with a kind of event:

    redone   it is written again by what is done again, e.g. the run itself or a vote
    in_cell  the same, while its cell runs; it is copied where a cell cannot be run again, e.g.
             because a clock had ended it
    copied   it came from outside, e.g. from a language model
"""

ShownIn = Literal["header", "cells", "steps", "attempts", "warnings", "pictures"]
"""The part of vprog.view.model that tells of a kind of event."""


class TraceEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Base of all events."""

    is_compared: ClassVar[bool] = True
    """Whether two runs of the same work have it in common."""
    volatile: ClassVar[frozenset[str]] = frozenset({"at"})
    """Fields that differ between such runs all the same."""
    at_replay: ClassVar[AtReplay] = "redone"
    shown_in: ClassVar[tuple[ShownIn, ...]] = ()
    """() for what the trace alone holds."""

    at: float = 0.0
    node: int = 0
    """The attempt that it belongs to, where several programs were tried; 0 for none."""

    def content(self) -> dict[str, Any]:
        """What two runs of the same work have in common; values as their JSON bytes."""
        return {
            name: bytes(value) if isinstance(value, msgspec.Raw) else value
            for name in self.__struct_fields__
            if name not in self.volatile
            for value in (getattr(self, name),)
        }


class VideoOpened(msgspec.Struct, frozen=True, kw_only=True):
    """One input file of a run."""

    path: str
    content_hash: str
    video: Video
    subtitles: str | None = None


class ModuleUsed(msgspec.Struct, frozen=True, kw_only=True):
    """Which implementation served a task in a run."""

    task: str
    implementation: str
    version: str
    weights: str
    backend: str
    distribution: str


class RunStarted(TraceEvent, frozen=True, kw_only=True, tag="run_started"):
    """First line of every trace."""

    shown_in = ("header",)

    run: str
    vprog: str
    started: str
    """Local time with offset, ISO 8601."""
    question: str
    choices: list[str]
    videos: list[VideoOpened]
    writer: str
    answerer: str | None
    device: str
    preset: str
    isolation: dict[str, bool | list[str]]
    modules: list[ModuleUsed]
    settings: dict[str, bool | int | float | str] = {}
    """What steered the run, without folders."""
    replay_of: str = ""
    """The run that this one repeats or changes; "" for a run of its own."""
    prompt: str = ""
    """What the client sent, where question and choices were taken out of it; else ""."""
    schema: int = 0
    """SCHEMA_VERSION of the writer; 0 in traces from before there was one."""

    def content(self) -> dict[str, Any]:
        """The question and the files; what serves a run may be another."""
        return {
            "question": self.question,
            "choices": self.choices,
            "videos": [(video.content_hash, video.video) for video in self.videos],
        }


class ProgramWritten(TraceEvent, frozen=True, kw_only=True, tag="program_written"):
    """A cell as its writer wrote it."""

    shown_in = ("cells", "attempts")

    cell: int
    source: str
    writer: str
    note: str = ""
    is_whole: bool = False
    """A whole program, which must end in an answer; else a cell that may go on."""


class ProgramRefused(TraceEvent, frozen=True, kw_only=True, tag="program_refused"):
    """The gate or the type check refused a cell; nothing of it ran."""

    shown_in = ("cells", "attempts")

    cell: int
    check: str = msgspec.field(name="wall")
    """What refused it: extraction, form, gate or types."""
    problems: list[tuple[int | None, str]]


class CellStarted(TraceEvent, frozen=True, kw_only=True, tag="cell_started"):
    """A cell begins to run."""

    at_replay = "in_cell"
    shown_in = ("attempts",)

    cell: int


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """The error of a call, in full."""

    kind: str
    """Its class in vprog.errors."""
    message: str
    hint: str


class ModuleCalled(TraceEvent, frozen=True, kw_only=True, tag="module_called"):
    """One call of a module, answered."""

    volatile = frozenset({"at", "id", "how", "seconds", "frames_decoded", "seen"})
    at_replay = "in_cell"
    shown_in = ("steps", "attempts")

    id: int
    cell: int
    line: int
    task: str
    implementation: str
    arguments: msgspec.Raw
    result: msgspec.Raw
    """null where the call failed."""
    error: str | None
    """In one line, with its code."""
    fault: Fault | None = None
    how: str
    """"executed", "cached", "joined", "replayed" from another trace, "reused" from a frame that
    looks the same, or "refused" where its arguments were wrong."""
    seconds: float
    frames_decoded: int = 0
    video: int = 0
    """Of which video values are that name none, such as spans."""
    seen: list[Seen] | None = None
    """What of the videos was read for it, also where it is answered from the cache; None where
    that is not known."""
    masks: dict[str, str] = {}
    """The bitmaps of the masks in the result, as COCO's run lengths, by key."""
    reused: float | None = None
    """The time of the frame whose result this is, where the module did not look again: nothing
    that it compares had changed since then. None for a result of the call's own."""


class StepValue(TraceEvent, frozen=True, kw_only=True, tag="step_value"):
    """What a line of the program gave to a name: a bounded summary."""

    volatile = frozenset({"at", "numbers"})  # traces from before there were numbers replay as equal
    at_replay = "in_cell"
    shown_in = ("steps",)

    cell: int
    line: int
    name: str
    type: str
    length: int | None
    text: str
    """The value; of several, the first three and the last three, with their number."""
    count: int = 1
    """How often the line gave the name a value."""
    numbers: list[float] = []
    """A list of numbers that it set once, whole, as it was when the cell ended."""


class Printed(TraceEvent, frozen=True, kw_only=True, tag="printed"):
    """What a cell printed."""

    at_replay = "in_cell"
    shown_in = ("steps",)

    cell: int
    text: str


class Warned(TraceEvent, frozen=True, kw_only=True, tag="warned"):
    """Something that the reader of the answer should know, e.g. "decoded 28 of 50"."""

    is_compared = False
    shown_in = ("warnings",)

    text: str


class LlmCalled(TraceEvent, frozen=True, kw_only=True, tag="llm_called"):
    """One request to a language model and its reply."""

    volatile = frozenset({"at", "seconds", "tokens_in", "tokens_out"})
    at_replay = "copied"
    shown_in = ("attempts",)

    model: str
    purpose: str
    messages: list[dict[str, str]]
    reply: str
    replies: list[str] = []
    """Each completion by itself, where several were asked for."""
    tokens_in: int
    tokens_out: int
    seconds: float
    error: str | None = None


_Seconds = Annotated[float, msgspec.Meta(ge=-MAX_SECONDS, le=MAX_SECONDS)]


class RecordedEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of support for an answer."""

    video: int
    start: _Seconds | None
    end: _Seconds | None
    box: Box | None
    text: str | None
    supported: bool


class Answered(TraceEvent, frozen=True, kw_only=True, tag="answered"):
    """The program called `answer`."""

    shown_in = ("steps", "attempts")

    cell: int
    line: int
    value: msgspec.Raw
    evidence: list[RecordedEvidence]
    score: float | None
    """The lowest of the evidence."""
    denial: float | None = None
    """How often such an answer is right that something is not there, or how many there are."""


class Abstained(TraceEvent, frozen=True, kw_only=True, tag="abstained"):
    """The program called `abstain`, or no program could be written."""

    shown_in = ("steps", "attempts")

    cell: int
    line: int | None
    reason: str
    hint: str = ""


class CellFailed(TraceEvent, frozen=True, kw_only=True, tag="cell_failed"):
    """A cell raised, hit a limit, or ended without an answer where one was due."""

    at_replay = "in_cell"
    shown_in = ("steps", "attempts")

    cell: int
    line: int | None
    code: str
    message: str
    hint: str


class NodeEvaluated(TraceEvent, frozen=True, kw_only=True, tag="node_tried"):
    """An attempt came to an outcome; `node` is its number.

    Its cells and their values stand in events of the same `node` before it.
    """

    shown_in = ("attempts",)

    parent: int
    """The node it goes on from; 0 for a first cell."""
    cell: int
    status: str
    """Of the outcome, e.g. "continues", "answered", "rejected"."""
    reward: float
    """valid x confidence x evidence; 0 for a cell that does not end."""
    valid: float
    confidence: float
    evidence: float
    n_calls: int
    """Module calls that the cell made."""


class NodeValued(TraceEvent, frozen=True, kw_only=True, tag="node_valued"):
    """What a tree search holds a node to be worth in the end."""

    at_replay = "copied"
    shown_in = ("attempts",)

    parent: int
    visits: int
    value: float
    """Mean reward of the attempts from it on."""


class Reflected(TraceEvent, frozen=True, kw_only=True, tag="reflected"):
    """A language model judged what was found so far, or a program's answer."""

    at_replay = "copied"
    shown_in = ("attempts",)

    round: int
    sufficient: bool
    confidence: float
    text: str
    """What it says is missing or wrong."""


class RecordedBallot(msgspec.Struct, frozen=True, kw_only=True):
    """One answer in a vote."""

    node: int
    party: int
    """Ballots of one party agree; party 0 won."""
    value: msgspec.Raw
    weight: float


class Voted(TraceEvent, frozen=True, kw_only=True, tag="voted"):
    """The answers of several programs were counted; the losers' evidence is in their nodes."""

    shown_in = ("attempts",)

    ballots: list[RecordedBallot]
    has_own_weights: bool = False
    """Whether the weights are those of the strategy, and not the rewards."""


class ReliabilityRated(TraceEvent, frozen=True, kw_only=True, tag="weighed"):
    """How reliable the results are that the evidence of the answer of `node` comes from."""

    shown_in = ("attempts",)

    by: list[int]
    """The nodes whose calls may have given the evidence."""
    reliability: float
    """In [0, 1]; a part of the answer's score."""


class NodeChosen(TraceEvent, frozen=True, kw_only=True, tag="node_chosen"):
    """The result comes from `node`."""

    at_replay = "copied"
    shown_in = ("attempts",)

    path: list[int]
    """Its nodes, first cell first."""


class Scored(TraceEvent, frozen=True, kw_only=True, tag="scored"):
    """What the score of the answer is made of; `confidence` is None until calibrated."""

    shown_in = ("header",)

    score: float | None
    parts: dict[str, float]
    """By kind: tokens, evidence, support, votes, reliability; the score is their product."""
    confidence: float | None
    calibration: str = ""
    """What the confidence is fitted to."""


class PictureKept(TraceEvent, frozen=True, kw_only=True, tag="picture_kept"):
    """A frame that a module saw, kept as a JPEG in the run's folder."""

    is_compared = False
    shown_in = ("pictures",)

    video: int
    time: float
    file: str
    width: int
    height: int
    """Of the kept picture, in pixels."""
    scale: float
    """Kept pixels per pixel of the video."""


class RunEnded(TraceEvent, frozen=True, kw_only=True, tag="run_ended"):
    """Last line of every trace whose run came to its end."""

    shown_in = ("header",)

    status: str
    result: msgspec.Raw
    """The object that `--json` prints."""
    batches: int
    peak_memory_mb: float

    def content(self) -> dict[str, Any]:
        """What the result says, without costs, folders and isolation."""
        result: dict[str, Any] = msgspec.json.decode(self.result)
        return {name: msgspec.json.encode(result.get(name)) for name in _RESULT}


_RESULT = (
    "status", "answer", "choice", "score", "confidence", "evidence", "path", "program", "error",
)  # fmt: skip


AnyEvent = (
    RunStarted
    | ProgramWritten
    | ProgramRefused
    | CellStarted
    | ModuleCalled
    | StepValue
    | Printed
    | Warned
    | LlmCalled
    | Answered
    | Abstained
    | CellFailed
    | NodeEvaluated
    | NodeValued
    | Reflected
    | Voted
    | ReliabilityRated
    | NodeChosen
    | Scored
    | PictureKept
    | RunEnded
)


class Progressed(TraceEvent, frozen=True, kw_only=True, tag="progressed"):
    """How far a call is: told to whoever listens, e.g. `vprog.solve(..., listen=...)`.

    It stands in no trace: how often it comes depends on how fast things go. A terminal draws a
    line of it, and a server passes it on as it is (MCP's progress has `progress` and `total`).
    """

    task: str
    implementation: str
    done: float
    total: float
    unit: str
    """What is counted: "frames", "s" of sound, or what the module says."""


class LookEstimated(TraceEvent, frozen=True, kw_only=True, tag="look estimated"):
    """How long a call that begins will take, by what former calls took on this machine.

    Told like `Progressed`, and like that in no trace. Short calls, and those of which nothing is
    known, are not told.
    """

    task: str
    implementation: str
    low_s: float
    high_s: float
    """The middle half of what former calls took for as much video."""
    n_calls: int
    """How many former calls that is."""
