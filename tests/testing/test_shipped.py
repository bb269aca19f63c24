"""One contract test for all modules that vprog ships."""

from __future__ import annotations

import pytest

from tests.vocabulary import shipped_modules
from vprog.registry.discover import discover
from vprog.registry.module import ModuleSpec
from vprog.testing import check_module

REGISTRY = discover()


@pytest.mark.parametrize("spec", shipped_modules(), ids=lambda each: each.implementation)
def test_shipped_module_conforms(spec: ModuleSpec) -> None:
    able = REGISTRY.state(spec)
    if not able.ok:
        pytest.skip(able.reason)
    assert check_module(spec) == []
