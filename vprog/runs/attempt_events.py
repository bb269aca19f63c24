"""What a search writes into the trace: requests, tries, votes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from vprog.errors import LlmReplyError, VprogError
from vprog.llm.client import LlmReply, Request
from vprog.runs.attempt import Attempt
from vprog.runs.score import share_of
from vprog.runs.votes import Ballot
from vprog.trace import event
from vprog.types import wire


def llm_called(
    model: str,
    purpose: str,
    request: Request,
    reply: LlmReply | None,
    problem: VprogError | None,
    seconds: float,
) -> event.LlmCalled:
    """The event of a request, whatever came of it."""
    texts = [completion.text for completion in reply.completions] if reply is not None else []
    unread = problem if isinstance(problem, LlmReplyError) else LlmReplyError("")
    return event.LlmCalled(
        model=model,
        purpose=purpose,
        messages=[{"role": message.role, "text": message.text} for message in request.messages],
        reply="\n\n".join(texts),
        replies=texts if len(texts) > 1 else [],
        tokens_in=reply.usage.tokens_in if reply is not None else unread.tokens_in,
        tokens_out=reply.usage.tokens_out if reply is not None else unread.tokens_out,
        seconds=round(seconds, 6),
        error=None if problem is None else str(problem),
    )


def node_tried(attempt: Attempt) -> event.NodeEvaluated:
    """The event of a try that came to an outcome."""
    reward = attempt.reward
    return event.NodeEvaluated(
        parent=attempt.parent,
        cell=attempt.cell,
        status=attempt.outcome.status,
        reward=round(reward.value, 6),
        valid=reward.valid,
        confidence=reward.confidence,
        evidence=reward.evidence,
        n_calls=len(attempt.calls),
    )


def voted(parties: Sequence[Sequence[Attempt]]) -> event.Voted:
    """The event of a vote; the first party won."""
    return event.Voted(
        ballots=[
            event.RecordedBallot(
                node=each.node,
                party=number,
                value=msgspec.Raw(wire.encode(ballot_of(each).answer)),
                weight=round(each.reward.value, 6),
            )
            for number, party in enumerate(parties)
            for each in party
        ]
    )


def party_shares(parties: Sequence[Sequence[Attempt]]) -> dict[int, float | None]:
    """By the node of each party's first member, the share of the weight that the party has."""
    return {
        party[0].node: share_of(
            [(other is party, each.reward.value) for other in parties for each in other]
        )
        for party in parties
    }


def ballot_of(attempt: Attempt) -> Ballot:
    """The vote of a try that answered, weighing what it is worth."""
    assert attempt.given is not None
    return Ballot(attempt.node, attempt.given.value, attempt.reward.value)
