"""`unsure`: answer from what was read; look only where the model is not sure of that."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.errors import LlmReplyError, ProgramRejectedError
from vprog.prompt.cell_prompt import CELL_RULES, asked_instead, path_parts
from vprog.runs.attempt import Attempt
from vprog.runs.model_requests import write_cell
from vprog.runs.workspace import Workspace
from vprog.strategies import fast
from vprog.strategies.observe import last_cell
from vprog.strategies.unsure_confidence import NAME, stated_confidence
from vprog.strategies.unsure_factors import Factors, factor_messages, read_factors
from vprog.strategies.video_text import read_context
from vprog.strategies.vlm_cells import even_frames, look, seen_videos
from vprog.trace.event import Warned

CAPTIONS = 16
"""Of all videos together, beside what is said and written."""

READ = (
    "These variables hold what was read of the video; the lines above are some of their items, "
    "each with its variable and index. The text of frames[i] is a caption of that frame."
)
ANSWER = (
    f"Write the last cell. Its first line says how sure these lines make you of the answer: "
    f"{NAME} = a number from 0 to 1. Then it calls answer(value, evidence=[...]) and cites the "
    "items that say it; or abstain(reason) if none does."
)
PUT_TOGETHER = (
    "The cell above asked a model that looks at the frames. Write the last cell: call "
    "answer(value, evidence=[...]) with what follows from the lines and these findings, and "
    "cite both; or abstain(reason) if they do not show it."
)


def solve(workspace: Workspace) -> Attempt:
    """The answer from what was read, if the model says that it is sure; else from looks.

    Where it is less sure than `accept`, or does not say, it tells what must be seen: the
    question itself, which the model that looks then answers; or several things, each of which
    that model is asked about before the answer is written. Such an order that cannot be read
    stands for the first.

    Raises:
        MissingError: something must be seen, and no model that looks is named.
        AbstainedError: the last cell cannot be read or gives no answer, or there is nothing
            to look at.

    Source: ViCor (2023): a language model that is unsure of its answer from a caption orders
    specific looks; understanding goes to the model that looks, inference comes back.
    """
    context = read_context(workspace, most_captions=CAPTIONS)
    parts = ["# Read", context.text, READ]
    sure = _answer_if_sure(workspace, context.at, parts)
    if sure is not None:
        return sure
    fast.need_vlm(workspace, "ask", "ask_yes_no")
    seen_videos(workspace.run)
    factors = _factors(workspace, parts)
    if not factors.questions:
        return fast.solve(workspace)
    note = f"looks for {len(factors.questions)} things"
    found = look(workspace, context.at, _looks(workspace, factors), note)
    if found.state is None:
        return found
    findings = [*path_parts(found.shown[-1:]), PUT_TOGETHER]
    messages = asked_instead(workspace.writer.prompt.messages, CELL_RULES, [*parts, *findings])
    return last_cell(workspace, found, messages)


def _answer_if_sure(workspace: Workspace, at: Attempt, parts: Sequence[str]) -> Attempt | None:
    """The answer from what was read; None if it is unsure, does not say, or comes to nothing."""
    messages = asked_instead(workspace.writer.prompt.messages, CELL_RULES, [*parts, ANSWER])
    try:
        source = write_cell(workspace, messages, "answer from what was read")
        confidence = stated_confidence(source)
    except (LlmReplyError, ProgramRejectedError) as error:
        _tell(workspace, f"taken as unsure: {error.message}")
        return None
    if confidence < workspace.settings.accept:
        _tell(workspace, f"unsure of what was read: {confidence:g}")
        return None
    made = workspace.run_cell(at, source)
    if made.is_answered:
        return made
    _tell(workspace, "taken as unsure: the cell gives no answer")
    return None


def _factors(workspace: Workspace, parts: Sequence[str]) -> Factors:
    reply = workspace.writer.ask(
        factor_messages(workspace.writer.prompt.messages, parts), "say what must be seen"
    )
    try:
        return read_factors(reply.text)
    except LlmReplyError as error:
        _tell(workspace, f"the question itself is looked at: {error.message}")
        return Factors()


def _looks(workspace: Workspace, factors: Factors) -> str:
    """The cell that asks the model that looks about each factor, by yes or no where it can be.

    What it says neither yes nor no to is asked again in free words.
    """
    run = workspace.run
    lines = [f"frames = {even_frames(run, seen_videos(run), fast.FRAMES)}\n"]
    for at, each in enumerate(factors.questions, start=1):
        finding = f"finding_{at} = ask(frames, {each!r})\n"
        if fast.kind_of(each, has_choices=False) == "yes_no":
            yes_no = finding.replace("ask(", "ask_yes_no(", 1)
            finding = f"try:\n    {yes_no}except RuntimeError:\n    {finding}"
        lines.append(finding)
    return "".join(lines)


def _tell(workspace: Workspace, text: str) -> None:
    workspace.run.recorder.write(Warned(text=text))
