"""A language model writes the program: ask, check, run, repair, within the budget."""

from __future__ import annotations

import time

from vprog.config import Settings
from vprog.errors import LlmReplyError, ProgramFailedError, VprogError
from vprog.execute.outcome import Outcome
from vprog.llm.client import LanguageModel, Reply, Request
from vprog.plan.prompt import build_prompt
from vprog.plan.writer import WriterDialogue, problems_of
from vprog.program.problem import Problem
from vprog.solve.answers import read_answer
from vprog.solve.question import Question
from vprog.solve.result import Result
from vprog.trace.event import LlmCalled, ProgramRefused, ProgramWritten, Warned

PATH = "slow"


def solve_with_llm(asked: Question, model: LanguageModel, settings: Settings) -> Result:
    """Let a model write programs until one answers, or repairs and budget are used up.

    An abstention is an answer of the program's and is not asked again. What a model that
    does not reply, or a limit, ends is a result that says so.
    """
    prompt = build_prompt(
        asked.text,
        signatures=[spec.signature for spec in asked.engine.modules.values()],
        videos=asked.media.videos,
        facts=[asked.media.facts(each.index) for each in asked.media.videos],
        choices=asked.choices,
    )
    if prompt.left_out:
        left = ", ".join(prompt.left_out)
        asked.recorder.write(Warned(text=f"left out of the prompt for its length: {left}"))
    dialogue = WriterDialogue(
        prompt.messages, max_repairs=settings.repairs, timeout_s=settings.llm_timeout
    )
    program: str | None = None
    try:
        while True:
            reply = _ask(asked, model, dialogue.next_request(), dialogue.repairs)
            try:
                program = dialogue.take_reply(reply)
            except LlmReplyError as error:
                asked.recorder.write(
                    ProgramRefused(cell=0, wall="extraction", problems=[(None, str(error))])
                )
                if not dialogue.reject(problems_of(error)):
                    raise
                continue
            asked.recorder.write(
                ProgramWritten(
                    cell=0,
                    source=program,
                    writer=model.name,
                    note=f"repair {dialogue.repairs}" if dialogue.repairs else "",
                )
            )
            outcome = asked.executor.run_whole(program)
            problems = _to_repair(asked, outcome)
            if not problems or not dialogue.reject(problems):
                return asked.result_of(outcome, path=PATH, program=program)
    except VprogError as error:
        return asked.failed(error, path=PATH, program=program)


def _to_repair(asked: Question, outcome: Outcome) -> list[Problem]:
    """What is wrong with a program that may be written again; [] if nothing is."""
    if outcome.status in ("rejected", "failed"):
        return list(outcome.problems)
    if outcome.status == "limit" and asked.budget.seconds_left > 0:
        return list(outcome.problems)
    if outcome.status == "answered":
        try:
            read_answer(outcome.value, asked.choices)
        except ProgramFailedError as error:
            return [Problem(outcome.line or 0, str(error))]
    return []


def _ask(asked: Question, model: LanguageModel, request: Request, repairs: int) -> Reply:
    """One request, charged and recorded whatever comes of it."""
    asked.budget.charge_llm_call()
    counts = asked.broker.counts
    counts.llm_calls += 1
    began = time.perf_counter()
    reply: Reply | None = None
    problem: VprogError | None = None
    try:
        reply = model.complete(request)
        counts.tokens_in += reply.usage.tokens_in
        counts.tokens_out += reply.usage.tokens_out
        return reply
    except VprogError as error:
        problem = error
        raise
    finally:
        asked.recorder.write(
            LlmCalled(
                model=model.name,
                purpose="repair a program" if repairs else "write a program",
                messages=[{"role": each.role, "text": each.text} for each in request.messages],
                reply=reply.text if reply is not None else "",
                tokens_in=reply.usage.tokens_in if reply is not None else 0,
                tokens_out=reply.usage.tokens_out if reply is not None else 0,
                seconds=round(time.perf_counter() - began, 6),
                error=None if problem is None else str(problem),
            )
        )
