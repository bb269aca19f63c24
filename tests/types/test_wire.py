"""Values as JSON and back."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vprog.errors import TraceError
from vprog.types import Box, Detection, Frame, MemoryRow, Span, Track, wire

FRAME = Frame(0, 2.0, Box(0.0, 0.0, 5.0, 5.0))
TRACK = Track(
    1, "dog", Span(0.0, 2.0), [Detection("dog", Box(1.0, 2.0, 3.0, 4.0), 0.5, FRAME)], 1.0
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Span(1.0, 2.5), '{"$type":"Span","start":1.0,"end":2.5}'),
        ((1.0, 2), '{"$type":"tuple","items":[1.0,2]}'),
        ([1, 1.0, True, None, "a"], '[1,1.0,true,null,"a"]'),
        ({"b": 1, "a": 2}, '{"b":1,"a":2}'),
        ({"$type": "Span"}, '{"$type":"dict","items":{"$type":"Span"}}'),
    ],
)
def test_wire_text_is_as_documented(value: object, text: str) -> None:
    assert wire.encode(value).decode() == text
    assert wire.decode(text) == value


def test_wire_keeps_types_all_the_way_down() -> None:
    value = wire.decode(wire.encode([TRACK]))[0]

    assert value == TRACK
    assert type(value.detections[0].frame.region) is Box


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (float("nan"), ValueError),
        ([float("inf")], ValueError),
        ({1: 2}, TypeError),
        ({1, 2}, TypeError),
        (b"x", TypeError),
        (object(), TypeError),
    ],
)
def test_wire_refuses_what_is_no_value(value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        wire.encode(value)


def test_wire_refuses_to_write_cycles() -> None:
    value: list[object] = []
    value.append(value)

    with pytest.raises(ValueError, match="nested"):
        wire.encode(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"$type":"Popen","args":[]}',
        '{"$type":["Span"]}',
        '{"$type":"Span","start":1.0}',
        '{"$type":"Span","start":1.0,"finish":2.0}',
        '{"$type":"Span","start":1.0,"end":2.0,"more":3}',
        '{"$type":"tuple","items":{}}',
        '{"$type":"tuple"}',
        '{"$type":"dict","items":[]}',
        '{"$type":"Span","start":"1","end":2.0}',
        '{"$type":"Span","start":true,"end":2.0}',
        '{"$type":"Span","start":3.0,"end":2.0}',
        '{"$type":"Span","start":null,"end":2.0}',
        '{"$type":"Box","x0":9.0,"y0":0.0,"x1":1.0,"y1":1.0}',
        '{"$type":"Frame","video":0.5,"time":1.0,"region":null}',
        '{"$type":"Frame","video":0,"time":1.0,"region":{"$type":"Span","start":0.0,"end":1.0}}',
        '{"$type":"Track","label":"a","score":1.0,"span":{"$type":"Span","start":0.0,"end":1.0},'
        '"detections":[1]}',
        '{"$type":"Span","start":0,"end":1e400}',
        '{"$type":"Span","start":0,"end":1e308}',
        '{"$type":"Frame","video":0,"time":1e308,"region":null}',
        '{"$type":"Box","x0":0.0,"y0":0.0,"x1":1e308,"y1":1.0}',
        "[" * 66 + "]" * 66,
        "[" * 300 + "]" * 300,
        "[" * 100_000,
    ],
)
def test_wire_refuses_to_read_what_it_did_not_write(text: str) -> None:
    with pytest.raises(TraceError, match="cannot be read"):
        wire.decode(text)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.builds(Span, st.floats(0, 9), st.floats(9, 99)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | st.just("$type"), inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_wire_gives_back_what_it_took(value: object) -> None:
    written = wire.encode(value)

    assert wire.decode(written) == value
    assert wire.encode(wire.decode(written)) == written
    assert msgspec.json.encode(msgspec.Raw(written)) == written


def test_wire_keeps_numbers_that_are_no_time_and_no_place() -> None:
    row = MemoryRow({"n": 1e300}, {}, [])
    assert wire.decode(wire.encode(row)) == row


def test_wire_takes_a_whole_number_for_a_float_and_gives_a_float() -> None:
    value = wire.decode('{"$type":"Span","start":1,"end":2}')
    assert value == Span(1.0, 2.0)
    assert type(value.start) is float
