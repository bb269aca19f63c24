"""Fixtures of these tests: runs to audit; see tests/replays/conftest.py."""

from tests.replays.conftest import apart, film, run  # noqa: F401
