"""A few servers of each sort; `python -m tests.reliability server_replies` has all of them."""

from __future__ import annotations

import pytest

from tests.reliability.server_replies import attempt, behaviours

NAMES = [behaviour.name for behaviour in behaviours("http://127.0.0.1:9")]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("redirect 307", "writer"),
        ("redirect 308", "vlm"),
        ("redirect 302", "embedder"),
        ("gzip bomb", "writer"),
        ("gzip bomb in a refusal", "embedder"),
        ("endless body", "vlm"),
        ("charset rot13", "writer"),
        ("honest gzip", "writer"),
        ("slow body", "writer"),
    ],
)
def test_hostile_server_is_told_of_within_time_and_memory(name: str, part: str) -> None:
    assert attempt(NAMES.index(name), part) == ("survived", "")
