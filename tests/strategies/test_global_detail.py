from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.strategies.seeing import COSTS, Seen
from vprog.errors import LlmReplyError
from vprog.strategies.global_detail import MAX_TASK, Handover, read_handover
from vprog.types import Frame

LookBy = Callable[..., Seen]

FRAMES = [Frame(0, float(second)) for second in range(6)]


def test_the_rewritten_task_and_the_chosen_pictures_go_to_the_large_view(look_by: LookBy) -> None:
    seen = look_by(
        "global_detail", '{"pictures": [2, 5], "task": "Read the sign, top \'left\'."}', "EXIT"
    )
    assert seen.cost == COSTS["global_detail"]
    assert (seen.result.answer, seen.result.score) == ("EXIT", 0.8)
    small, large = seen.times("ask")
    assert large == [small[1], small[4]]
    assert "What is shown?" in seen.shown[1].text
    assert "What to look at: Read the sign, top 'left'." in seen.shown[1].text
    assert [call["max_side"] for call in seen.called("ask")] == [224, 1024]
    assert all(item.supported for item in seen.result.evidence)


def test_a_task_is_one_line_of_what_can_be_printed() -> None:
    reply = '{"pictures": [1], "task": "Look\\n at\\u0007 it. ' + "x" * 900 + '"}'
    handed = read_handover(reply, FRAMES)
    assert handed.pictures == (0,)
    assert handed.task.startswith("Look at it. xx")
    assert len(handed.task) == MAX_TASK
    assert read_handover('{"pictures": [6], "task": "a"}', FRAMES) == Handover((5,), "a")


@pytest.mark.parametrize(
    "reply",
    ['{"pictures": [], "task": "a"}', '{"pictures": [1]}', '{"pictures": [1], "task": " "}',
     '{"pictures": [1], "task": 3}', '{"pictures": [1, 2, 3, 4, 5], "task": "a"}', "none"],
)  # fmt: skip
def test_a_handover_of_another_form_is_refused(reply: str) -> None:
    with pytest.raises(LlmReplyError):
        read_handover(reply, FRAMES)
