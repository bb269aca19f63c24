"""Kinds of question as they are read from their files."""

from __future__ import annotations

from vprog.rules.question_kinds import all_kinds


def test_no_two_kinds_of_a_family_have_one_name() -> None:
    names = [(kind.family, kind.name) for kind in all_kinds()]
    assert len(set(names)) == len(names)


def test_a_thing_to_find_is_asked_for_in_all_of_its_ways() -> None:
    names = {kind.name for kind in all_kinds() if kind.family == "text"}
    assert {"words exists", "words when", "words how long", "words begin event"} <= names


def test_a_program_is_joined_of_its_named_parts() -> None:
    kind = next(kind for kind in all_kinds() if kind.name == "year")
    assert "find_text(" in kind.program
    assert "majority(hits)" in kind.program
