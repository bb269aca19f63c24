"""The figures of the modules that vprog brings: each that finds things has some."""

from __future__ import annotations

import pytest

from tests.vocabulary import shipped_modules
from vprog.execute.denial import finds_things, measured_share
from vprog.registry.module import ModuleSpec

FOUND_BY_WEIGHTS = [
    spec
    for spec in shipped_modules()
    if finds_things(spec) and (spec.vlm_kind or spec.takes_weights or spec.asks)
]
"""What they find depends on weights that the user fetches or names."""

FINDERS = [
    spec for spec in shipped_modules() if finds_things(spec) and spec not in FOUND_BY_WEIGHTS
]


@pytest.mark.parametrize("spec", FINDERS, ids=lambda spec: spec.name)
def test_every_detector_is_measured(spec: ModuleSpec):
    assert measured_share(spec, "absence", ()) is not None
    assert measured_share(spec, "count", ()) is not None


@pytest.mark.parametrize("spec", FOUND_BY_WEIGHTS, ids=lambda spec: spec.name)
def test_what_nobody_measured_claims_no_figures(spec: ModuleSpec) -> None:
    assert measured_share(spec, "absence", ()) is None
