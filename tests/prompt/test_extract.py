from __future__ import annotations

import contextlib

import pytest

from tests.program.parses import count_parses
from vprog.errors import LlmReplyError
from vprog.program.parse import MAX_BYTES
from vprog.prompt.extract import MAX_ENDS, MAX_REPLY, MAX_STARTS, extract_program, last_object

PROGRAM = "n = len(videos)\nanswer(n)\n"

FOUND: list[tuple[str, str]] = [
    (PROGRAM, PROGRAM),
    (f"```python\n{PROGRAM}```", PROGRAM),
    (f"```\n{PROGRAM}```", PROGRAM),
    (f"~~~py\n{PROGRAM}~~~", PROGRAM),
    (f"```Python3 title=x\n{PROGRAM}```", PROGRAM),
    (f"```{{.python}}\n{PROGRAM}```", PROGRAM),
    (f"Sure! Here it is:\n\n```python\n{PROGRAM}```\nIt counts the videos (n = 2).", PROGRAM),
    (f"```python\n{PROGRAM}", PROGRAM),
    ("1. First:\n\n   ```python\n   n = len(videos)\n   answer(n)\n   ```\n", PROGRAM),
    ("Run ```answer(1)``` now", "answer(1)\n"),
    ("```python answer(1)```", "answer(1)\n"),
    ("```answer(1)\n```", "answer(1)\n"),
    (f"````markdown\n```python\n{PROGRAM}```\n````", PROGRAM),
    (f"```markdown\n```python\n{PROGRAM}```\n```", PROGRAM),
    ('````python\nx = """\n```\n"""\nanswer(x)\n````', 'x = """\n```\n"""\nanswer(x)\n'),
    # thoughts
    (f"<think>```python\nanswer(0)\n```</think>\n```python\n{PROGRAM}```", PROGRAM),
    (f"hm, ```python\nanswer(0)\n```\n</think>\n{PROGRAM}", PROGRAM),
    (f"```python\n{PROGRAM}```\n<THINK>or answer(0)?", PROGRAM),
    (f"<think>a<think>b</think>answer(0)</think>{PROGRAM}", PROGRAM),
    # several blocks
    (f"```python\nanswer(0)\n```\nBetter:\n```python\n{PROGRAM}```", PROGRAM),
    (f"```python\n{PROGRAM}```\nOutput:\n```text\n3 people\n```", PROGRAM),
    (f'```python\n{PROGRAM}```\n```json\n{{"a": f(1)}}\n```', PROGRAM),
    (f"```python\n{PROGRAM}```\nbroken:\n```python\nanswer(\n```", PROGRAM),
    ("```python\nx = 1\n```\n```python\nlonger = 12\n```", "longer = 12\n"),
    ("```python\nn = len(videos)\n```\nthen\n```python\nanswer(n)\n```", PROGRAM),
    ("```python\nn = 1\nanswer(n)\n```\nthen\n```python\nanswer(n)\n```", "answer(n)\n"),
    ("```json\n{}\n```\n```js\nanswer(1)\n```", "answer(1)\n"),
    # nothing parses: the block goes back for repair
    ("```python\nanswer(\n```", "answer(\n"),
    ("```python\nfor x in\n```\n```text\nanswer(1)\n```", "answer(1)\n"),
    # without fences
    (f"Here is the program:\n\n{PROGRAM}\nIt answers with the number of videos.", PROGRAM),
    (f"I use len(videos), as in:\n{PROGRAM}That's all, folks!", PROGRAM),
    (
        "The answer\nfor shot in find_shots(video):\n    print(shot)\n\nanswer(2)\nthat is it.",
        "for shot in find_shots(video):\n    print(shot)\n\nanswer(2)\n",
    ),
    ("I meant `answer(1)`, or rather `answer(2)`, not `three`.", "answer(2)\n"),
    # layout
    ("```python\r\nn = len(videos)\r\nanswer(n)\r\n```\r\n", PROGRAM),
    ("```python\rn = len(videos)\ranswer(n)\r```", PROGRAM),
    (
        "```python\nif video:\n\tanswer(1)\n        answer(2)\n```",
        "if video:\n        answer(1)\n        answer(2)\n",
    ),
    ("```python\n\tn = len(videos)\n\tanswer(n)\n```", PROGRAM),
    (">>> n = len(videos)\n>>> answer(n)\n3\n", PROGRAM),
    ("answer(“two words”)", 'answer("two words")\n'),
    ("answer('it’s “here”')", "answer('it’s “here”')\n"),
    ("\ufeff```python\nanswer(1)\n```", "answer(1)\n"),
    # hostile
    ("\x1b[2J\x1b[31m```python\nanswer(1)\x00\n\x1b]0;title\x07```", "answer(1)\n"),
    ("x" * MAX_REPLY + f"\n```python\n{PROGRAM}```", PROGRAM),
    ("a\ud800\n```python\nanswer(1)\n```", "answer(1)\n"),
]


@pytest.mark.parametrize(("reply", "program"), FOUND)
def test_extract_finds_the_program(reply: str, program: str) -> None:
    assert extract_program(reply).text == program


@pytest.mark.parametrize(
    "reply",
    [
        "",
        " \n",
        "I cannot help with that.",
        "yes",
        "None",
        "42",
        "The answer is 3 (three).",
        '{"answer": 3}',
        "```\n```",
        "```text\nthree people\n```",
        "<think>answer(1)",
        "<think>answer(1)</think>",
    ],
)
def test_extract_says_when_there_is_no_program(reply: str) -> None:
    with pytest.raises(LlmReplyError, match="wrote no program"):
        extract_program(reply)


def test_extract_quotes_the_reply_safely() -> None:
    with pytest.raises(LlmReplyError) as caught:
        extract_program("\x1b[2JNo.\n\u202e" + "z" * 1000)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    "reply",
    [
        "<think>" * 30_000,
        "```\n" * 50_000,
        "```python\nx = (\n" * 15_000,
        "``` " + " " * 190_000,
        "x = 1 " * 30_000,
        "a = b(\n" * 28_000,
        "a = 1\n)\n" * 25_000,
        "(" * 200_000,
        "-" * 19_000 + "1",
        "\x1b]" * 100_000,
        "a: " * 60_000,
        "f(x)\n" * 3_000 + "!",
        "x = 1\n" * 300_000,
        "```python\n" + "x = 1\n" * 300_000 + "answer(1)\n```",
    ],
)
def test_extract_ends_soon_on_a_hostile_reply(reply: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = count_parses(monkeypatch)
    with contextlib.suppress(LlmReplyError):
        extract_program(reply)
    assert parsed.total() <= MAX_STARTS * MAX_ENDS
    assert all(len(text) - 1 <= MAX_BYTES for text in parsed)


def test_the_last_object_counts() -> None:
    assert last_object('{"a": 1} or rather {"a": 2}.') == {"a": 2}
