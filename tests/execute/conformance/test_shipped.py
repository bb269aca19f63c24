"""One contract test for all modules that vprog ships."""

from __future__ import annotations

import pytest

from tests.plan.vocabulary import shipped_modules
from vprog.execute.conformance import check_module
from vprog.registry.module import ModuleSpec
from vprog.registry.registry import availability


@pytest.mark.parametrize("spec", shipped_modules(), ids=lambda each: each.implementation)
def test_shipped_module_conforms(spec: ModuleSpec) -> None:
    able = availability(spec)
    if not able.ok:
        pytest.skip(able.reason)
    assert check_module(spec) == []
