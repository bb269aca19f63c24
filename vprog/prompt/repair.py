"""The conversation with a language model that writes one program: ask, take, reject.

Pure: it calls nothing. Who asks the model, checks the program and runs it is solve/'s
business:

    dialogue = WriterDialogue(prompt.messages)
    while True:
        reply = model.complete(dialogue.next_request())
        try:
            program = dialogue.take_reply(reply)
            ...check, run, and stop when it is good...
        except (LlmReplyError, ProgramError) as error:
            if not dialogue.reject(problems_of(error)):
                raise
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from vprog.errors import ProgramRejectedError, VprogError
from vprog.llm.data_marks import mark_data
from vprog.llm.language_model import GrammarText, LlmReply, Message, Request, excerpt
from vprog.program.problem import Problem
from vprog.program.program import Program
from vprog.prompt.extract import extract_program
from vprog.settings import Settings

MAX_SHOWN = 8
"""Problems that go back at once; the first ones cause the rest."""

AGAIN_TEMPERATURE = 0.5
"""For the reply after a program that came twice: at 0 it would come a third time."""

_REPAIR = """\
This program did not pass. What is wrong:

{problems}

{advice}Reply with the whole program, corrected, in one ```python block."""
_NO_PROGRAM = """\
There was no program in this reply. Reply with one program in one ```python block, and \
nothing else. It ends in answer(...) or abstain(...)."""
_SAME = "It is the same program as before, so the same is wrong: write it in another way.\n"


def repair_messages(
    messages: Sequence[Message],
    program: str,
    problems: Sequence[Problem],
    *,
    is_same: bool = False,
) -> tuple[Message, ...]:
    """The conversation, continued with a program and what is wrong with it.

    Args:
        messages: the conversation so far, ending in what was asked.
        program: what the model wrote.
        problems: what is wrong, with lines of the program; line 0 for none.
        is_same: the model wrote this program before.
    """
    lines = program.split("\n")
    shown: list[dict[str, object]] = []
    for problem in problems[:MAX_SHOWN]:
        row: dict[str, object] = {}
        if 0 < problem.line <= len(lines):
            row = {"line": problem.line, "text": lines[problem.line - 1].strip()[:200]}
        shown.append(row | {"problem": problem.message[:1000]})
    if len(problems) > MAX_SHOWN:
        shown.append({"problem": f"and {len(problems) - MAX_SHOWN} more"})
    text = _REPAIR.format(problems=mark_data("problems", shown), advice=_SAME if is_same else "")
    return (
        *messages,
        Message("assistant", f"```python\n{program.rstrip()}\n```"),
        Message("user", text),
    )


def problems_of(error: VprogError) -> list[Problem]:
    """An error of gate, types or run as problems for a repair."""
    if isinstance(error, ProgramRejectedError) and error.problems:
        return [Problem(line, message) for line, message in error.problems]
    return [Problem(error.line or 0, str(error))]


class _Turn(Enum):
    ASK = auto()
    TAKE = auto()
    JUDGE = auto()


class WriterDialogue:
    """One program and its repairs.

    The turns are next_request, take_reply, and, if the program is no good, reject; then
    again. Any other order is a fault of the caller.

    Args:
        messages: the prompt.
        max_repairs: how often a program may be rejected and written again.
        temperature, max_tokens, timeout_s, grammar: of the requests.
    """

    def __init__(
        self,
        messages: Sequence[Message],
        *,
        max_repairs: int = Settings.repairs,
        temperature: float = 0.0,
        max_tokens: int = 4096,
        timeout_s: float = Settings.llm_timeout,
        grammar: GrammarText | None = None,
    ) -> None:
        self._grammar = grammar
        self._messages = tuple(messages)
        self._max_repairs = max_repairs
        self._temperature = temperature
        self._max_tokens = max_tokens
        self._timeout_s = timeout_s
        self._turn = _Turn.ASK
        self._reply = ""
        self._program: Program | None = None
        self._seen: set[Program] = set()
        self._is_stuck = False
        self.repairs = 0

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation so far."""
        return self._messages

    def next_request(self) -> Request:
        """What to ask the model now."""
        self._step(_Turn.ASK, _Turn.TAKE)
        warmer = max(self._temperature, AGAIN_TEMPERATURE) if self._is_stuck else self._temperature
        return Request(
            self._messages,
            temperature=warmer,
            max_tokens=self._max_tokens,
            timeout_s=self._timeout_s,
            grammar=self._grammar,
        )

    def take_reply(self, reply: LlmReply) -> Program:
        """The program in the model's reply.

        Raises:
            LlmReplyError: there is none; `reject` may still ask again.
        """
        self._step(_Turn.TAKE, _Turn.JUDGE)
        self._reply, self._program = reply.text, None
        self._program = extract_program(reply.text)
        return self._program

    def reject(self, problems: Sequence[Problem]) -> bool:
        """Say what is wrong with the program; whether it may be written again."""
        self._step(_Turn.JUDGE, _Turn.ASK)
        if self.repairs >= self._max_repairs:
            return False
        self.repairs += 1
        if self._program is None:
            said = Message("assistant", excerpt(self._reply, 500) or "...")
            self._messages = (*self._messages, said, Message("user", _NO_PROGRAM))
            self._is_stuck = True
            return True
        self._is_stuck = self._program in self._seen
        self._seen.add(self._program)
        self._messages = repair_messages(
            self._messages, self._program.text, problems, is_same=self._is_stuck
        )
        return True

    def _step(self, expected: _Turn, following: _Turn) -> None:
        if self._turn is not expected:
            raise RuntimeError(
                f"WriterDialogue: expected {expected.name.lower()}, got {self._turn.name.lower()}. "
                "Call next_request, take_reply, reject in turn."
            )
        self._turn = following
