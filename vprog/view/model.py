"""What is shown of a run: the one description that page, terminal, notebook and JSON share.

Everything here is plain and typed: `msgspec.json.encode(model)` is what `vprog trace show
--json` prints and what a server sends. Texts are as people read them, and stand here once: a
rendering clips and arranges them, and words nothing anew. How a description comes about is
the business of build_model.py beside this file.
"""

from __future__ import annotations

from typing import Any

import msgspec

from vprog.types.geometry import Box
from vprog.view.player_model import Player
from vprog.view.skeleton import Bone

MODEL_VERSION = 1
"""It grows when a field goes or comes to mean something else; new fields are no reason."""


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to know of a run, in words."""

    name: str
    """"" where the text says by itself what it is."""
    text: str


class ShownVideo(msgspec.Struct, frozen=True, kw_only=True):
    """One input file."""

    path: str
    name: str
    """Without its folders: pages are passed on."""
    duration: float
    clock: str
    """The duration as people write it."""
    width: int
    height: int
    """Of its displayed frames, in pixels; 0 of sound alone."""
    fps: float
    has_audio: bool
    digest: str
    """SHA-256 of its content, with the subtitles beside it."""


class ShownModule(msgspec.Struct, frozen=True, kw_only=True):
    """A module that the run called."""

    task: str
    implementation: str
    version: str
    backend: str
    weights: str
    """Id and revision, with a digest where one is declared; "" of a module without."""
    distribution: str
    calls: str
    """How many, how they were answered and how long they took."""


class ShownChoice(msgspec.Struct, frozen=True, kw_only=True):
    """One of the answers to choose from."""

    letter: str
    text: str
    is_chosen: bool


class NoAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no answer, and what to do."""

    message: str
    hint: str


class ShownScore(msgspec.Struct, frozen=True, kw_only=True):
    """How far the answer is to be trusted."""

    value: float | None
    confidence: float | None
    """Chance of being right; None where nothing was fitted to such answers."""
    calibration: str
    """What it was fitted to; "" where nothing was."""
    parts: dict[str, float]
    text: str
    """What it is made of, in words; "" where there is no score."""
    meaning: str
    """What the number may be taken for; "" where there is no score."""


