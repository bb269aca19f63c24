"""A language model of the caller's own: checked, and used without ever being closed."""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_COMPLETED, Future, wait

from vprog.errors import ConfigError, LlmReplyError, LlmUnreachableError, VprogError, words_of
from vprog.llm.language_model import Capability, LanguageModel, LlmReply, Request

_METHODS = ("complete", "cancel", "close")


class BorrowedModel:
    """A model of the caller's for the length of one question.

    Others may use it at the same time, so that it is neither closed nor cancelled here: a
    request that is no longer wanted is left to come to its end in a thread of its own.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._cancelled: Future[LlmReply] = Future()
        """Has an error once the requests in flight are cancelled, and never a reply."""
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._model.capabilities

    def complete(self, request: Request) -> LlmReply:
        """Ask and wait.

        Raises:
            LlmUnreachableError: cancelled meanwhile.
            LlmError: what the model raises.
        """
        with self._lock:
            cancelled = self._cancelled
        reply: Future[LlmReply] = Future()
        threading.Thread(target=self._ask, args=(request, reply), daemon=True).start()
        wait([reply, cancelled], return_when=FIRST_COMPLETED)
        return (reply if reply.done() else cancelled).result()

    def cancel(self) -> None:
        """Wait for no request that is in flight now; from any thread."""
        with self._lock:
            cancelled, self._cancelled = self._cancelled, Future()
        cancelled.set_exception(
            LlmUnreachableError(f"{self.name}: the request was cancelled.", hint="Ask again.")
        )

    def close(self) -> None:
        """The same: the model itself is its owner's to close."""
        self.cancel()

    def _ask(self, request: Request, reply: Future[LlmReply]) -> None:
        try:
            answer = self._model.complete(request)
            if not isinstance(answer, LlmReply):
                raise LlmReplyError(
                    f"{self.name}: complete must return an LlmReply, got {type(answer).__name__}.",
                    hint="Build one: LlmReply of vprog.llm.language_model.",
                )
            reply.set_result(answer)
        except VprogError as error:
            reply.set_exception(error)  # whoever waits for the reply raises it
        except BaseException as error:
            failed = LlmUnreachableError(
                f"{self.name} failed: {words_of(error)}.",
                hint="This is a fault of the model that was given as llm.",
            )
            failed.__cause__ = error
            reply.set_exception(failed)


def check_model(model: object) -> str:
    """The name of an object that was given as `llm`.

    Raises:
        ConfigError: it is no language model; says what it lacks.
    """
    name = getattr(model, "name", None)
    lacks = [method for method in _METHODS if not callable(getattr(model, method, None))]
    if not isinstance(name, str) or not name:
        lacks.insert(0, "name (text)")
    if not isinstance(getattr(model, "capabilities", None), frozenset):
        lacks.insert(0, "capabilities (a frozenset)")
    if lacks:
        raise ConfigError(
            f'llm must be a SPEC such as "openai:MODEL" or a language model; '
            f"{type(model).__name__} lacks {', '.join(lacks)}.",
            hint="A language model has what vprog.llm.language_model.LanguageModel says.",
        )
    return str(name)
