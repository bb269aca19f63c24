"""`refine`: a critic reads the program with its values; the program is written again."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.llm.data_marks import mark_data
from vprog.llm.language_model import Message
from vprog.program.problem import Problem
from vprog.prompt.cell_prompt import ShownCell, asked_instead, path_parts
from vprog.prompt.repair import repair_messages
from vprog.prompt.verdict import JUDGE_RULES, Verdict
from vprog.runs.attempt import Attempt, best_of
from vprog.runs.combinators import refine
from vprog.runs.model_requests import ask_verdict, write_whole
from vprog.runs.workspace import Workspace
from vprog.strategies.strategy import strategy

CRITICISE = (
    "Does this program answer the question that was asked, and do its values support its "
    "answer? sufficient: whether both hold; confidence: how sure you are of the answer; "
    "missing: what is wrong with the program and what it should do instead."
)


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
    attempts = refine(
        write_whole(workspace),
        criticise=criticise,
        rewrite=rewrite,
        rounds=workspace.settings.rounds,
    )
    return content[-1] if content else best_of(attempts) or attempts[-1]


def critic_messages(
    prompt: Sequence[Message],
    path: Sequence[ShownCell],
    answer: object,
    evidence: Sequence[object],
    order: str = CRITICISE,
) -> tuple[Message, ...]:
    """Ask whether a program and its values support the answer that it gave."""
    given = mark_data("answer", {"value": str(answer), "evidence": [str(e) for e in evidence[:20]]})
    return asked_instead(prompt, JUDGE_RULES, [*path_parts(path), given, order])
