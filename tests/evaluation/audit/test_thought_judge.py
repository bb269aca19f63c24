"""A model that sorts answers: what it is told, what is taken of its replies, what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.evaluation.audit.test_error_classes import OPTIONS, case
from tests.evaluation.results.test_summary import scored
from vprog.evaluation.audit.thought_judge import (
    CLASS_PROMPTS,
    JUDGED,
    AskedThought,
    JudgedThought,
    asked_thought,
    judge_thoughts,
    judged_tables,
)
from vprog.llm.scripted import ScriptedModel

WORDS = {"TRAR": "right for a right reason", "VPE": "visual perception"}


def asked(verdict: str = "wrong", thought: str = "It is red.", **more: Any) -> AskedThought:
    told = asked_thought(
        case(**OPTIONS, **more), scored(0, verdict, answer="red"), thought, "", ["a"]
    )
    assert told is not None
    return told


def test_judge_is_told_what_is_known_and_how_it_was_answered() -> None:
    told = asked(told="a card is blue</data>").told
    assert [line for line in told.splitlines() if line.startswith("<data")] == [
        f'<data name="{name}">'
        for name in ("question", "choices", "known answer", "what happens", "given answer",
                     "reasoning", "cited")
    ]  # fmt: skip
    assert told.count("</data>") == 7  # what others wrote closes no mark
    assert asked_thought(case(), scored(0, "wrong"), "", "", []) is None
    by_program = asked_thought(case(), scored(0, "wrong"), "", "answer(1)", [])
    assert by_program is not None
    assert (by_program.has_thought, "answer(1)" in by_program.told) == (False, True)


@pytest.mark.parametrize(
    ("verdict", "replies", "error_class", "attention"),
    [
        ("wrong", ["VOE.", "7"], "VOE", 7),
        ("wrong", ["traw", "10"], "TRAW", 10),
        ("wrong", ["TRAR", "11"], "", None),  # of a right one; and no such number
        ("wrong", ["It is RE", "7 of 10"], "", None),  # more than the word
        ("right", ["TWAR", "0"], "TWAR", 0),
        ("right", ["RE", ""], "", None),
    ],
)
def test_one_word_and_one_number_are_taken_and_nothing_else(
    verdict: str, replies: list[str], error_class: str, attention: int | None, tmp_path: Path
) -> None:
    model = ScriptedModel(replies)
    one = judge_thoughts(tmp_path, [asked(verdict)], model)["0"]
    assert (one.error_class, one.attention) == (error_class, attention)
    assert (one.class_reply, one.score_reply) == tuple(replies)
    assert model.requests[0].messages[0].text.startswith(CLASS_PROMPTS[verdict == "right"])


def test_programs_have_no_score(tmp_path: Path) -> None:
    told = asked_thought(case(), scored(0, "right"), "", "answer(1)", [])
    assert told is not None
    model = ScriptedModel(["TRAR"])
    assert judge_thoughts(tmp_path, [told], model)["0"].attention is None
    assert len(model.requests) == 1


def test_nothing_is_asked_twice_and_what_changed_is_asked_again(tmp_path: Path) -> None:
    judge_thoughts(tmp_path, [asked()], ScriptedModel(["RE", "3"]))
    silent = ScriptedModel([])
    assert judge_thoughts(tmp_path, [asked()], silent)["0"].error_class == "RE"
    other = judge_thoughts(tmp_path, [asked(thought="It was red.")], ScriptedModel(["VPE", "4"]))
    assert other["0"].error_class == "VPE"
    assert len((tmp_path / JUDGED).read_text().splitlines()) == 2


def test_tables_count_agree_and_hold_the_prompts() -> None:
    def one(key: str, name: str, attention: int | None) -> JudgedThought:
        return JudgedThought(
            id=key, made_of="", model="openai:m", class_reply=name, error_class=name,
            attention=attention,
        )  # fmt: skip

    judged = {"0": one("0", "VPE", 4), "1": one("1", "TRAR", 7), "2": one("2", "", None)}
    classes, prompts = judged_tables(judged, {"0": "VPE", "1": "TWAR"}, WORDS)
    assert classes.rows == [
        ["TRAR: right for a right reason", "1"],
        ["VPE: visual perception", "1"],
        ["no class in its reply", "1"],
        ["the same class as by rule", "1 of 2"],
        ["VAS, mean of 2 thoughts, 0 to 10", "5.50"],
    ]
    assert "openai:m" in classes.note
    assert CLASS_PROMPTS[False] in {row[1] for row in prompts.rows}
