"""`entropy_vote`: several programs, voted by evidence and by how settled their writing ended."""

from __future__ import annotations

from functools import partial

from vprog.errors import LlmReplyError
from vprog.llm.language_model import Completion, Request
from vprog.llm.token_entropy import TOP, EntropyCourse, entropy_course
from vprog.program.program import Program
from vprog.prompt.extract import extract_program
from vprog.runs.attempt import Attempt, best_of
from vprog.runs.combinators import gather
from vprog.runs.model_requests import write_whole
from vprog.runs.workspace import ROOT, Workspace
from vprog.strategies.strategy import strategy
from vprog.strategies.vote import TEMPERATURE


@strategy("entropy_vote", "programs, voted by how settled their writing ends")
def solve(workspace: Workspace) -> Attempt:
    """The answer with the most weight: of evidence, times how sure the model was at the end.

    `samples` programs are written in one request that asks for the likely tokens at each
    position. The trace says of each where its entropy had its peak and what it was at the end.
    Where the model gives no probabilities evidence alone weighs, which is told; where no sample
    ends, one program is written with repairs.

    Raises:
        LlmError: the model gave no usable reply.

    Source: V-Reason (2025), see vprog/llm/token_entropy.py. It steers; that a vote weighs by the
    final entropy is ours.
    """
    request = Request(
        workspace.writer.prompt.messages,
        temperature=TEMPERATURE,
        n=workspace.settings.samples,
        timeout_s=workspace.run.settings.llm_timeout,
        want_logprobs=True,
        top_logprobs=TOP,
    )
    reply = workspace.writer.send(request, "write programs to vote by entropy")
    written = [pair for one in reply.completions if (pair := _read(workspace, one)) is not None]
    attempts = gather(
        [partial(workspace.run_whole, program) for program, _ in written], enough=lambda _: False
    )
    weights: dict[int, float] = {}
    for number, (attempt, (_, course)) in enumerate(zip(attempts, written, strict=False), start=1):
        settled = 1.0 if course is None else course.settled
        weight = attempt.reward.value * settled
        weights[attempt.node] = max(weight, weights.get(attempt.node, 0.0))
        if course is not None:
            workspace.run.warnings.add(
                f"sample {number}: entropy of {course.peak:.2f} nats at its peak, at "
                f"{course.peak_at:.0%} of the reply, {course.final:.2f} at its end"
            )
    if any(course is None for _, course in written):
        workspace.run.warnings.add(
            f"{workspace.writer.name} gives no token probabilities: evidence alone weighs"
        )
    found = workspace.vote(attempts, weights) or best_of(attempts)
    return found if found is not None and found.is_ended else write_whole(workspace)


def _read(
    workspace: Workspace, completion: Completion
) -> tuple[Program, EntropyCourse | None] | None:
    """The program of a completion and the course of its entropy; None where it holds none."""
    try:
        program = extract_program(completion.text)
    except LlmReplyError as error:
        workspace.refuse(ROOT, error)
        return None
    return program, entropy_course(completion.logprobs) if completion.logprobs else None
