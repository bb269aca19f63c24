"""`entropy_vote`: several programs, voted by evidence and by how settled their writing ended.

Source: Video Reasoning without Training (V-Reason, 2025): while a model reasons, the entropy of
its tokens rises to a peak and falls again; in models that answer better the peak is lower and
later, and the end is lower. There the value cache is steered after it, which needs the weights;
here it is measured, from the likely tokens that a backend gives.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from vprog.errors import LlmReplyError
from vprog.llm.language_model import Completion, Request, Token
from vprog.program.program import Program
from vprog.prompt.extract import extract_program
from vprog.runs.attempt import Attempt, best_of
from vprog.runs.combinators import gather
from vprog.runs.model_requests import write_whole
from vprog.runs.workspace import ROOT, Workspace
from vprog.strategies.strategy import strategy
from vprog.strategies.vote import TEMPERATURE

TOP = 10
"""Likely tokens that are asked for at each position; ours, within what all servers give."""

PARTS = 10
"""Of how many parts of a reply the mean is taken: single tokens jump; ours."""


@strategy("entropy_vote", "programs, voted by how settled their writing ends")
def solve(workspace: Workspace) -> Attempt:
    """The answer with the most weight: of evidence, times how sure the model was at the end.

    `samples` programs are written in one request that asks for the likely tokens at each
    position. The trace says of each where its entropy had its peak and what it was at the end.
    Where the model gives no probabilities evidence alone weighs, which is told; where no sample
    ends, one program is written with repairs.

    Raises:
        LlmError: the model gave no usable reply.

    Source: V-Reason (2025). It steers; that a vote weighs by the final entropy is ours.
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


@dataclass(frozen=True)
class EntropyCourse:
    """Entropies in nats, as means over parts of a reply.

    Attributes:
        parts: in the order of the reply.
    """

    parts: tuple[float, ...]

    @property
    def peak(self) -> float:
        return max(self.parts)

    @property
    def peak_at(self) -> float:
        """Where the peak is, as a share of the reply: the middle of its first highest part."""
        return (self.parts.index(self.peak) + 0.5) / len(self.parts)

    @property
    def final(self) -> float:
        return self.parts[-1]

    @property
    def settled(self) -> float:
        """How sure the end is, in (0, 1]: exp of its entropy below zero; 1 for no doubt at all."""
        return math.exp(-self.final)


def token_entropy(token: Token) -> float:
    """The entropy of one position in nats, at least: what is not listed counts as one token."""
    listed = dict(token.top)
    listed.setdefault(token.text, token.logprob)
    shares = [math.exp(min(0.0, logprob)) for logprob in listed.values()]
    total = math.fsum(shares)
    shares = [share / total for share in shares] if total > 1 else [*shares, 1.0 - total]
    return -math.fsum(share * math.log(share) for share in shares if share > 0)


def entropy_course(tokens: Sequence[Token]) -> EntropyCourse:
    """The course over all tokens of a reply.

    Raises:
        ValueError: there is no token.
    """
    if not tokens:
        raise ValueError("entropy_course: there must be at least one token.")
    entropies = [token_entropy(token) for token in tokens]
    n_parts = min(PARTS, len(entropies))
    ends = [len(entropies) * number // n_parts for number in range(n_parts + 1)]
    parts = [
        math.fsum(entropies[start:end]) / (end - start) for start, end in itertools.pairwise(ends)
    ]
    return EntropyCourse(tuple(parts))
