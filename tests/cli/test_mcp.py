"""`vprog mcp`: what it says where its package is missing; its tools: tests/service."""

from __future__ import annotations

import sys

import pytest

from tests.cli.command import vprog

pytestmark = pytest.mark.usefixtures("home")


def test_mcp_names_the_extra_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vprog.service.mcp_server", None)
    ran = vprog("mcp")
    assert ran.code == 4
    assert 'pip install "vprog[mcp]"' in ran.err
    assert ran.out == ""
