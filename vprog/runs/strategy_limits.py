"""How far strategies may go: numbers of rounds, samples, nodes."""

from __future__ import annotations

from dataclasses import dataclass, fields

from vprog.config import Settings


@dataclass(frozen=True)
class Options:
    """How far strategies may go. The question's budget ends them all the same.

    Attributes:
        repairs: how often a refused or failed program goes back to the model.
        llm_timeout: seconds for one request.
        samples: programs that a vote asks for.
        rounds: looks of an observer, plans of an adjuster, rewritings of a critic.
        turns: cells of a chain of single calls.
        nodes: cells that a tree search tries.
        answers: answers after which a tree search stops and votes.
        width: cells that a tree search writes and runs at once.
        accept: confidence or reward from which on a strategy goes no further.
        text_tokens: of what was said and written that a prompt may hold.
        max_tokens: read and written, over all requests; None for no limit.
        seed: of every choice by chance.
    """

    repairs: int = Settings.repairs
    llm_timeout: float = Settings.llm_timeout
    samples: int = Settings.samples
    rounds: int = Settings.rounds
    turns: int = Settings.turns
    nodes: int = Settings.nodes
    answers: int = Settings.answers
    width: int = Settings.width
    accept: float = Settings.accept
    text_tokens: int = Settings.text_tokens
    max_tokens: int | None = None
    seed: int = Settings.seed

    @classmethod
    def of(cls, settings: Settings) -> Options:
        """As the settings say."""
        given = {field.name: getattr(settings, field.name) for field in fields(cls)}
        return cls(**given | {"max_tokens": settings.max_tokens or None})
