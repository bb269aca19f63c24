"""A vision-language model in this process, through transformers; loaded once for all modules.

Everything is read from the model's folder: no network, no code of the model's own, no video
processor, no torchvision. Greedy unless a draw is asked for; a draw has a seed of its own,
so that the same call gives the same reply.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.registry.module import VlmSpec
from vprog_modules.vlm.vlm_jobs import SYSTEM, Job, VlmReply, one_line
from vprog_modules.vlm.vlm_loading import Loaded, load_model
from vprog_modules.vlm.vlm_logprobs import LogprobKeeper
from vprog_modules.vlm.vlm_pictures import pictures_of
from vprog_modules.vlm.vlm_scores import mean_score

_loaded: dict[tuple[str, str, str], _Shared] = {}
_lock = threading.Lock()


@dataclass
class _Shared:
    model: Loaded
    users: int = 0


class LocalVlm:
    """The model on one device, shared with the other modules that named it."""

    def __init__(self, vlm: VlmSpec, device: str) -> None:
        """Load the model, unless it is loaded.

        Raises:
            ConfigError: it is of no family that is known here, or has no chat template.
        """
        self._key = (vlm.folder, vlm.revision, device)
        with _lock:
            shared = _loaded.get(self._key)
            if shared is None:
                shared = _loaded[self._key] = _Shared(load_model(vlm, device))
            shared.users += 1
        self._model = shared.model

    def look(self, jobs: Sequence[Job]) -> list[VlmReply]:
        """What the model says to each job: greedy ones of a kind together, draws one by one.

        Raises:
            ModuleInputError: frames and question are longer than the model reads.
            ModuleFailedError: it said nothing.
        """
        said: dict[int, VlmReply] = {}
        groups: dict[object, list[int]] = {}
        for at, job in enumerate(jobs):
            groups.setdefault(_group(at, job), []).append(at)
        for group in groups.values():
            chosen = [jobs[at] for at in group]
            with self._model.lock:
                found = (_choose if chosen[0].options else _write)(self._model, chosen)
            said.update(zip(group, found, strict=True))
        return [said[at] for at in range(len(jobs))]

    def cancel(self) -> None:
        """Nothing to end: a step of the model in this process cannot be left half done."""

    def close(self) -> None:
        """Let go; the last one to do so frees the memory."""
        with _lock:
            shared = _loaded[self._key]
            shared.users -= 1
            if shared.users:
                return
            del _loaded[self._key]
        shared.model.free()


def _group(at: int, job: Job) -> object:
    """Jobs of one group go through the model together."""
    if job.options:
        return "options"
    return ("text", job.max_tokens) if not job.sample else at


def _choose(model: Loaded, jobs: Sequence[Job]) -> list[VlmReply]:
    """One option for each job, from the probabilities of the next token."""
    _, keeper, n_read = _generate(model, jobs, max_tokens=1, sample=0)
    probabilities = keeper.last.exp().cpu()  # (N, V)
    said = []
    for job, row, read in zip(jobs, probabilities, n_read, strict=True):
        masses = [float(row[ids].sum()) for ids in model.option_ids(job.options)]
        at = max(range(len(masses)), key=masses.__getitem__)
        if job.sample:
            at = _draw(masses, job)
        said.append(VlmReply(job.options[at], round(min(1.0, masses[at]), 4), at, read, 1))
    return said


def _draw(masses: Sequence[float], job: Job) -> int:
    """An option by chance, the warmer the later the draw."""
    warm = [mass ** (1.0 / temperature_of(job.sample)) for mass in masses]
    if not sum(warm):
        return 0
    return random.Random(f"{job.sample} {job.order}").choices(range(len(masses)), warm)[0]


def temperature_of(sample: int) -> float:
    """Of the nth draw.

    Source: sparse-to-dense sampling of Video-RTS (2025), 0.8 + 0.15 for each further draw.
    """
    return min(1.4, 0.8 + 0.15 * (sample - 1))


def _write(model: Loaded, jobs: Sequence[Job]) -> list[VlmReply]:
    """Free text for each job, with exp of the mean log-probability of its tokens."""
    written, keeper, n_read = _generate(
        model, jobs, max_tokens=jobs[0].max_tokens, sample=jobs[0].sample
    )
    return [
        _said(model, job, row.tolist(), scores.tolist(), read)
        for job, row, scores, read in zip(jobs, written, keeper.of(written), n_read, strict=True)
    ]


def _generate(
    model: Loaded, jobs: Sequence[Job], *, max_tokens: int, sample: int
) -> tuple[Any, LogprobKeeper, list[int]]:
    """The tokens written for each job, (N, T), their log-probabilities, how many it read."""
    import torch
    from transformers import GenerationConfig, LogitsProcessorList

    drawing: dict[str, Any] = {"do_sample": False}
    if sample:
        # top_p and top_k as in Video-RTS.
        drawing = {
            "do_sample": True,
            "temperature": temperature_of(sample),
            "top_p": min(0.95, 0.7 + 0.05 * (sample - 1)),
            "top_k": 50,
        }
    keeper = LogprobKeeper()
    devices = [model.device] if model.device.type == "cuda" else []
    with torch.inference_mode(), torch.random.fork_rng(devices):
        torch.manual_seed(sample)
        inputs = _inputs(model, jobs)
        width = inputs["input_ids"].shape[1]
        written = model.network.generate(
            **inputs,
            generation_config=GenerationConfig(
                **drawing,
                max_new_tokens=max_tokens,
                eos_token_id=model.end_ids,
                pad_token_id=model.pad_id,
            ),
            logits_processor=LogitsProcessorList([keeper]),
        )
    return written[:, width:], keeper, inputs["attention_mask"].sum(dim=1).tolist()


def _said(
    model: Loaded, job: Job, tokens: list[int], logprobs: list[float], n_read: int
) -> VlmReply:
    ends = [at for at, token in enumerate(tokens) if token in model.end_ids]
    length = ends[0] if ends else len(tokens)
    text = one_line(model.tokenizer.decode(tokens[:length], skip_special_tokens=True))
    if not text:
        raise ModuleFailedError(
            f"hf:{model.name} said nothing to these frames.", hint="Ask in other words."
        )
    if not ends:
        job.media.warn(f"a reply of hf:{model.name} was cut at {job.max_tokens} tokens")
    score = round(mean_score(logprobs[:length]), 4)
    return VlmReply(text, score, tokens_in=n_read, tokens_out=length)


def _inputs(model: Loaded, jobs: Sequence[Job]) -> dict[str, Any]:
    """The tensors of a batch, padded on the left."""
    tensors, stands_for = model.family.tensors([pictures_of(job) for job in jobs])
    left = iter(stands_for)
    texts = []
    for job in jobs:
        pieces = _prompt(model, job).split(model.family.placeholder)
        assert len(pieces) == len(job.frames) + 1, "the template has one mark for each frame"
        texts.append(pieces[0] + "".join(next(left) + piece for piece in pieces[1:]))
    tokens = model.tokenizer(
        texts, padding=True, padding_side="left", add_special_tokens=False, return_tensors="pt"
    )
    n_tokens = tokens["input_ids"].shape[1]
    if n_tokens + jobs[0].max_tokens > model.max_tokens:
        raise ModuleInputError(
            f"frames: {len(jobs[0].frames)} frames and the question are {n_tokens} tokens; "
            f"hf:{model.name} reads at most {model.max_tokens - jobs[0].max_tokens}.",
            hint="Take fewer frames.",
        )
    given = {
        "input_ids": tokens["input_ids"],
        "attention_mask": tokens["attention_mask"],
        **model.family.marks(tokens["input_ids"]),
        **tensors,
    }
    return {
        name: each.to(model.device, model.dtype if each.is_floating_point() else None)
        for name, each in given.items()
    }


def _prompt(model: Loaded, job: Job) -> str:
    """The conversation as the model's own template writes it: times beside their frames."""
    content: list[dict[str, str]] = []
    for label in job.labels:
        content += [{"type": "text", "text": f"{label}:"}, {"type": "image"}]
    content.append({"type": "text", "text": f"\n\n{job.order}"})
    rendered: str = model.tokenizer.apply_chat_template(
        [
            {"role": "system", "content": [{"type": "text", "text": SYSTEM}]},
            {"role": "user", "content": content},
        ],
        chat_template=model.template,
        tokenize=False,
        add_generation_prompt=True,
    )
    return rendered
