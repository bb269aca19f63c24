from __future__ import annotations

import pytest

from vprog.errors import LlmReplyError
from vprog.prompt.verdict import Verdict, read_verdict


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ('{"sufficient": true, "confidence": 1}', Verdict(True, 1.0, "")),
        (
            '<think>{"sufficient": true}</think>```json\n'
            '{"sufficient": false, "confidence": 0.25, "missing": "the\\n end"}\n```',
            Verdict(False, 0.25, "the end"),
        ),
        ('{"a": {"b": 1}} then {"sufficient": true, "confidence": 0.5}', Verdict(True, 0.5, "")),
    ],
)
def test_a_verdict_is_read_from_what_models_write(reply: str, expected: Verdict) -> None:
    assert read_verdict(reply) == expected


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Sufficient, 0.9",
        "{" * 5000,
        '{"a":' * 3000,
        "[1, 2]",
        '{"sufficient": "yes", "confidence": 0.9}',
        '{"sufficient": 1, "confidence": 0.9}',
        '{"sufficient": true, "confidence": "0.9"}',
        '{"sufficient": true, "confidence": 90}',
        '{"sufficient": true, "confidence": NaN}',
        '{"sufficient": true, "confidence": true}',
        '{"sufficient": true, "confidence": 0.9, "missing": ["x"]}',
    ],
)
def test_what_is_no_verdict_is_an_error_and_never_a_yes(reply: str) -> None:
    with pytest.raises(LlmReplyError):
        read_verdict(reply)


def test_half_a_character_that_json_spells_is_replaced() -> None:
    verdict = read_verdict(
        '{"sufficient": false, "confidence": 0.5, "missing": "\\ud800 \\ud83d\\ude00"}'
    )
    assert verdict.missing == "? \N{GRINNING FACE}"  # half of one is no text that a trace can hold
