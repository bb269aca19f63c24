"""`two_candidates`: two programs are criticised side by side; a third keeps the strengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vprog.errors import LlmReplyError
from vprog.llm.data_marks import mark_data
from vprog.llm.language_model import Message, excerpt
from vprog.program.problem import Problem
from vprog.prompt.cell_prompt import asked_instead, path_parts
from vprog.prompt.extract import last_object
from vprog.prompt.repair import repair_messages
from vprog.runs.attempt import Attempt, best_of
from vprog.runs.combinators import SPENT
from vprog.runs.model_requests import write_whole
from vprog.runs.workspace import Workspace
from vprog.strategies.strategy import strategy
from vprog.strategies.vote import sampled_programs

CANDIDATES = 2
"""Source: TiViBench (2025)."""

MAX_TEXT = 600
"""Characters of the strengths, and of the weaknesses; a problem is shown up to 1,000."""

_FORM = '{"strengths": "what to keep of each", "weaknesses": "what to change in each"}'

COMPARE_RULES = f"""\
# Comparing
Here you do not write a program: you compare two that were written for the question. Go by what \
their values show, not by what you expect of such a video. Reply with one JSON object and \
nothing else:
{_FORM}"""

COMPARE = (
    "Compare the two candidates: what does each do well that the other does not, and what is "
    "wrong or missing in each?"
)


@strategy("two_candidates", "two programs compared; a third keeps strengths")
def solve(workspace: Workspace) -> Attempt:
    """The program that was written after the comparison; else the better candidate.

    Where the two answer alike and nothing is wrong with either, they are compared all the same:
    two programs may be wrong together. A comparison that cannot be read changes nothing.

    Source: TiViBench (2025), its preference optimisation while generating: two candidates are
    criticised, strengths kept, and it is done again. There of videos; here of programs.
    """
    made = sampled_programs(workspace, CANDIDATES, "write two candidates")
    better = best_of(made)
    if better is None or len(made) < CANDIDATES:
        return better if better is not None else write_whole(workspace)
    try:
        comparison = _compare(workspace, made)
        if comparison is None:
            return better
        messages = repair_messages(
            workspace.writer.prompt.messages,
            better.cells[-1].text,
            [
                Problem(0, f"Keep: {comparison.strengths}"),
                Problem(0, f"Change: {comparison.weaknesses}"),
            ],
        )
        written = write_whole(workspace, messages, purpose="write it again after a comparison")
    except (LlmReplyError, *SPENT) as error:
        workspace.run.warnings.add(f"the better candidate stands: {error.message}")
        return better
    return written if written.is_answered else best_of([better, written]) or better


@dataclass(frozen=True)
class Comparison:
    """What a critic says of two candidates, on one line each."""

    strengths: str
    weaknesses: str


def _compare(workspace: Workspace, candidates: Sequence[Attempt]) -> Comparison | None:
    messages = compare_messages(workspace.writer.prompt.messages, candidates)
    reply = workspace.writer.ask(messages, "compare two candidates")
    try:
        return read_comparison(reply.text)
    except LlmReplyError as error:
        workspace.run.warnings.add(f"the better candidate stands: {error.message}")
        return None


def compare_messages(
    prompt: Sequence[Message], candidates: Sequence[Attempt]
) -> tuple[Message, ...]:
    """Ask for strengths and weaknesses; programs, values and answers stand in data marks."""
    parts: list[str] = []
    for number, candidate in enumerate(candidates, start=1):
        came = candidate.tried()
        parts.append(f"# Candidate {number}")
        parts += path_parts(candidate.shown)
        parts.append(
            mark_data("candidate", {"program": came.source, "outcome": came.outcome[:500]})
        )
    return asked_instead(prompt, COMPARE_RULES, [*parts, COMPARE])


def read_comparison(reply: str) -> Comparison:
    """The comparison in a reply.

    Raises:
        LlmReplyError: it is not of the form asked for, or finds nothing to change.
    """
    found = last_object(reply)
    strengths, weaknesses = found.get("strengths"), found.get("weaknesses")
    if not isinstance(strengths, str) or not isinstance(weaknesses, str) or not weaknesses.strip():
        raise LlmReplyError(
            f'the comparison is not of the form asked for: "{excerpt(reply)}".',
            hint=f"It must be {_FORM}.",
        )
    return Comparison(
        " ".join(strengths.split())[:MAX_TEXT], " ".join(weaknesses.split())[:MAX_TEXT]
    )
