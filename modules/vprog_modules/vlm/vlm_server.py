"""A vision-language model behind an OpenAI-compatible server: frames go out as JPEG.

Only modules that `--vlm openai:MODEL` was named for open one.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from vprog.llm.language_model import Image, LanguageModel, Message, Request
from vprog.llm.openai import OpenAIModel
from vprog.models.vision_language_model import VlmReply, VlmRequest
from vprog.registry.module import VlmSpec
from vprog_modules.vlm.citation import split_reply
from vprog_modules.vlm.option_replies import option_in
from vprog_modules.vlm.vlm_jobs import one_line
from vprog_modules.vlm.vlm_scores import (
    SAID_SHARE,
    UNSCORED,
    head_length,
    mean_score,
    option_score,
)

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

AT_ONCE = 8
"""Requests in flight."""

_TOP = 20
"""Likely tokens asked for at each position: the most that servers give."""

_THOUGHTS = 2048
"""Tokens for models that think before they answer; others stop by themselves."""

_JPEG_QUALITY = 88


class ServerVlm:
    """Opens a connection to the model; nothing is sent before the first request."""

    def __init__(self, vlm: VlmSpec) -> None:
        self.name = vlm.spec
        self._timeout_s = vlm.timeout_s
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
        reply = self._model.complete(_chat_request(request, self._timeout_s))
        completion = reply.completions[0]
        said = split_reply(completion.text, len(request.pictures))
        tokens = completion.logprobs
        warnings = []
        score = UNSCORED if said.sure is None else SAID_SHARE * said.sure
        if tokens is None:
            warnings.append(
                f"{self.name} gives no token probabilities: scores are what it says of itself, or "
                f"{UNSCORED:g}"
            )
        else:
            spelled = [token.text for token in tokens]
            n_tokens = head_length(spelled, completion.text, said.text)
            score = mean_score([token.logprob for token in tokens[:n_tokens]])
        if completion.is_cut and not request.options:
            most = request.max_tokens + _THOUGHTS
            warnings.append(f"a reply of {self.name} was cut at {most} tokens")
        option = option_in(one_line(said.text), request.options, request.choices)
        if option is not None and tokens is not None:
            sure = option_score(tokens, request.options[option])
            score = score if sure is None else sure
        return VlmReply(
            completion.text,
            round(score, 4),
            option,
            reply.usage.tokens_in,
            reply.usage.tokens_out,
            tuple(warnings),
        )


def _chat_request(request: VlmRequest, timeout_s: float) -> Request:
    images = tuple(Image(_jpeg(picture)) for picture in request.pictures)
    shown = Message("user", request.prompt, images, request.labels)
    return Request(
        messages=(Message("system", request.system), shown),
        temperature=request.temperature,
        max_tokens=request.max_tokens + _THOUGHTS,
        timeout_s=timeout_s,
        want_logprobs=True,
        top_logprobs=_TOP if request.options else 0,
        may_be_cut=not request.options,
    )


def _jpeg(picture: NDArray[uint8]) -> bytes:
    from PIL import Image as Pictures

    written = io.BytesIO()
    Pictures.fromarray(picture).save(written, "JPEG", quality=_JPEG_QUALITY)
    return written.getvalue()
