"""A server's refusal or a broken connection as one of our errors, and whether it may pass.

The text is the server's: it is shown on one line, bounded, and without the API key.
"""

from __future__ import annotations

from dataclasses import dataclass

from vprog.errors import LlmError, LlmRefusedError, LlmUnreachableError
from vprog.llm.chat_json import error_of
from vprog.llm.language_model import excerpt

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Statuses that may be gone a moment later."""

CHECK_SERVER = "Check that the server runs, and that OPENAI_BASE_URL names it."
NEVER_CONNECTED = frozenset({"ConnectError", "UnsupportedProtocol", "InvalidURL"})
"""Classes of the HTTP library (httpx or httpx2, by version of the SDK) that a retry cannot mend."""


@dataclass(frozen=True)
class FailedRequest:
    """Why one attempt failed."""

    error: LlmError
    may_pass: bool
    wait_s: float | None = None

    def too_late(self, wait_s: float) -> LlmError:
        """The error, when the next attempt would come after the deadline."""
        return type(self.error)(
            f"{self.error.message} The next try may come in {wait_s:g} s: too late.",
            hint=self.error.hint,
        )


@dataclass(frozen=True)
class Endpoint:
    """Where requests go, for messages; the key, so that no message shows it."""

    where: str
    model: str
    secret: str

    def refused(self, status: int, text: str, retry_after: str | None, tries: int) -> FailedRequest:
        """A status other than 200."""
        message, code, _ = error_of(text)
        reply = f'{status}: "{excerpt(self._clean(message))}"'
        kind = f"{code} {message}".lower()
        passing = status in PASSING
        error: LlmError
        if status == 429 and "quota" in kind:
            passing = False
            error = LlmRefusedError(
                f"{self.where}: the quota is spent, {reply}.", hint="Check the account."
            )
        elif status == 429:
            error = LlmRefusedError(
                f"{self.where}: rate limit after {_attempts(tries)}, {reply}.",
                hint="Wait, or ask less often.",
            )
        elif status >= 500:
            error = LlmUnreachableError(
                f"{self.where}: the server failed in {_attempts(tries)}, {reply}.",
                hint="Look at the server's log, or try again later.",
            )
        else:
            error = LlmRefusedError(
                f"{self.where}: refused with {reply}.", hint=self._mend(status, kind)
            )
        return FailedRequest(error, passing, _seconds(retry_after))

    def broken(self, error: BaseException) -> FailedRequest:
        """No connection, or one that ended before the reply did."""
        chain = [error]
        while (cause := chain[-1].__cause__ or chain[-1].__context__) and cause not in chain:
            chain.append(cause)
        for cause in chain:
            if isinstance(cause, LlmError):  # of our own bounds on a reply
                return FailedRequest(cause, may_pass=False)
        why = excerpt(self._clean(str(chain[-1]) or type(chain[-1]).__name__))
        began = not any(type(cause).__name__ in NEVER_CONNECTED for cause in chain)
        what = "the connection broke" if began else "no connection"
        return FailedRequest(
            LlmUnreachableError(f"{self.where}: {what}: {why}.", hint=CHECK_SERVER), began
        )

    def _mend(self, status: int, kind: str) -> str:
        if status in (401, 403):
            return "Check OPENAI_API_KEY." if self.secret else "Set OPENAI_API_KEY."
        if status == 404:
            return f'Check the model "{self.model}" and that OPENAI_BASE_URL ends as in /v1.'
        if "context" in kind and any(word in kind for word in ("length", "exceed", "size")):
            return "The prompt is longer than the model takes: choose one with a longer context."
        return "Look at what the server says of the request."

    def _clean(self, text: str) -> str:
        return text.replace(self.secret, "[key]") if self.secret else text


def _attempts(count: int) -> str:
    return "one attempt" if count == 1 else f"{count} attempts"


def _seconds(retry_after: str | None) -> float | None:
    """What Retry-After says; dates are rare on these servers and left to our own wait."""
    try:
        seconds = float(retry_after or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
