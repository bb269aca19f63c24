"""The prelude's text, its signatures, and the stubs made from them."""

from __future__ import annotations

import ast
import inspect

import pytest

from tests.program.world import signatures
from vprog.program import prelude
from vprog.program.allowed_syntax import (
    ATTRIBUTES,
    BUILTINS,
    FIELDS,
    METHODS,
    VALUE_CLASSES,
)
from vprog.program.monty_compat import support, support_callbacks, support_values
from vprog.program.stubs import module_stub, stub_text
from vprog.types import VALUE_TYPES


def test_prelude_defines_the_vocabulary() -> None:
    names: dict[str, object] = {}
    exec(compile(prelude.source(), "<prelude>", "exec"), names)
    assert set(names) >= VALUE_CLASSES
    assert set(prelude.FUNCTIONS) <= set(names)
    others = {name for name in names if not name.startswith("vp__")} - {"__builtins__"}
    shadowed = {name for name in others if names[name] is None}
    assert shadowed == prelude.SHADOWED
    assert others - shadowed == VALUE_CLASSES | set(prelude.FUNCTIONS)


def test_prelude_with_a_mark_reads_support_code_under_marked_names_alone() -> None:
    names: dict[str, object] = {}
    exec(compile(prelude.source("0123456789abcdef"), "<prelude>", "exec"), names)
    assert names["vp__0123456789abcdef_read_probes"]() == []  # type: ignore[operator]
    names["vp__summary"] = names["vp__PROBES"] = None  # what a program might bind
    names["vp__0123456789abcdef_probe"]("0:1:x", 5)  # type: ignore[operator]
    assert names["vp__0123456789abcdef_read_probes"]() == [  # type: ignore[operator]
        ("0:1:x", 1, [("int", -1, "5")], [], [])
    ]


def test_prelude_value_classes_are_those_of_the_host() -> None:
    names: dict[str, object] = {}
    exec(compile(prelude.source(), "<prelude>", "exec"), names)
    for value_type in VALUE_TYPES:
        inside = names[value_type.__name__]
        assert inside._fields == value_type._fields  # type: ignore[attr-defined]
        assert inside._field_defaults == value_type._field_defaults  # type: ignore[attr-defined]


def test_prelude_text_has_no_annotations_and_no_docstrings() -> None:
    tree = ast.parse(prelude.source())
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            assert ast.get_docstring(node) is None
        assert not isinstance(node, ast.AnnAssign)


def test_support_has_no_local_name_that_is_also_a_name_of_its_own() -> None:
    """inside_text renames by name alone."""
    modules = (support, support_callbacks, support_values)
    tree = ast.Module(
        [node for module in modules for node in ast.parse(inspect.getsource(module)).body], []
    )
    top = {
        statement.name
        for statement in tree.body
        if isinstance(statement, ast.FunctionDef | ast.ClassDef)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            assert node.arg not in top
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            assert node.id not in top


def test_signatures_are_fit_for_a_prompt() -> None:
    found = {signature.name: signature for signature in prelude.signatures()}
    assert found["iou"].signature == "iou(a: Box, b: Box) -> float"
    assert found["nms"].summary.startswith("Detections without repeats")
    assert all(item.doc for item in found.values())


def test_stubs_name_everything_that_programs_find() -> None:
    text = stub_text(signatures().values())
    names = {
        node.name
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    assert names >= VALUE_CLASSES | set(prelude.FUNCTIONS) | set(signatures())
    assert {"answer", "abstain"} <= names


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("frame_at", "def frame_at(video: Video, time: float) -> Frame: ..."),
        (
            "detect",
            "def detect(frame: Frame, label: str, *, min_score: float = ...)"
            " -> list[Detection]: ...",
        ),
        (
            "search_speech",
            "def search_speech(speech: Sequence[Speech], query: str, *, count: int = ...)"
            " -> list[Match]: ...",
        ),
    ],
)
def test_module_stub(task: str, expected: str) -> None:
    assert module_stub(signatures()[task]) == expected


def test_tables_of_the_language_agree() -> None:
    assert FIELDS <= ATTRIBUTES
    assert METHODS <= ATTRIBUTES
    assert not any(attribute.startswith("__") for attribute in ATTRIBUTES)
    assert not BUILTINS & {"eval", "exec", "open", "getattr", "compile", "globals", "vars"}
