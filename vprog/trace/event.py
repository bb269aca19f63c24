"""What a run records: one frozen class per kind of event.

Every event carries `at`, the seconds since the run began. Values of programs and
modules are kept as JSON made by vprog.types.wire. The order of the lines of a trace is
the order in which things happened.
"""

from __future__ import annotations

import msgspec

from vprog.types.frame import Video
from vprog.types.geometry import Box


class TraceEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Base of all events."""

    at: float = 0.0
    node: int = 0
    """The try that it belongs to, where several programs were tried; 0 for none."""


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


class ProgramWritten(TraceEvent, frozen=True, kw_only=True, tag="program_written"):
    """A cell as its writer wrote it."""

    cell: int
    source: str
    writer: str
    note: str = ""
    is_whole: bool = False
    """A whole program, which must end in an answer; else a cell that may go on."""


class ProgramRefused(TraceEvent, frozen=True, kw_only=True, tag="program_refused"):
    """The gate or the type check refused a cell; nothing of it ran."""

    cell: int
    wall: str
    problems: list[tuple[int | None, str]]


class CellStarted(TraceEvent, frozen=True, kw_only=True, tag="cell_started"):
    """A cell begins to run."""

    cell: int


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """The error of a call, in full."""

    kind: str
    """Its class in vprog.errors."""
    message: str
    hint: str


class ModuleCalled(TraceEvent, frozen=True, kw_only=True, tag="module_called"):
    """One call of a module, answered."""

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
    """"executed", "cached", "joined", "replayed" from another trace, or "refused" where its
    arguments were wrong."""
    seconds: float
    frames_decoded: int = 0
    video: int = 0
    """Of which video values are that name none, such as spans."""


class StepValue(TraceEvent, frozen=True, kw_only=True, tag="step_value"):
    """What a line of the program gave to a name: a bounded summary."""

    cell: int
    line: int
    name: str
    type: str
    length: int | None
    text: str
    """The value; of several, the first three and the last three, with their number."""
    count: int = 1
    """How often the line gave the name a value."""


class Printed(TraceEvent, frozen=True, kw_only=True, tag="printed"):
    """What a cell printed."""

    cell: int
    text: str


class Warned(TraceEvent, frozen=True, kw_only=True, tag="warned"):
    """Something that the reader of the answer should know, e.g. "decoded 28 of 50"."""

    text: str


class LlmCalled(TraceEvent, frozen=True, kw_only=True, tag="llm_called"):
    """One request to a language model and its reply."""

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


class EvidenceItem(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of support for an answer."""

    video: int
    start: float | None
    end: float | None
    box: Box | None
    text: str | None
    supported: bool


class Answered(TraceEvent, frozen=True, kw_only=True, tag="answered"):
    """The program called `answer`."""

    cell: int
    line: int
    value: msgspec.Raw
    evidence: list[EvidenceItem]
    score: float | None


class Abstained(TraceEvent, frozen=True, kw_only=True, tag="abstained"):
    """The program called `abstain`, or no program could be written."""

    cell: int
    line: int | None
    reason: str
    hint: str = ""


class CellFailed(TraceEvent, frozen=True, kw_only=True, tag="cell_failed"):
    """A cell raised, hit a limit, or ended without an answer where one was due."""

    cell: int
    line: int | None
    code: str
    message: str
    hint: str


class NodeTried(TraceEvent, frozen=True, kw_only=True, tag="node_tried"):
    """A cell of a search was tried; `node` is its number.

    Its cells and their values stand in events of the same `node` before it.
    """

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
    """What a tree search thinks of a node in the end."""

    parent: int
    visits: int
    value: float
    """Mean reward of what was tried from it on."""


class Reflected(TraceEvent, frozen=True, kw_only=True, tag="reflected"):
    """A language model judged what was found so far, or a program's answer."""

    round: int
    sufficient: bool
    confidence: float
    text: str
    """What it says is missing or wrong."""


class Ballot(msgspec.Struct, frozen=True, kw_only=True):
    """One answer in a vote."""

    node: int
    party: int
    """Ballots of one party agree; party 0 won."""
    value: msgspec.Raw
    weight: float


class Voted(TraceEvent, frozen=True, kw_only=True, tag="voted"):
    """The answers of several programs were counted; the losers' evidence is in their nodes."""

    ballots: list[Ballot]


class Weighed(TraceEvent, frozen=True, kw_only=True, tag="weighed"):
    """The answer of `node` is trusted as far as the results that its evidence comes from."""

    by: list[int]
    """The nodes whose calls may have given the evidence."""
    reliability: float
    """In [0, 1]; a part of the answer's score."""


class NodeChosen(TraceEvent, frozen=True, kw_only=True, tag="node_chosen"):
    """The result comes from `node`."""

    path: list[int]
    """Its nodes, first cell first."""


class Scored(TraceEvent, frozen=True, kw_only=True, tag="scored"):
    """What the score of the answer is made of; `confidence` is None until calibrated."""

    score: float | None
    parts: dict[str, float]
    """By kind: tokens, evidence, support, votes, reliability; the score is their product."""
    confidence: float | None


class PictureKept(TraceEvent, frozen=True, kw_only=True, tag="picture_kept"):
    """A frame that was looked at, kept as a JPEG in the run's folder."""

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

    status: str
    result: msgspec.Raw
    """The object that `--json` prints."""
    batches: int
    peak_memory_mb: float


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
    | NodeTried
    | NodeValued
    | Reflected
    | Voted
    | Weighed
    | NodeChosen
    | Scored
    | PictureKept
    | RunEnded
)
