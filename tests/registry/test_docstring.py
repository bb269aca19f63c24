"""Docstrings: cut into sections, and a contract's put together with an implementation's own."""

from __future__ import annotations

from vprog.registry.docstring import argument_docs, doc_of, merge_docs, sections_of

DOC = """\
Find things.

Of any kind.

Args:
    frame: the picture; a region
        limits it.
    label: one noun.

Returns:
    Things.

Source: a book."""


def test_sections_of_a_docstring() -> None:
    assert sections_of(DOC) == {
        "": "Find things.\n\nOf any kind.",
        "Args": "    frame: the picture; a region\n        limits it.\n    label: one noun.",
        "Returns": "    Things.",
        "Source": "a book.",
    }


def test_argument_docs_are_on_one_line_each() -> None:
    assert argument_docs(DOC) == {"frame": "the picture; a region limits it.", "label": "one noun."}
    assert argument_docs("Find things.") == {}


def test_merge_docs_with_nothing_of_its_own_changes_nothing() -> None:
    assert merge_docs(DOC, "") == DOC


def test_merge_docs_replaces_sections_and_single_parameters() -> None:
    own = 'Args:\n    label: "dog".\n\nRaises:\n    ModuleInputError: no dog.'
    assert merge_docs(DOC, own) == DOC.replace("one noun", '"dog"').replace(
        "Source:", "Raises:\n    ModuleInputError: no dog.\n\nSource:"
    )


def test_merge_docs_appends_an_opening_and_replaces_the_summary() -> None:
    merged = merge_docs(DOC, "No cats.", "Find dogs.")
    assert sections_of(merged)[""] == "Find dogs.\n\nOf any kind.\n\nNo cats."


def test_doc_of_a_function_without_one_is_empty() -> None:
    class Bare:
        def __call__(self) -> None:
            pass

    assert doc_of(Bare.__call__) == ""
