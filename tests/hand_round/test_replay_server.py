"""Kept replies are found by what is asked and shown, not by the words around it."""

from __future__ import annotations

from typing import Any

from tests.hand_round.replay_server import ReplayServer, read_request

KEPT = [
    {"asked": "Is it red?", "pictures": 1, "seconds": [2.0, 2.0], "replies": ["no"], "conf": 0.9},
    {"asked": "Is it red?", "pictures": 1, "seconds": [4.0, 4.0], "replies": ["yes"], "conf": 0.8},
    {"asked": "Is it red?", "replies": ["answer(1)"], "turn": 2},
]


def look(asked: str, *times: float, order: str = "Reply with yes or no.") -> list[dict[str, Any]]:
    """A request as the backend sends it: each picture after its label, then the question."""
    parts: list[dict[str, Any]] = []
    for number, time in enumerate(times, start=1):
        parts += [
            {"type": "text", "text": f"picture {number}, {time:.2f} s"},
            {"type": "image_url", "image_url": {"url": "data:,"}},
        ]
    asking = f'<data name="question">\n"{asked}"\n</data>\n\n{order}'
    content = [*parts, {"type": "text", "text": asking}]
    return [{"role": "system", "content": "You look."}, {"role": "user", "content": content}]


def test_reply_is_that_to_the_same_question_about_the_same_pictures() -> None:
    with ReplayServer() as server:
        replay = server.begin(KEPT)
    late = replay.reply_to(read_request(look("Is it red?", 4.0, order="In other words.")))
    assert late is not None
    assert late.replies == ["yes"]


def test_look_at_other_pictures_has_no_reply_and_is_noted() -> None:
    with ReplayServer() as server:
        replay = server.begin(KEPT)
    assert replay.reply_to(read_request(look("Is it red?", 3.0))) is None
    assert replay.reply_to(read_request(look("Is it red?", 2.0, 4.0))) is None
    assert [request.pictures for request in replay.unknown] == [1, 2]


def test_server_gives_the_sureness_as_token_probabilities() -> None:
    asked = {"model": "looker", "logprobs": True, "messages": look("Is it red?", 2.0)}
    with ReplayServer() as server:
        server.begin(KEPT)
        status, body = server.answer(asked)
    assert status == 200
    choice: Any = body["choices"]
    assert choice[0]["message"]["content"] == "no"
    assert choice[0]["logprobs"]["content"][0]["logprob"] < 0
