"""A vision-language model behind an OpenAI-compatible server: frames go out as JPEG.

Only modules that `--vlm openai:MODEL` was named for open one.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from vprog.llm.client import Image, LanguageModel, Message, Request
from vprog.llm.openai import OpenAIModel
from vprog.models.vlm_backend import VlmReply, VlmRequest
from vprog.registry.module import VlmSpec
from vprog_modules.vlm.vlm_jobs import one_line
from vprog_modules.vlm.vlm_scores import UNSCORED, mean_score, option_in, option_score

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

AT_ONCE = 8
"""Requests in flight."""

_TOP = 20
"""Likely tokens asked for at each position: the most that servers give."""

_JPEG_QUALITY = 88


class ServerVlm:
    """Opens a connection to the model; nothing is sent before the first request."""

    def __init__(self, vlm: VlmSpec) -> None:
        self.name = vlm.spec
        self._model: LanguageModel = OpenAIModel(vlm.model)

    def answer(self, requests: Sequence[VlmRequest]) -> list[VlmReply]:
        """A reply to each request.

        Raises:
            LlmError: the server cannot be reached, refuses, or gives nothing of use.
        """
        if len(requests) == 1:
            return [self._answer(requests[0])]
        with ThreadPoolExecutor(min(AT_ONCE, max(1, len(requests)))) as pool:
            return list(pool.map(self._answer, requests))

    def cancel(self) -> None:
        """End the calls in flight."""
        self._model.cancel()

    def close(self) -> None:
        """Close the connection; calls in flight are cancelled."""
        self._model.close()

    def _answer(self, request: VlmRequest) -> VlmReply:
        reply = self._model.complete(_chat_request(request))
        completion = reply.completions[0]
        text = one_line(completion.text)
        tokens = completion.logprobs
        warnings = []
        if tokens is None:
            warnings.append(
                f"{self.name} gives no token probabilities: scores of what it says "
                f"stand at {UNSCORED:g}"
            )
        if completion.is_cut and not request.options:
            warnings.append(f"a reply of {self.name} was cut at {request.max_tokens} tokens")
        score = UNSCORED if tokens is None else mean_score([token.logprob for token in tokens])
        option = option_in(text, request.options, request.choices)
        if option is not None and tokens is not None:
            sure = option_score(tokens, request.options[option])
            score = score if sure is None else sure
        return VlmReply(
            text,
            round(score, 4),
            option,
            reply.usage.tokens_in,
            reply.usage.tokens_out,
            tuple(warnings),
        )


def _chat_request(request: VlmRequest) -> Request:
    listed = "\n".join(f"{number}: {label}" for number, label in enumerate(request.labels, start=1))
    text = f"The images are frames of the video, in this order:\n{listed}\n\n{request.prompt}"
    images = tuple(Image(_jpeg(picture)) for picture in request.pictures)
    return Request(
        messages=(Message("system", request.system), Message("user", text, images)),
        temperature=request.temperature,
        max_tokens=request.max_tokens,
        want_logprobs=True,
        top_logprobs=_TOP if request.options else 0,
        may_be_cut=not request.options,
    )


def _jpeg(picture: NDArray[uint8]) -> bytes:
    from PIL import Image as Pictures

    written = io.BytesIO()
    Pictures.fromarray(picture).save(written, "JPEG", quality=_JPEG_QUALITY)
    return written.getvalue()
