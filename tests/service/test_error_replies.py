"""Which status of HTTP an error of ours becomes."""

from __future__ import annotations

import pytest

from vprog.errors import (
    BudgetError,
    BusyError,
    LlmUnreachableError,
    PackageMissingError,
    VideoNotFoundError,
    VprogError,
)
from vprog.runs.result import Result, error_info
from vprog.service.chat_forms import problem_of
from vprog.service.error_replies import as_http, problem_object


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (VideoNotFoundError("no file at a.mp4."), 400),
        (BudgetError("the time is over."), 422),
        (PackageMissingError("cv2 is not installed."), 422),
        (LlmUnreachableError("no reply."), 502),
        (VprogError("a fault."), 500),
    ],
)
def test_http_error_repeats_only_what_may_go_better(error: VprogError, status: int) -> None:
    assert as_http(error).status == status


@pytest.mark.parametrize(
    ("error", "status"),
    [(BudgetError("the time is over."), 422), (BusyError("no worker came free."), 429)],
)
def test_http_error_of_a_run_asks_for_another_try_where_it_may_go_better(
    error: VprogError, status: int
) -> None:
    problem = problem_of(Result(status=error.status, error=error_info(error)))
    assert problem is not None
    assert problem.status == status


def test_http_error_says_what_to_do_in_openais_form() -> None:
    problem = as_http(VideoNotFoundError("no file at a.mp4.", hint="Check the path."))
    assert problem_object(problem)["error"] == {
        "message": "no file at a.mp4. Check the path.",
        "type": "invalid_request_error",
        "param": None,
        "code": "unreadable",
        "hint": "Check the path.",
    }
