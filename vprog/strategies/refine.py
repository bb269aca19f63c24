"""`refine`: a critic reads the program with its values; the program is written again."""

from __future__ import annotations

from vprog.program.problem import Problem
from vprog.prompt.verdict import Verdict, critic_messages
from vprog.prompt.writer_dialogue import repair_messages
from vprog.runs.attempt import Attempt, best_of
from vprog.runs.combinators import refine
from vprog.runs.model_requests import ask_verdict, write_whole
from vprog.runs.workspace import Workspace
from vprog.strategies.strategy import strategy


@strategy("refine", "a critic reads the program and its values")
def solve(workspace: Workspace) -> Attempt:
    """The rewriting that the critic let stand; else the best of all by evidence.

    A critic whose words cannot be read changes nothing: the program stands.

    Source: ReViSE (2025), self-critic; VURF (2024), program refinement.
    """
    content: list[Attempt] = []

    def criticise(attempt: Attempt) -> Verdict | None:
        if attempt.answer is None:
            return None
        messages = critic_messages(
            workspace.writer.prompt.messages,
            attempt.shown,
            attempt.answer.value,
            attempt.outcome.evidence,
        )
        verdict = ask_verdict(workspace, messages, "criticise a program", len(made))
        made.append(attempt)
        if verdict is None or verdict.sufficient or not verdict.missing:
            content.append(attempt)
            return None
        return verdict

    def rewrite(attempt: Attempt, verdict: Verdict) -> Attempt:
        messages = repair_messages(
            workspace.writer.prompt.messages, attempt.cells[-1].text, [Problem(0, verdict.missing)]
        )
        return write_whole(workspace, messages, purpose="refine a program")

    made: list[Attempt] = []
    tries = refine(
        write_whole(workspace),
        criticise=criticise,
        rewrite=rewrite,
        rounds=workspace.settings.rounds,
    )
    return content[-1] if content else best_of(tries) or tries[-1]
