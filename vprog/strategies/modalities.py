"""`modalities`: pictures, then one kind of input after the other, and what each one adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import (
    FRAMES,
    PATH,
    answer_from_reply,
    ask_about_frames,
    kind_of,
    need_vlm,
)
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.time_search import is_same
from vprog.strategies.vlm_cells import look
from vprog.strategies.vlm_rounds import one_video
from vprog.types import Reply, Video

SIDE = 448
"""Longer side of the pictures, in pixels; ours."""

MOST_ROWS = 32
"""Lines that are told of one modality, spread evenly over the video; ours."""

MOST_CITED = 8
"""Of them, those that an answer cites which would be another one without the modality; ours."""


@dataclass(frozen=True)
class Modality:
    """One kind of input, read by a module and told in words.

    Attributes:
        name: in messages, and of the variable that holds it.
        task: the module.
        says: what its lines are, with their unit.
        line: the expression for what is told of one `row`.
    """

    name: str
    task: str
    says: str
    line: str

    def is_in(self, video: Video) -> bool:
        """Whether a video can have it."""
        if self.task == "transcribe":
            return video.has_audio or video.has_subtitles
        return video.has_audio if self.task == "measure_loudness" else video.width > 0


MODALITIES = (
    Modality("speech", "transcribe", "What is said", 'f"{row.start:.1f} s: {row.text[:200]}"'),
    Modality("writing", "find_text", "What is written", 'f"{row.start:.1f} s: {row.text[:200]}"'),
    Modality(
        "loudness", "measure_loudness", "Level of the sound in dBFS",
        'f"{row.time:.1f} s: {row.value:.0f}"',
    ),
    Modality(
        "flow", "measure_flow", "Mean optical flow in pixels a second",
        'f"{row.time:.1f} s: {row.value:.0f}"',
    ),
)  # fmt: skip
"""In the order in which they are added."""


@strategy("modalities", "speech, writing, sound, flow: what each adds", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to pictures and what modules read in other modalities.

    It is asked with the pictures alone first, then with one modality more each time, until its
    reply scores `accept`. Then it is asked again without each of those that were added: the
    run says what each adds to the score, and of one without which the answer would be another
    the lines that were told are cited.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: CREMA (2024): modalities as modules that are added one by one, with an early exit
    and an ablation of each. There they are trained into one model; here their modules tell them in
    words. Of its modalities depth maps, surface normals and touch are not here.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    video = one_video(workspace)
    name = video_name(workspace.run, video.index)
    at = look(workspace, workspace.start, f"frames = sample_frames({name}, count={FRAMES})\n", "")
    if at.state is None:
        return at
    used: list[Modality] = []
    said = _ask(workspace, at, used, "reply")
    if said.reply is None:
        return said.at
    for modality in MODALITIES:
        if said.reply.score >= workspace.settings.accept:
            break
        read = _read(workspace, said.at, modality, video)
        if read is None:
            continue
        if read.outcome.status == "limit":
            return read
        used.append(modality)
        said = _ask(workspace, read, used, "reply")
        if said.reply is None:
            return said.at
    at, final, needed = said.at, said.reply, list[Modality]()
    assert final is not None
    for modality in used:
        without = _ask(workspace, at, [one for one in used if one is not modality], "ablated")
        if without.reply is None:
            return without.at
        at = without.at
        same = is_same(final.text, without.reply.text)
        needed += [] if same else [modality]
        workspace.run.warnings.add(
            f"{modality.name} adds {final.score - without.reply.score:+.2f} to the score; "
            f"without it the answer is {'the same' if same else 'another one'}"
        )
    cited = ["reply", *(f"*{modality.name}_rows[:{MOST_CITED}]" for modality in needed)]
    source = answer_from_reply(_kind(workspace), evidence=", ".join(cited))
    return look(workspace, at, source, f"answers from {1 + len(used)} modalities")


@dataclass(frozen=True)
class _Said:
    """What was replied; None where the cell did not end well."""

    at: Attempt
    reply: Reply | None


def _kind(workspace: Workspace) -> str:
    return kind_of(workspace.run.text, has_choices=bool(workspace.run.choices))


def _ask(workspace: Workspace, at: Attempt, used: Sequence[Modality], name: str) -> _Said:
    """Ask with the pictures and these modalities; `name` holds the reply."""
    notes = f", notes=[{', '.join(f'{one.name}_told' for one in used)}]" if used else ""
    line = ask_about_frames(_kind(workspace), more=f"{notes}, max_side={SIDE}")
    made = look(
        workspace,
        at,
        line.replace("reply = ", f"{name} = ", 1),
        f"looks with {', '.join(['pictures', *(one.name for one in used)])}",
    )
    replies = [result for result in made.results if isinstance(result, Reply)]
    return _Said(made, replies[-1] if made.state is not None and replies else None)


def _read(workspace: Workspace, at: Attempt, modality: Modality, video: Video) -> Attempt | None:
    """Read one modality; None where there is none of it, which is told."""
    run, name = workspace.run, modality.name
    if modality.task not in run.runtime.modules or not modality.is_in(video):
        run.warnings.add(f"{name} is left out: the video has none, or no module reads it here")
        return None
    made = look(
        workspace,
        at,
        f"{name} = {modality.task}({video_name(run, video.index)})\n"
        f"{name}_rows = {name}[::max(1, -(-len({name}) // {MOST_ROWS}))]\n"
        f"{name}_lines = [{modality.line} for row in {name}_rows]\n"
        f'{name}_told = "{modality.says}: " + "; ".join({name}_lines)\n',
        f"reads {name}",
    )
    if made.outcome.status == "limit":
        return made
    if made.state is None or not any(made.results):
        why = "nothing of it is in the video" if made.outcome.error is None else (
            made.outcome.error.message
        )  # fmt: skip
        run.warnings.add(f"{name} is left out: {why}")
        return None
    return made
