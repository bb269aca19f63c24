"""`verify`: several programs; a verifier drops those that contradict themselves, the rest vote."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.errors import AbstainedError
from vprog.runs.attempt import Attempt, best_of
from vprog.runs.combinators import SPENT
from vprog.runs.model_requests import ask_verdict
from vprog.runs.workspace import Workspace
from vprog.strategies.refine import critic_messages
from vprog.strategies.strategy import strategy
from vprog.strategies.vote import sampled_programs

VERIFY = (
    "Verify this roll-out; do not answer anew. Does its answer follow from its own values and "
    "from what it cites, without a contradiction between them? sufficient: whether it follows; "
    "confidence: how sure you are of that; missing: the contradiction, if there is one."
)


@strategy("verify", "programs that contradict themselves have no vote")
def solve(workspace: Workspace) -> Attempt:
    """The answer with the most weight among the programs that a verifier let stand.

    Each program that answered is judged by itself, from its values and its answer. One whose
    judgement cannot be read stands, as do those that the budget leaves no request for. Where
    none stands there is no answer.

    Raises:
        AbstainedError: each answer contradicts the values of its own program.

    Source: VerIPO (2025): a verifier between roll-outs and what is learnt from them sorts out
    those whose reasoning contradicts the answer. There a small language model of its own;
    here the one that writes.
    """
    made = sampled_programs(workspace, workspace.settings.samples, "write programs to verify")
    answered = [attempt for attempt in made if attempt.is_answered]
    refused = _refused(workspace, list({attempt.node: attempt for attempt in answered}.values()))
    standing = [attempt for attempt in answered if attempt.node not in refused]
    if answered and not standing:
        raise AbstainedError(
            f"each of {len(answered)} answers contradicts what its own program found: "
            f"{next(iter(refused.values()))}",
            hint="Take another strategy: --strategy refine or observe.",
        )
    found = workspace.vote(standing) or best_of(made)
    if found is None:
        raise AbstainedError("no program came to an end.", hint="Take --strategy program.")
    return found


def _refused(workspace: Workspace, attempts: Sequence[Attempt]) -> dict[int, str]:
    """By node, the contradiction of each that is not let stand."""
    refused: dict[int, str] = {}
    for number, attempt in enumerate(attempts):
        assert attempt.answer is not None
        messages = critic_messages(
            workspace.writer.prompt.messages,
            attempt.shown,
            attempt.answer.value,
            attempt.outcome.evidence,
            VERIFY,
        )
        try:
            verdict = ask_verdict(workspace, messages, "verify a roll-out", number)
        except SPENT:
            left = len(attempts) - number
            workspace.run.warnings.add(f"{left} of {len(attempts)} answers were not verified")
            break
        if verdict is not None and not verdict.sufficient:
            refused[attempt.node] = verdict.missing or "the verifier says not where"
    return refused
