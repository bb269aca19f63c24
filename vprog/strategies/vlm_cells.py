"""What strategies show a VLM: cells that the host writes, replies that it reads.

Such a cell holds numbers that the host took from a reply. Where it must hold words of one, they are
literals (`literal_of`): text to the program whatever it says, and marked as data to the next model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vprog.errors import AbstainedError, LlmError
from vprog.runs.attempt import Attempt
from vprog.runs.run import Run
from vprog.runs.workspace import Workspace
from vprog.strategies.read_cells import video_name
from vprog.types import Frame, Reply, Video

MOST_CHOICES_TEXT = 3000
"""Characters of the choices that are told beside a question."""


def seen_videos(run: Run) -> list[Video]:
    """The videos of a question that have a picture.

    Raises:
        AbstainedError: none has one.
    """
    found = [video for video in run.media.videos if video.width and video.n_frames]
    if not found:
        raise AbstainedError(
            "there is sound only, and nothing to look at.",
            hint="Ask by --strategy program or reason for what is said.",
        )
    return found


def even_frames(run: Run, videos: Sequence[Video], count: int) -> str:
    """The expression for frames spread evenly over videos, `count` in all."""
    share = max(1, count // len(videos))
    taken = [f"sample_frames({video_name(run, video.index)}, count={share})" for video in videos]
    return " + ".join(taken)


def asked_with(run: Run, instruction: str, notes: Sequence[str] = ()) -> str:
    """The arguments of `ask` after its frames: the question, what is to be replied, and data.

    What stands in the data marks of the question is the question alone. The choices, and what
    models replied so far, are data under a name of their own.

    Args:
        run: of the question.
        instruction: words of ours.
        notes: words of others.
    """
    choices = [f'"Choices: " + "; ".join(choices)[:{MOST_CHOICES_TEXT}]'] if run.choices else []
    listed = ", ".join([*choices, *map(repr, notes)])
    told = f", notes=[{listed}]" if listed else ""
    return f"question, instruction={instruction!r}{told}"


def one_line(text: str, most: int) -> str:
    """Words of a model on one line, of what can be printed, cut to so many characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:most]


def literal_of(texts: Sequence[str]) -> str:
    """The literal of a list of texts that models wrote: data in a cell, whatever stands in them.

    It has no line break and nothing that cannot be printed, so that it hides nothing from whoever
    reads the program.
    """
    return repr(list(texts))


def yes_no_look(name: str, question: str) -> str:
    """The lines that ask about `frames` by yes or no; free words where the reply is neither."""
    asked = f"{name} = ask(frames, {question!r})\n"
    return f"try:\n    {asked.replace('ask(', 'ask_yes_no(', 1)}except RuntimeError:\n    {asked}"


def look(workspace: Workspace, at: Attempt, source: str, note: str) -> Attempt:
    """Run a cell of the host's that shows something to the VLM.

    Raises:
        LlmError: that model cannot be reached, or refuses.
        MissingError, DiskFullError, TraceError: as `Workspace.run_cell`.
    """
    return workspace.run_cell(at, source, note=note, writer=workspace.run.settings.vlm)


def look_together(
    workspace: Workspace, lines: Callable[[int], str], count: int, *, requests: int = 1
) -> Attempt:
    """Several looks that do not depend on each other, in one cell: their requests go out together.

    They are as many as the budget allows; where one of them fails, the first is taken alone.

    Args:
        workspace: of the question.
        lines: of so many looks; they make `replies`, a list.
        count: how many are wanted.
        requests: to models, that what follows from one takes, the look included.

    Raises:
        As `look`.
    """
    budget = workspace.run.budget
    left = min(budget.llm_calls_left // requests, budget.calls_left - 1)  # frames are a call too
    count = max(1, min(count, left))
    try:
        return look(workspace, workspace.start, lines(count), f"{count} samples")
    except LlmError:
        if count == 1:
            raise
    return look(workspace, workspace.start, lines(1), "one sample")


def frames_of(attempt: Attempt) -> list[Frame]:
    """The frames that the calls of a cell gave, in their order."""
    given = [result if isinstance(result, list) else [result] for result in attempt.results]
    return [frame for found in given for frame in found if isinstance(frame, Frame)]


def replies_of(attempt: Attempt) -> list[Reply]:
    """What the VLM said in a cell, in the order of the calls."""
    return [result for result in attempt.results if isinstance(result, Reply)]


def reply_text(attempt: Attempt) -> str:
    """What the VLM said last in a cell.

    Raises:
        AbstainedError: it said nothing.
    """
    said = replies_of(attempt)
    if not said:
        raise AbstainedError("the VLM gave no reply.")
    return said[-1].text
