"""A vision-language model behind an OpenAI-compatible server: frames go out as JPEG.

Only modules that `--vlm openai:MODEL` was named for open one.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from vprog.errors import LlmReplyError, ModuleFailedError, VprogError
from vprog.llm.client import (
    Completion,
    Image,
    LanguageModel,
    LlmReply,
    Message,
    Request,
    Usage,
    excerpt,
)
from vprog.llm.openai import OpenAIModel
from vprog.registry.module import VlmSpec
from vprog_modules.vlm.vlm_jobs import SYSTEM, Job, VlmReply, one_line
from vprog_modules.vlm.vlm_pictures import jpeg_of, pictures_of
from vprog_modules.vlm.vlm_scores import UNSCORED, mean_score, option_in, option_score

AT_ONCE = 8
"""Requests in flight."""

_TOP = 20
"""Likely tokens asked for at each place: the most that servers give."""


class ServerVlm:
    """Opens a connection to the model; nothing is sent before the first job."""

    def __init__(self, vlm: VlmSpec) -> None:
        self._model: LanguageModel = OpenAIModel(vlm.model)

    def look(self, jobs: Sequence[Job]) -> list[VlmReply]:
        """What the model says to each job.

        Raises:
            LlmError: the server cannot be reached, refuses, or gives nothing of use.
            ModuleFailedError: the reply names none of the options.
        """
        requests = [_request(job) for job in jobs]
        if len(jobs) == 1:
            return [self._said(jobs[0], requests[0])]
        with ThreadPoolExecutor(min(AT_ONCE, max(1, len(jobs)))) as pool:
            return list(pool.map(self._said, jobs, requests))

    def cancel(self) -> None:
        """End the calls in flight."""
        self._model.cancel()

    def close(self) -> None:
        """Close the connection; calls in flight are cancelled."""
        self._model.close()

    def _said(self, job: Job, request: Request) -> VlmReply:
        usage = Usage()
        try:
            reply = self._model.complete(request)
            usage = reply.usage
            return self._read(job, reply)
        except VprogError as error:
            if isinstance(error, LlmReplyError):
                usage = Usage(error.tokens_in, error.tokens_out)
            job.media.meter.used(usage.tokens_in, usage.tokens_out)  # it was asked all the same
            raise

    def _read(self, job: Job, reply: LlmReply) -> VlmReply:
        completion = reply.completions[0]
        if completion.logprobs is None:
            job.media.warn(
                f"{self._model.name} gives no token probabilities: scores of what it says "
                f"stand at {UNSCORED:g}"
            )
        if completion.is_cut and not job.options:
            job.media.warn(f"a reply of {self._model.name} was cut at {job.max_tokens} tokens")
        said = _read(job, completion)
        return replace(said, tokens_in=reply.usage.tokens_in, tokens_out=reply.usage.tokens_out)


def _request(job: Job) -> Request:
    listed = "\n".join(f"{at}: {label}" for at, label in enumerate(job.labels, start=1))
    text = f"The images are frames of the video, in this order:\n{listed}\n\n{job.order}"
    images = tuple(Image(jpeg_of(picture)) for picture in pictures_of(job))
    return Request(
        messages=(Message("system", SYSTEM), Message("user", text, images)),
        temperature=0.0 if job.sample == 0 else temperature_of(job.sample),
        max_tokens=job.max_tokens,
        want_logprobs=True,
        top_logprobs=_TOP if job.options else 0,
        may_be_cut=not job.options,
    )


def temperature_of(sample: int) -> float:
    """Of the nth draw: warmer each time, so that they differ, up to 1.4.

    Source: sparse-to-dense sampling of Video-RTS (2025), 0.8 + 0.15 for each further draw.
    """
    return min(1.4, 0.8 + 0.15 * (sample - 1))


def _read(job: Job, completion: Completion) -> VlmReply:
    text = one_line(completion.text)
    tokens = completion.logprobs
    whole = UNSCORED if tokens is None else mean_score([token.logprob for token in tokens])
    if not job.options:
        return VlmReply(text, round(whole, 4))
    option = option_in(text, job.options, job.choices)
    if option is None:
        raise ModuleFailedError(
            f'the model replied "{excerpt(text, 80)}", which is none of {", ".join(job.options)}.',
            hint="Ask in other words, or take another --vlm.",
        )
    sure = None if tokens is None else option_score(tokens, job.options[option])
    return VlmReply(text, round(whole if sure is None else sure, 4), option)
