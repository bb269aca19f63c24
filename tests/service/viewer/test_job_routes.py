"""What a click begins: fields that no page of ours would send."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from vprog.errors import UsageError
from vprog.service.http_exchange import Exchange
from vprog.service.viewer.job_routes import _fields


def _sent(value: object) -> Exchange:
    return cast(Exchange, SimpleNamespace(read_json=lambda most: {"time": value}))


@pytest.mark.parametrize("time", [10**400, -(10**400), True, "4.2", None])
def test_fields_take_no_time_that_is_no_number(time: Any) -> None:
    with pytest.raises(UsageError, match="time: expected float"):
        _fields(_sent(time), time=float)


def test_fields_take_whole_seconds() -> None:
    assert _fields(_sent(4), time=float) == {"time": 4.0}
