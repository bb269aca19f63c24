"""Replies of a server with the probabilities of their tokens, as tests script them."""

from __future__ import annotations

import math

from tests.llm.server import Answer, says

Top = tuple[tuple[str, float], ...]


def sure(text: str, *probabilities: float, top: Top = ()) -> Answer:
    """A reply of one token for each probability; `top` are the likely tokens of the first.

    One token is the whole text; of several, each is a part of it.
    """
    tokens = []
    for at, probability in enumerate(probabilities):
        size = -(-len(text) // len(probabilities))
        token = text[at * size : (at + 1) * size]
        tokens.append({"token": token, "logprob": math.log(probability), "top_logprobs": []})
    if tokens:
        listed = top or ((text, probabilities[0]),)
        tokens[0]["top_logprobs"] = [
            {"token": token, "logprob": math.log(probability)} for token, probability in listed
        ]
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": text},
        "logprobs": {"content": tokens},
    }
    return says(choices=[choice])
