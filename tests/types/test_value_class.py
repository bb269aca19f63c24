"""The table of value classes: whatever stands there is known to all that reads it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from vprog.boundary import convert
from vprog.program.algebra import span_of
from vprog.program.stubs import stub_text
from vprog.testing.samples import samples_of
from vprog.types import TIMED, VALUES, Box, EvidenceValue, Span, ValueClass, Video, wire
from vprog.types.locate import location_of

SAMPLES = samples_of(Video(0, 2.0, 160, 120, 10.0, 20, True, False), 0.5, "red")


class Torn(NamedTuple):
    strip: str
    box: Box
    time: float


def test_value_class_has_a_time_by_its_fields() -> None:
    assert ValueClass(Torn).is_timed
    assert not ValueClass(Box).is_timed
    assert not ValueClass(Torn, is_evidence=False).is_timed


def test_values_that_are_no_evidence_are_five() -> None:
    names = [row.cls.__name__ for row in VALUES if not row.is_evidence]
    assert names == ["Video", "Stream", "Metadata", "Keypoint", "MemoryRow"]


@pytest.mark.parametrize("row", VALUES, ids=lambda row: row.cls.__name__)
def test_each_value_class_crosses_is_written_and_is_somewhere(row: ValueClass) -> None:
    sample = SAMPLES[row.cls]
    assert convert.from_module(sample, row.cls, where="it") == sample
    assert wire.decode(wire.encode(sample)) == sample
    location = location_of(sample, 3)
    assert (location is not None) is row.is_evidence
    assert (row.cls in EvidenceValue.__args__) is row.is_evidence
    assert (row.text in row.cls._fields) is (location is not None and location.text is not None)
    assert f"class {row.cls.__name__}(NamedTuple):" in stub_text([])


@pytest.mark.parametrize("value_type", TIMED, ids=lambda value_type: value_type.__name__)
def test_what_has_a_time_has_the_same_as_a_span_and_as_a_location(value_type: type) -> None:
    location = location_of(SAMPLES[value_type])
    assert location is not None
    assert location.start is not None
    assert location.end is not None
    assert span_of(SAMPLES[value_type]) == Span(location.start, location.end)  # type: ignore[arg-type]


def test_stubs_name_every_timed_class_twice() -> None:
    timed = " | ".join(value_type.__name__ for value_type in TIMED)
    stubs = stub_text([])
    assert f"Timed = {timed}\n" in stubs
    assert f"AnyTimed = TypeVar('AnyTimed', {timed.replace(' |', ',')})" in stubs
