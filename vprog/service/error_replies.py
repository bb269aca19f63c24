"""Requests that are turned away: the status and the words that a client gets for each error."""

from __future__ import annotations

from typing import Any

from vprog.errors import BusyError, TraceNotFoundError, VprogError
from vprog.exit_status import Status

RETRY_S = 5
"""What a client that is turned away is told to wait."""


class HttpError(Exception):
    """A request that is turned away.

    Attributes:
        status: of the reply.
        message, hint: what is wrong, and what to do.
        code: the kind of error, for programs.
    """

    def __init__(
        self, status: int, message: str, *, hint: str = "", code: str = "bad_request"
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.hint = hint
        self.code = code


def problem_object(problem: HttpError) -> dict[str, Any]:
    """An error as replies carry it: in OpenAI's form, with `hint` beside it."""
    kind = "server_error" if problem.status >= 500 else "invalid_request_error"
    message = f"{problem.message} {problem.hint}".strip()
    return {
        "error": {
            "message": message,
            "type": kind,
            "param": None,
            "code": problem.code,
            "hint": problem.hint,
        }
    }


def as_http(error: VprogError) -> HttpError:
    """An error of ours as one of HTTP."""
    status = http_status(error.status)
    if isinstance(error, BusyError):
        status = 429
    elif isinstance(error, TraceNotFoundError):
        status = 404
    return HttpError(status, error.message, hint=error.hint, code=error.code)


def http_status(status: Status) -> int:
    """The status of HTTP for a question that ended so."""
    return _HTTP[status]


_HTTP = {
    Status.ANSWERED: 200,
    Status.UNREADABLE: 400,
    Status.ABSTAINED: 422,
    Status.MISSING: 422,
    Status.REJECTED: 422,
    Status.FAILED: 422,
    Status.LIMIT: 422,
    Status.INTERNAL: 500,
    Status.LLM_ERROR: 502,
    Status.INTERRUPTED: 503,
}
"""Below 500 where asking again would give the same: clients repeat the others by themselves."""
