"""One question worked on by a strategy: asks the model, runs cells, keeps every try.

Strategies share this one `run_cell`: a cell goes on from any earlier try, gets a node of its own
in the trace, and never runs twice after the same cells. Budget, counts and trace are the
question's.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from vprog.errors import AbstainedError, LlmReplyError, UsageError, VprogError
from vprog.llm.client import LanguageModel, LlmReply, Message, Request
from vprog.program.grammar.program_grammar import ProgramGrammar, program_grammar
from vprog.program.problem import Problem
from vprog.program.program import Program
from vprog.prompt.program_prompt import Prompt, build_prompt
from vprog.runs.attempt import Attempt, Watch, attempt_of, start_at, unwritten
from vprog.runs.attempt_events import ballot_of, llm_called, node_tried, party_shares, voted
from vprog.runs.combinators import vote
from vprog.runs.executors import Executors
from vprog.runs.memo import Once
from vprog.runs.result import Result
from vprog.runs.run import RULES, Run
from vprog.runs.similarity import Nearness
from vprog.runs.strategy_limits import Options
from vprog.trace import event
from vprog.trace.recorder import at_node

__all__ = ["PATH", "ROOT", "Options", "Workspace"]

PATH = "slow"
ROOT = start_at()


class Workspace:
    """The tries of one question. `run` and `ask` may be called from several threads at once."""

    def __init__(self, run: Run, model: LanguageModel | None, options: Options) -> None:
        self.run = run
        self.model = model
        self.options = options
        self.attempts: list[Attempt] = []
        """Every try in the order in which it began; the number of one is its place, from 1."""
        self.path = PATH
        """What the result says of how it was answered; a strategy may say otherwise."""
        self.shares: dict[int, float | None] = {}
        """By the node that speaks for a party of a vote, its share of the weight."""
        self.reliabilities: dict[int, float] = {}
        """By node, how reliable what its evidence comes from is, where that was weighed."""
        self.nearness = Nearness(run, timeout_s=options.llm_timeout)
        self._lock = threading.Lock()
        self._nodes = itertools.count(1)
        self._tried: Once[tuple[int, bool, str], Attempt] = Once()
        self._executors = Executors(run)
        run.on_cancel(self._cancel)

    @property
    def writer(self) -> str:
        """What writes cells, as traces name it."""
        return self.model.name if self.model is not None else RULES

    @property
    def n_reused(self) -> int:
        """Cells that were asked for again and not run again."""
        return self._tried.n_reused

    @cached_property
    def prompt(self) -> Prompt:
        """The question's prompt."""
        return self.prompt_with()

    def prompt_with(self, **changes: object) -> Prompt:
        """The question's prompt with other settings of `build_prompt`."""
        made = build_prompt(
            self.run.text,
            signatures=[module.signature for module in self.run.runtime.modules.values()],
            videos=self.run.media.videos,
            facts=[self.run.media.facts(video.index) for video in self.run.media.videos],
            choices=self.run.choices,
            rank=self.nearness.rank,
            **changes,  # type: ignore[arg-type]
        )
        if made.left_out:
            left = ", ".join(made.left_out)
            self.run.recorder.write(
                event.Warned(text=f"left out of the prompt for its length: {left}")
            )
        return made

    @cached_property
    def start(self) -> Attempt:
        """Where the first cells go on from."""
        with self._executors.lent() as executor:
            return start_at(executor.begin())

    def ask(
        self, messages: Sequence[Message], purpose: str, *, temperature: float = 0.0, n: int = 1
    ) -> LlmReply:
        """One request, charged and recorded whatever comes of it.

        Raises:
            LlmError: the model gave no usable reply.
            BudgetError: the requests, tokens or seconds are spent.
        """
        return self.send(
            Request(
                tuple(messages),
                temperature=temperature,
                n=n,
                timeout_s=self.options.llm_timeout,
            ),
            purpose,
        )

    @cached_property
    def grammar(self) -> ProgramGrammar | None:
        """What holds a model to programs that parse; None where the model takes none."""
        if self.model is None or "grammar" not in self.model.capabilities:
            return None
        return program_grammar(module.signature for module in self.run.runtime.modules.values())

    def send(self, request: Request, purpose: str) -> LlmReply:
        """The same for a request that is made already."""
        model = self.model
        if model is None:
            raise UsageError(
                "a language model is to be asked, and none is named.",
                hint="Name one with --llm openai:MODEL.",
            )
        counts = self.run.broker.counts
        with self._lock:
            self.run.check_tokens(self.options.max_tokens)
            self.run.budget.charge_llm_call()
            counts.llm_calls += 1
        limited = min(request.timeout_s, max(1.0, self.run.budget.seconds_left))
        request = replace(request, timeout_s=limited)
        began = time.perf_counter()
        reply: LlmReply | None = None
        problem: VprogError | None = None
        try:
            reply = model.complete(request)
            return reply
        except VprogError as error:
            problem = error
            raise
        finally:
            seconds = time.perf_counter() - began
            called = llm_called(model.name, purpose, request, reply, problem, seconds)
            with self._lock:
                counts.tokens_in += called.tokens_in
                counts.tokens_out += called.tokens_out
            self.run.recorder.write(called)

    def new_node(self) -> int:
        """A number for a try; threads that run side by side get theirs before they begin."""
        return next(self._nodes)

    def run_cell(
        self,
        parent: Attempt,
        source: str | Program,
        *,
        note: str = "",
        writer: str = "",
        node: int = 0,
    ) -> Attempt:
        """Run a cell after an earlier try; what ran there before is not run again.

        Args:
            parent: the try before it.
            source: the cell.
            note: what the trace says beside it.
            writer: who wrote it, where that is not the model.
            node: the number of the try, from `new_node`; 0 for the next one.

        Raises:
            MissingError, DiskFullError, TraceError: what no program can mend.
        """
        return self._run(parent, Program.of(source), note, whole=False, writer=writer, node=node)

    def run_whole(self, source: str | Program, *, note: str = "", writer: str = "") -> Attempt:
        """Run a program of one cell; one that ends without an answer has failed.

        Args:
            source, note, writer: as for `run_cell`.

        Raises:
            As `run_cell`.
        """
        return self._run(ROOT, Program.of(source), note, whole=True, writer=writer)

    def refuse(
        self, parent: Attempt, error: VprogError, *, source: str | Program = "", node: int = 0
    ) -> Attempt:
        """A try that came to nothing before any wall: no code, or a cell of the wrong form."""
        node = node or self.new_node()
        problems = (Problem(error.line or 0, str(error)),)
        program = Program.of(source)
        made = unwritten(node, parent, program, error, problems)
        with at_node(node):
            if program.text:
                self._write_source(made, "")
            wall = "extraction" if isinstance(error, LlmReplyError) else "form"
            self.run.recorder.write(
                event.ProgramRefused(cell=made.cell, wall=wall, problems=[(None, str(error))])
            )
            self.run.recorder.write(node_tried(made))
        self._keep(made)
        return made

    def vote(self, attempts: Sequence[Attempt]) -> Attempt | None:
        """The answer with the most weight, by the try that speaks best for it; None of none."""
        parties = vote([attempt for attempt in attempts if attempt.is_answered], ballot=ballot_of)
        if not parties:
            return None
        self.run.recorder.write(voted(parties))
        self.shares |= party_shares(parties)
        return parties[0][0]

    def result(self, attempt: Attempt, *, path: str | None = None, reading: str = "") -> Result:
        """The question's result from one of its tries; ends the trace."""
        self._choose(attempt)
        joined = Program.join(attempt.cells)
        outcome = attempt.outcome
        if outcome.line is not None:
            outcome = replace(outcome, line=joined.line_of(outcome.cell, outcome.line))
        return self.run.result_of(
            outcome,
            path=path or self.path,
            program=joined.text,
            reading=reading,
            votes=self.shares.get(attempt.node),
            reliability=self.reliabilities.get(attempt.node),
        )

    def ended_by(self, error: VprogError) -> Result:
        """The question's result where an error left no try to speak of; ends the trace."""
        last = self.attempts[-1] if self.attempts else None
        program = None
        if last is not None:
            self._choose(last)
            program = Program.join(last.cells).text or None
        if isinstance(error, AbstainedError):
            return self.run.abstained(error, path=self.path, program=program)
        return self.run.failed(error, path=self.path, program=program, line=error.line)

    def stop(self) -> None:
        """End what other threads do for this search: requests, cells, module calls."""
        self.run.budget.stop()
        self._cancel()
        self.run.runtime.residency.cancel()

    def _cancel(self) -> None:
        """End the requests and the cells that go on now."""
        if self.model is not None:
            self.model.cancel()
        self._executors.stop()

    def close(self) -> None:
        """Let the workers go that only this search used."""
        self._executors.close()
        self.nearness.close()

    def _run(
        self,
        parent: Attempt,
        program: Program,
        note: str,
        *,
        whole: bool,
        writer: str = "",
        node: int = 0,
    ) -> Attempt:
        def run_it() -> Attempt:
            number, watch = node or self.new_node(), Watch()
            with self._executors.lent() as executor, at_node(number, watch):
                written = Attempt(number, parent.nodes, (*parent.cells, program), parent.outcome)
                if whole:
                    outcome = self.run.run_program(
                        program, writer=writer or self.writer, note=note, executor=executor
                    )
                else:
                    self._write_source(written, note, writer)
                    assert parent.state is not None, "only a try that continues is gone on from"
                    outcome = executor.run(parent.state, program)
                made = attempt_of(written, parent, outcome, watch, self.run.choices)
                self.run.recorder.write(node_tried(made))
            self._keep(made)
            return made

        return self._tried.get((parent.node, whole, program.canonical), run_it)

    def _keep(self, attempt: Attempt) -> None:
        with self._lock:
            self.attempts.append(attempt)
            self.attempts.sort(key=lambda each: each.node)

    def _write_source(self, attempt: Attempt, note: str, writer: str = "") -> None:
        self.run.recorder.write(
            event.ProgramWritten(
                cell=attempt.cell,
                source=attempt.cells[-1].text,
                writer=writer or self.writer,
                note=note,
            )
        )

    def _choose(self, attempt: Attempt) -> None:
        with at_node(attempt.node):
            self.run.recorder.write(event.NodeChosen(path=list(attempt.nodes)))
        self.run.broker.pictures.follow(attempt.nodes)
