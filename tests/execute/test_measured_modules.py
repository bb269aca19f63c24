"""The figures of the modules that vprog brings: each that finds things has some."""

from __future__ import annotations

import pytest

from tests.vocabulary import shipped_modules
from vprog.execute.denial import finds_things, measured_share
from vprog.registry.module import ModuleSpec

FINDERS = [spec for spec in shipped_modules() if finds_things(spec) and not spec.vlm_kind]


@pytest.mark.parametrize("spec", FINDERS, ids=lambda spec: spec.name)
def test_every_detector_is_measured(spec: ModuleSpec):
    assert measured_share(spec, "absence", ()) is not None
    assert measured_share(spec, "count", ()) is not None
