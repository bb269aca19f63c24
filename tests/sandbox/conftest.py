"""Fixtures of the sandbox's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.bench import HASTY, SMALL, STUBS
from vprog.jail.jail import launcher
from vprog.sandbox.pool import Pool


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    """One pool for all tests, with small limits, in as much of the jail as holds here."""
    with Pool(size=3, stubs=STUBS, limits=SMALL, launcher=launcher()) as opened:
        yield opened


@pytest.fixture(scope="session")
def hasty_pool() -> Iterator[Pool]:
    """A pool whose programs are ended by the clock."""
    with Pool(size=3, stubs=STUBS, limits=HASTY, launcher=launcher()) as opened:
        yield opened
