from __future__ import annotations

import json

import pytest

from vprog.errors import LlmReplyError
from vprog.llm.client import Message
from vprog.strategies.unsure_factors import MAX_FACTOR, MOST, factor_messages, read_factors


def test_an_inference_lists_what_must_be_seen() -> None:
    reply = json.dumps(
        {"kind": "inference", "factors": ["Is it  raining?\n", "", "Is it  raining?"]}
    )
    assert read_factors(f"Sure: ```json\n{reply}\n```").questions == ("Is it raining?",)


def test_an_understanding_has_no_factor() -> None:
    reply = '{"kind": "understanding", "factors": ["What is it?"]}'
    assert read_factors(reply).questions == ()
    assert read_factors('{"kind": "understanding"}').questions == ()


def test_factors_are_few_and_short_and_hold_what_can_be_seen() -> None:
    many = json.dumps({"kind": "inference", "factors": [f"{at}?" + "x" * 999 for at in range(9)]})
    found = read_factors(many).questions
    assert len(found) == MOST
    assert {len(each) for each in found} == {MAX_FACTOR}
    escape = json.dumps({"kind": "inference", "factors": ["Is\x1b[31m it\u202e red?"]})
    assert read_factors(escape).questions == ("Is [31m it red?",)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Look at the door.",
        '{"kind": "guess", "factors": ["x"]}',
        '{"kind": ["inference"], "factors": ["x"]}',
        '{"factors": ["x"]}',
        '{"kind": "inference"}',
        '{"kind": "inference", "factors": []}',
        '{"kind": "inference", "factors": ["  "]}',
        '{"kind": "inference", "factors": "x"}',
        '{"kind": "inference", "factors": [1]}',
    ],
)
def test_anything_else_is_refused(reply: str) -> None:
    with pytest.raises(LlmReplyError):
        read_factors(reply)


def test_the_order_ends_the_prompt_and_asks_for_the_form() -> None:
    prompt = [Message("system", "Rules."), Message("user", "The question.")]
    system, user = factor_messages(prompt, ["# Read", "rows"])
    assert '"kind": "understanding" or "inference"' in system.text
    assert user.text.startswith("The question.\n\n# Read\n\nrows\n\n")
