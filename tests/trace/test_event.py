"""Every kind of event says of itself what the rest of vprog has to know of it."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from vprog.trace.event import AnyEvent, AtReplay, LookEstimated, Progressed, ShownIn, TraceEvent

KINDS = [kind for kind in TraceEvent.__subclasses__() if kind not in (Progressed, LookEstimated)]
"""Those that stand in traces; how far a call is, is told and not recorded."""


def test_event_union_names_every_kind() -> None:
    assert set(get_args(AnyEvent)) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_event_declares_how_it_is_compared_replayed_and_shown(kind: type[TraceEvent]) -> None:
    fields = {field.name for field in msgspec.structs.fields(kind)}
    assert kind.volatile <= fields
    assert {"at"} <= kind.volatile
    assert kind.at_replay in get_args(AtReplay)
    assert set(kind.shown_in) <= set(get_args(ShownIn))


def test_event_of_a_kind_that_runs_have_in_common_compares_all_but_its_volatile_fields() -> None:
    for kind in KINDS:
        fields = {field.name for field in msgspec.structs.fields(kind)}
        if kind.is_compared and kind.content is TraceEvent.content:
            assert fields - kind.volatile, kind
    assert {kind.__name__ for kind in KINDS if not kind.is_compared} == {"Warned", "PictureKept"}
