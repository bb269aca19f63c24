"""The end of a reply: pictures by number, and how sure the model says it is."""

from __future__ import annotations

import pytest

from vprog_modules.vlm.citation import CitedReply, split_reply


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a red bus [pictures 2, 5; sure 80]", CitedReply("a red bus", (1, 4), 0.8)),
        ("a red bus\n[Picture 3]", CitedReply("a red bus", (2,))),
        ("B [images: 1-3; sure: 95%].", CitedReply("B", (0, 1, 2), 0.95)),
        ("yes [frames 1 and 4, sure 60 %]", CitedReply("yes", (0, 3), 0.6)),
        ("yes [sure 100]", CitedReply("yes", (), 1.0)),
        ("yes [pictures 0, 7, 99999999999]", CitedReply("yes")),  # none of these was shown
        ("yes [sure 900]", CitedReply("yes", (), 1.0)),
        # The answer itself ends in brackets, or speaks of pictures.
        ("the sign says [exit]", CitedReply("the sign says [exit]")),
        ("[12, 15]", CitedReply("[12, 15]")),
        ("zoom [40, 50]", CitedReply("zoom [40, 50]")),
        ("none []", CitedReply("none []")),
        ("two pictures [see above]", CitedReply("two pictures [see above]")),
        ('{"a": [1, 2]} [pictures 1; sure 50]', CitedReply('{"a": [1, 2]}', (0,), 0.5)),
    ],
)
def test_end_of_a_reply_is_taken_off(text: str, said: CitedReply) -> None:
    assert split_reply(text, 6) == said


def test_long_and_hostile_replies_are_read_in_no_time() -> None:
    for text in ("[" * 100_000, "[pictures " + "1, " * 100_000, "[pictures " + " " * 100_000 + "]"):
        split_reply(text, 6)
