"""`refine_examples`: the nearest examples, rewritten into the form of the question's solution."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.errors import LlmReplyError
from vprog.llm.client import Message
from vprog.prompt.solved_examples import nearest_examples
from vprog.runs.attempt import Attempt
from vprog.runs.model_requests import AGAIN, write_whole
from vprog.runs.workspace import Workspace
from vprog.strategies.refine_examples_library import Refined, refine_examples, walls_check
from vprog.strategies.refine_examples_prompt import (
    read_rewritten,
    read_words,
    rewrite_messages,
    words_messages,
)
from vprog.trace.event import Warned

SHOTS = 3


def solve(workspace: Workspace) -> Attempt:
    """A program written from examples that were first rewritten to match the question.

    The model solves the question in words; it rewrites the nearest examples to the same form,
    until nothing changes or `rounds` are over. A rewriting that gate or types refuse is not
    used: it goes back with what is wrong, and its example keeps the last good form.

    Source: VURF (2024): example refinement; the number of examples is ours.
    """
    run = workspace.run
    modules = set(run.runtime.modules)
    nearest = nearest_examples(run.text, run.choices, modules, count=SHOTS)
    purpose = "write a program from refined examples"
    prompt = workspace.writer.prompt_with(examples=()).messages
    words = _solve_in_words(workspace, prompt)
    if words is None:
        messages = workspace.writer.prompt_with(examples=nearest).messages
        return write_whole(workspace, messages, purpose=purpose)
    was_unreadable = False

    def rewrite(before: Refined) -> Sequence[str] | None:
        nonlocal was_unreadable
        refused = [(each.at, each.program, each.problems) for each in before.refused]
        messages = rewrite_messages(prompt, words, before.examples, refused)
        temperature = AGAIN if was_unreadable else 0.0
        reply = workspace.writer.ask(messages, "refine the examples", temperature=temperature)
        try:
            programs = read_rewritten(reply.text, len(before.examples))
        except LlmReplyError as error:
            was_unreadable = True
            _note(workspace, f"no rewriting in round {before.rounds + 1}: {error}")
            return None
        was_unreadable = False
        return programs

    refined = refine_examples(
        nearest,
        rewrite,
        check=walls_check(run.runtime.pool, modules),
        modules=modules,
        rounds=workspace.settings.rounds,
    )
    _tell(workspace, refined)
    messages = workspace.writer.prompt_with(examples=refined.examples).messages
    return write_whole(workspace, messages, purpose=purpose)


def _solve_in_words(workspace: Workspace, prompt: Sequence[Message]) -> str | None:
    """How the model would find the answer; None, with a warning, if it does not say."""
    reply = workspace.writer.ask(words_messages(prompt), "solve in words")
    try:
        return read_words(reply.text)
    except LlmReplyError as error:
        _note(workspace, f"the examples are not refined: {error}")
        return None


def _tell(workspace: Workspace, refined: Refined) -> None:
    """Say in the trace what came of the rewriting."""
    how = "nothing changes any more" if refined.is_settled else "not settled"
    _note(workspace, f"examples rewritten in {refined.rounds} rounds, {how}")
    for each in refined.refused:
        _note(
            workspace,
            f"the rewriting of example {each.at + 1} is not used: {each.problems[0].message}",
        )


def _note(workspace: Workspace, text: str) -> None:
    workspace.run.recorder.write(Warned(text=text))
