"""How a question can end, and the exit code of each. Imports nothing of vprog."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """How a question ended: the text in results and traces, with the exit code of the command."""

    exit_code: int

    def __new__(cls, text: str, exit_code: int = 1) -> Status:
        """A status of this text and exit code."""
        status = str.__new__(cls, text)
        status._value_ = text
        status.exit_code = exit_code
        return status

    ANSWERED = "answered", 0
    INTERNAL = "internal", 1
    UNREADABLE = "unreadable", 2
    MISSING = "missing", 4
    LLM_ERROR = "llm_error", 5
    REJECTED = "rejected", 6
    FAILED = "failed", 6
    ABSTAINED = "abstained", 7
    LIMIT = "limit", 8
    INTERRUPTED = "interrupted", 130
