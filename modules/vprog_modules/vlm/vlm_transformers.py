"""A vision-language model in this process, through transformers.

The model is held in models/memory_budget.py, where all modules, and the writer if it is the same
model, share it. Greedy unless a sample is asked for; a sample has a seed of its own, so that
the same call gives the same reply.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vprog.errors import (
    ConfigError,
    LlmUnreachableError,
    ModuleFailedError,
    ModuleInputError,
)
from vprog.models.hf.conversation import Conversation, Turn, encode
from vprog.models.hf.families import QWEN, SMOL
from vprog.models.hf.generate import GREEDY, Sampling, generate, next_token_probabilities
from vprog.models.hf.loading import TransformersModel, transformers_model
from vprog.models.memory_budget import MODEL_MEMORY, ModelMemory
from vprog.models.vision_language_model import VlmReply, VlmRequest
from vprog.models.weights import ModelFolder
from vprog.registry.module import VlmSpec
from vprog_modules.vlm.citation import split_reply
from vprog_modules.vlm.vlm_scores import head_length, mean_score


class TransformersVlm:
    """The model on one device.

    Raises:
        ConfigError: it takes no pictures here, or has no chat template.
        LlmUnreachableError: it cannot be loaded.
    """

    def __init__(self, vlm: VlmSpec, device: str, memory: ModelMemory = MODEL_MEMORY) -> None:
        self.name = vlm.spec
        self._memory = memory
        self._loadable = transformers_model(
            self.name, ModelFolder(Path(vlm.folder), vlm.revision), device
        )
        self._n_cancelled = 0
        """How often `cancel` was called: a call in flight ends when the number changes."""
        try:
            with memory.hold(self._loadable, self) as model:
                _check(model, self.name)
        except BaseException:
            memory.release(self)
            raise

    def answer(self, requests: Sequence[VlmRequest]) -> list[VlmReply]:
        """A reply to each request: greedy ones of a kind together, samples one by one.

        Raises:
            ModuleInputError: frames and question are longer than the model reads.
            ModuleFailedError: it wrote nothing.
            LlmUnreachableError: the call was cancelled.
        """
        replies: dict[int, VlmReply] = {}
        groups: dict[object, list[int]] = {}
        for number, request in enumerate(requests):
            groups.setdefault(_group(number, request), []).append(number)
        for group in groups.values():
            chosen = [requests[number] for number in group]
            with self._memory.hold(self._loadable, self) as model, model.lock:
                answer = self._choose if chosen[0].options else self._write
                replies.update(zip(group, answer(model, chosen), strict=True))
        return [replies[number] for number in range(len(requests))]

    def cancel(self) -> None:
        """End what is being written, before its next token."""
        self._n_cancelled += 1

    def close(self) -> None:
        """Let go; the last to do so frees the memory."""
        self._memory.release(self)

    def _choose(self, model: TransformersModel, requests: Sequence[VlmRequest]) -> list[VlmReply]:
        """One option for each request, from the probabilities of the next token."""
        inputs = self._inputs(model, requests)
        replies = []
        for request, row, n_read in zip(
            requests,
            next_token_probabilities(model, inputs),  # (N, V)
            inputs["attention_mask"].sum(dim=1).tolist(),
            strict=True,
        ):
            masses = [float(row[ids].sum()) for ids in model.option_ids(request.options)]
            option = max(range(len(masses)), key=masses.__getitem__)
            if request.sample:
                option = _sampled(masses, request)
            score = round(min(1.0, masses[option]), 4)
            replies.append(VlmReply(request.options[option], score, option, n_read, 1))
        return replies

    def _write(self, model: TransformersModel, requests: Sequence[VlmRequest]) -> list[VlmReply]:
        """Free text for each request, with exp of the mean log-probability of its tokens."""
        inputs = self._inputs(model, requests)
        n_cancelled = self._n_cancelled
        texts = generate(
            model,
            inputs,
            max_tokens=requests[0].max_tokens,
            sampling=_sampling(requests[0]),
            is_over=lambda row: self._n_cancelled != n_cancelled,
            with_logprobs=True,
        )
        replies = []
        n_reads = inputs["attention_mask"].sum(dim=1).tolist()
        for request, text, n_read in zip(requests, texts, n_reads, strict=True):
            if text.is_stopped:
                raise LlmUnreachableError(
                    f"{self.name}: the call was cancelled.", hint="Ask again."
                )
            if not text.text.strip():
                raise ModuleFailedError(
                    f"{self.name} said nothing to these frames.", hint="Ask in other words."
                )
            cut = f"a reply of {self.name} was cut at {request.max_tokens} tokens"
            said = split_reply(text.text, len(request.pictures)).text
            n_head = head_length([token.text for token in text.tokens], text.text, said)
            score = round(mean_score([token.logprob for token in text.tokens[:n_head]]), 4)
            replies.append(
                VlmReply(
                    text.text,
                    score,
                    tokens_in=n_read,
                    tokens_out=text.n_tokens,
                    warnings=() if text.is_whole else (cut,),
                )
            )
        return replies

    def _inputs(self, model: TransformersModel, requests: Sequence[VlmRequest]) -> dict[str, Any]:
        """The tensors of a batch."""
        inputs = encode(model, [conversation_of(request) for request in requests])
        n_tokens = int(inputs["input_ids"].shape[1])
        max_tokens = requests[0].max_tokens
        if model.context and n_tokens + max_tokens > model.context:
            raise ModuleInputError(
                f"frames: {len(requests[0].pictures)} frames and the question are {n_tokens} "
                f"tokens; {self.name} reads at most {model.context - max_tokens}.",
                hint="Take fewer frames.",
            )
        return inputs


def conversation_of(request: VlmRequest) -> Conversation:
    """The turns of a request: times beside their frames."""
    from PIL import Image

    parts: list[Any] = []
    for label, picture in zip(request.labels, request.pictures, strict=True):
        parts += [f"{label}:", Image.fromarray(picture)]
    return [Turn("system", (request.system,)), Turn("user", (*parts, f"\n\n{request.prompt}"))]


def _check(model: TransformersModel, name: str) -> None:
    if model.family is None:
        why = f" ({model.no_pictures})" if model.no_pictures else ""
        raise ConfigError(
            f'{name} is of the kind "{model.kind}", which vprog cannot show frames to{why}.',
            hint=f"Name a model of one of: {', '.join((*QWEN, *SMOL))}; or serve it: openai:MODEL.",
        )
    if model.template is None:
        raise ConfigError(
            f"{name} has no chat template: it is no model that answers.",
            hint='Name an instruction-tuned model, mostly with "Instruct" in its name.',
        )


def _group(number: int, request: VlmRequest) -> object:
    """Requests of one group go through the model together."""
    if request.options:
        return "options"
    return ("text", request.max_tokens) if not request.sample else number


def _sampling(request: VlmRequest) -> Sampling:
    """top_p and top_k are those of Video-RTS."""
    if not request.sample:
        return GREEDY
    top_p = min(0.95, 0.7 + 0.05 * (request.sample - 1))
    return Sampling(request.temperature, top_p, top_k=50, seed=request.sample)


def _sampled(masses: Sequence[float], request: VlmRequest) -> int:
    """An option by chance, the warmer the later the sample."""
    warm = [mass ** (1.0 / request.temperature) for mass in masses]
    if not sum(warm):
        return 0
    chance = random.Random(f"{request.sample} {request.prompt}")
    return chance.choices(range(len(masses)), warm)[0]
