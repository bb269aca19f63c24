"""What strategies ask a model for: a whole program with its repairs, one cell, a verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vprog.errors import LlmReplyError
from vprog.llm.language_model import LlmReply, Message
from vprog.program.program import Program
from vprog.prompt.extract import extract_program
from vprog.prompt.repair import WriterDialogue, problems_of
from vprog.prompt.verdict import Verdict, read_verdict
from vprog.runs.attempt import Attempt
from vprog.runs.workspace import ROOT, Workspace
from vprog.trace.event import ProgramRefused, Reflected

AGAIN = 0.7
"""Temperature of a request whose reply should differ from the ones before."""


def write_whole(
    workspace: Workspace,
    messages: Sequence[Message] | None = None,
    *,
    repairs: int | None = None,
    purpose: str = "write a program",
) -> Attempt:
    """A program, run; written again with what is wrong until it ends or repairs are over.

    An abstention is an answer of the program's and is not asked again.

    Raises:
        LlmError: the model gave no usable reply; LlmReplyError: no program in any of them.
        BudgetError: the budget was spent before a program ran.
    """
    return write_and_run(
        workspace,
        workspace.writer.prompt.messages if messages is None else messages,
        lambda program, note: workspace.run_whole(program, note=note),
        repairs=repairs,
        purpose=purpose,
    )


def write_and_run(
    workspace: Workspace,
    messages: Sequence[Message],
    run: Callable[[Program, str], Attempt],
    *,
    repairs: int | None = None,
    purpose: str,
) -> Attempt:
    """A program or a cell, run; written again with what is wrong until it is good.

    Good is what ended, or what a further cell can go on from.

    Args:
        workspace: of the question.
        messages: what is asked.
        run: makes an attempt of a program and of the note that the trace has beside it.
        repairs: how often it may be written again; as the settings say by default.
        purpose: of the first request, for the trace.

    Raises:
        As `write_whole`.
    """
    options = workspace.settings
    dialogue = WriterDialogue(
        messages,
        max_repairs=options.repairs if repairs is None else repairs,
        timeout_s=options.llm_timeout,
        grammar=workspace.writer.grammar,
    )
    while True:
        again = dialogue.repairs > 0
        reply = workspace.writer.send(
            dialogue.next_request(), "repair a program" if again else purpose
        )
        try:
            program = dialogue.take_reply(reply)
        except LlmReplyError as error:
            workspace.run.recorder.write(
                ProgramRefused(cell=0, check="extraction", problems=[(None, str(error))])
            )
            if not dialogue.reject(problems_of(error)):
                raise
            continue
        note = f"repair {dialogue.repairs}" if again else ""
        attempt = run(program, note)
        is_over = attempt.outcome.status == "limit" and workspace.run.budget.seconds_left <= 0
        is_good = attempt.is_ended or attempt.state is not None
        if is_good or is_over or not dialogue.reject(attempt.problems):
            return attempt


def write_cell(
    workspace: Workspace, messages: Sequence[Message], purpose: str, *, temperature: float = 0.0
) -> Program:
    """One cell; nothing runs.

    Raises:
        LlmReplyError: the reply holds none.
        LlmError, BudgetError: as `Workspace.ask`.
    """
    return extract_program(workspace.writer.ask(messages, purpose, temperature=temperature).text)


def programs_in(workspace: Workspace, reply: LlmReply) -> list[Program]:
    """The program of each completion; what holds none is noted in the trace."""
    programs: list[Program] = []
    for completion in reply.completions:
        try:
            programs.append(extract_program(completion.text))
        except LlmReplyError as error:
            workspace.refuse(ROOT, error)
    return programs


def ask_verdict(
    workspace: Workspace, messages: Sequence[Message], purpose: str, number: int
) -> Verdict | None:
    """A judgement by the model; None, with a warning, if its reply cannot be read as one.

    Raises:
        LlmError, BudgetError: as `Workspace.ask`.
    """
    reply = workspace.writer.ask(messages, purpose)
    try:
        verdict = read_verdict(reply.text)
    except LlmReplyError as error:
        workspace.run.warnings.add(f"no judgement in round {number + 1}: {error}")
        return None
    tell_verdict(workspace, verdict, number)
    return verdict


def tell_verdict(workspace: Workspace, verdict: Verdict, number: int) -> None:
    """Put a judgement of a round into the trace."""
    workspace.run.recorder.write(
        Reflected(
            round=number,
            sufficient=verdict.sufficient,
            confidence=verdict.confidence,
            text=verdict.missing,
        )
    )
