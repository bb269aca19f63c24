"""`unsure`: answer from what was read; look only where the model is not sure of that."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.errors import LlmReplyError, ProgramRejectedError
from vprog.prompt.cell_prompt import CELL_RULES, asked_instead, path_parts
from vprog.runs.attempt import Attempt
from vprog.runs.attempts import Search
from vprog.runs.model_requests import write_cell
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


def solve(search: Search) -> Attempt:
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
    context = read_context(search, most_captions=CAPTIONS)
    parts = ["# Read", context.text, READ]
    sure = _answer_if_sure(search, context.at, parts)
    if sure is not None:
        return sure
    fast.need_looker(search, "ask", "ask_yes_no")
    seen_videos(search.asked)
    factors = _factors(search, parts)
    if not factors.questions:
        return fast.solve(search)
    note = f"looks for {len(factors.questions)} things"
    found = look(search, context.at, _looks(search, factors), note)
    if found.state is None:
        return found
    findings = [*path_parts(found.shown[-1:]), PUT_TOGETHER]
    messages = asked_instead(search.prompt.messages, CELL_RULES, [*parts, *findings])
    return last_cell(search, found, messages)


def _answer_if_sure(search: Search, at: Attempt, parts: Sequence[str]) -> Attempt | None:
    """The answer from what was read; None if it is unsure, does not say, or comes to nothing."""
    messages = asked_instead(search.prompt.messages, CELL_RULES, [*parts, ANSWER])
    try:
        source = write_cell(search, messages, "answer from what was read")
        confidence = stated_confidence(source)
    except (LlmReplyError, ProgramRejectedError) as error:
        _tell(search, f"taken as unsure: {error.message}")
        return None
    if confidence < search.options.accept:
        _tell(search, f"unsure of what was read: {confidence:g}")
        return None
    made = search.run(at, source)
    if made.is_answered:
        return made
    _tell(search, "taken as unsure: the cell gives no answer")
    return None


def _factors(search: Search, parts: Sequence[str]) -> Factors:
    reply = search.ask(factor_messages(search.prompt.messages, parts), "say what must be seen")
    try:
        return read_factors(reply.text)
    except LlmReplyError as error:
        _tell(search, f"the question itself is looked at: {error.message}")
        return Factors()


def _looks(search: Search, factors: Factors) -> str:
    """The cell that asks the model that looks about each factor, by yes or no where it can be.

    What it says neither yes nor no to is asked again in free words.
    """
    asked = search.asked
    lines = [f"frames = {even_frames(asked, seen_videos(asked), fast.FRAMES)}\n"]
    for at, each in enumerate(factors.questions, start=1):
        finding = f"finding_{at} = ask(frames, {each!r})\n"
        if fast.kind_of(each, has_choices=False) == "yes_no":
            yes_no = finding.replace("ask(", "ask_yes_no(", 1)
            finding = f"try:\n    {yes_no}except RuntimeError:\n    {finding}"
        lines.append(finding)
    return "".join(lines)


def _tell(search: Search, text: str) -> None:
    search.asked.recorder.write(Warned(text=text))
