"""A program with its values beside its lines."""

from __future__ import annotations

from vprog.program.listing import list_program, listing_text, notes_of
from vprog.program.lower import Probe, Summary


def test_listing_puts_values_beside_lines() -> None:
    probes = [
        Probe(0, 1, "a", 1, (Summary("int", None, "1"),), ()),
        Probe(0, 2, "xs", 2, (Summary("list", 9, "[1, …]"), Summary("list", 9, "[2, …]")), ()),
        Probe(1, 1, "b", 1, (Summary("str", 300, "x" * 300),), ()),
    ]
    lines = list_program(["a = 1\nxs = f(a)\n", "b = g(xs)\n"], notes_of(probes))
    assert [(each.cell, each.number) for each in lines] == [(0, 1), (0, 2), (1, 1)]
    text = listing_text(lines, width=20)
    assert text.splitlines()[:2] == [
        "  1  a = 1          # a = 1",
        "  2  xs = f(a)      # xs = [1, …], [2, …] (list of 9) (set 2 times)",
    ]
    assert len(text.splitlines()[2]) < 170


def test_listing_puts_notes_below_long_lines() -> None:
    lines = list_program(["a = " + "1 + " * 20 + "1"], {(0, 1): ["a = 21", "twice"]})
    assert listing_text(lines, width=10).splitlines()[1:] == [
        "          # a = 21",
        "          # twice",
    ]