class ShownStep(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a line of the program did; see vprog.view.steps.Step."""

    index: int
    kind: str
    cell: int
    line: int | None
    at: float
    name: str
    text: str
    module: str
    arguments: dict[str, str]
    """Of a call, in words."""
    how: str
    seconds: float
    value: msgspec.Raw
    """Result of a call, value of an answer, as recorded; else null."""
    full: str
    """More of the value than `text` has, an item a line; "" where that has all of it."""


class LabelledBox(msgspec.Struct, frozen=True, kw_only=True):
    """A box in pixels of the video's frame."""

    box: Box
    label: str
    mask: str = ""
    """A PNG that lies over the kept picture, in base64, where the thing is outlined."""
    bones: list[Bone] = []
    """The body in the box, where its pose is known."""


class ShownPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A frame that the run kept, and what modules found in it."""

    file: str
    """Its name in the folder `pictures` of the run."""
    video: int
    time: float
    clock: str
    width: int
    height: int
    scale: float
    """Its pixels per pixel of the video."""
    boxes: list[LabelledBox]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A picture as it is shown in one place."""

    picture: int
    """Its index among the pictures of the run."""
    captions: list[str]
    boxes: list[LabelledBox]


class ShownLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the program and what it did."""

    cell: int
    number: int
    source: str
    steps: list[int]
    """The indices of its steps."""
    calls: str
    """How many calls, how they were answered and how long they took; "" for none."""
    figures: list[Figure]


class ProgramCell(msgspec.Struct, frozen=True, kw_only=True):
    """A cell of the program that gave the result."""

    number: int
    title: str
    """Its number and, where there were attempts, its node; "" where it is the only cell."""
    note: str


class RefusedCell(msgspec.Struct, frozen=True, kw_only=True):
    """A cell that was refused before it ran."""

    check: str
    problems: list[str]


class ShownEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of support for an answer."""

    video: int
    start: float | None
    end: float | None
    box: Box | None
    text: str | None
    supported: bool
    caption: str
    """When, what, and whether anything supports it."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A time or a span on a timeline, in seconds."""

    start: float
    end: float
    text: str


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a timeline: what a line of the program found, and when."""

    label: str
    marks: list[Mark]
    curve: list[tuple[float, float]]
    """Rows of time and value of what was measured."""
    lowest: float = 0.0
    highest: float = 0.0
    """Of all that was measured, also of what is too close together to be shown."""


class CoverageLane(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a stream of a video modules read."""

    name: str
    """"pictures", "sound" or "subtitles"."""
    seen: float
    """Share of the video's time, in [0, 1]."""
    unseen: list[Mark]
    """What no module saw."""
    text: str
    """The same in words."""


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """A time on the axis of a timeline."""

    time: float
    text: str


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at and found in a video, over its time."""

    video: int
    title: str
    duration: float
    ticks: list[Tick]
    coverage: list[CoverageLane]
    """A lane for each stream of the file; [] where it is not known what was looked at."""
    evidence: list[Mark]
    lanes: list[Lane]


class AttemptNode(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt: a cell, what came of it, and what it is worth."""

    number: int
    parent: int
    """0 for a first cell."""
    is_chosen: bool
    """It is on the path that the result comes from."""
    words: str
    """What the cell does."""
    source: str
    status: str
    """Of the outcome; "cut off" where none is known."""
    outcome: str
    """The same in words, with the answer if there was one."""
    kind: str
    """"good" for an answer that counts, "warm" for another end, "open", or "bad"."""
    answer: str
    """In words; "" for none."""
    worth: list[str]
    """Reward, value and calls, in words."""
    problems: list[str]
    """Why it was refused, failed or gave no answer; the first one first."""
    evidence: list[ShownEvidence]
    calls: dict[str, int]
    """Module calls, by how they were answered."""
    n_runs: int
    """How often it ran; 0 where it was refused before."""
    reward: float
    visits: int | None
    value: float | None
    """Visits and mean reward of a tree search; None otherwise."""


class Reflection(msgspec.Struct, frozen=True, kw_only=True):
    """How a language model judged what had been found so far."""

    after_node: int
    """0 for none."""
    sufficient: bool
    confidence: float
    text: str


class BallotGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The ballots of a vote that agree."""

    answer: str
    weight: float
    share: float
    """Of the weight of all ballots; of their number where all weigh nothing."""
    nodes: list[int]
    fate: str
    """"won" or "lost"; "kept" and "heaviest" where a strategy keeps another than the heaviest."""


class Attempts(msgspec.Struct, frozen=True, kw_only=True):
    """The attempts of a run that made more than one."""

    nodes: list[AttemptNode]
    chosen: list[int]
    """The path that the result comes from, first cell first; [] of a run that was cut off."""
    votes: list[list[BallotGroup]]
    reflections: list[Reflection]
    counts: list[str]
    """How much ran, and whether anything ran twice."""
    runs_again: int
    """Cells that ran after the same cells as before."""


class RunModel(msgspec.Struct, frozen=True, kw_only=True):
    """A run as it is shown."""

    schema: int = MODEL_VERSION
    run: str
    """The name of its folder."""
    vprog: str
    """The version that wrote it."""
    commands: list[str]
    """Command lines that ask again, and that run the recorded program again."""
    question: str
    choices: list[ShownChoice]
    videos: list[ShownVideo]
    status: str
    """Of the result; "cut off" if the run did not come to its end."""
    headline: str
    """The answer in words, or what there is in its place."""
    headline_clock: str
    """The same as people write times, of an answer in seconds; "" for any other."""
    is_answered: bool
    no_answer: NoAnswer | None
    score: ShownScore
    facts: list[Fact]
    """Status, score, cost, isolation, and who wrote and saw what."""
    warnings: list[str]
    modules: list[ShownModule]
    """Those that were called."""
    player: Player
    """What is drawn over the playing video."""
    evidence: list[ShownEvidence]
    evidence_figures: list[Figure]
    evidence_listed: list[int]
    """The indices of the evidence that is told without a picture."""
    evidence_left: int
    """How many pieces more are neither drawn nor listed."""
    timelines: list[Timeline]
    attempts: Attempts | None
    cells: list[ProgramCell]
    lines: list[ShownLine]
    steps: list[ShownStep]
    refused: list[RefusedCell]
    pictures: list[ShownPicture]
    result: msgspec.Raw
    """The object that `--json` printed; {} of a run that was cut off."""

    def steps_of(self, line: ShownLine) -> list[ShownStep]:
        """The steps of a line, in their order."""
        return [self.steps[index] for index in line.steps]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain dicts and lists."""
        decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return decoded
