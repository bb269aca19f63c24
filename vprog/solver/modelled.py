"""The way of a question in which a model has a part: what writes, what looks, which strategy.

Apart from solver.py because strategies and clients take time to import: a question that
the rules answer alone never pays for them.
"""

from __future__ import annotations

from dataclasses import dataclass

from vprog.config import Settings
from vprog.errors import UsageError
from vprog.llm.client import LanguageModel
from vprog.llm.embedding import open_embedder
from vprog.llm.open import RULES, open_llm
from vprog.runs.result import Result
from vprog.runs.run import Run
from vprog.runs.strategy_limits import Options
from vprog.solver.paths import RuleWriter, solve_by_paths, takes_paths
from vprog.strategies import fast
from vprog.strategies.catalog import DEFAULT, Strategy, find_strategy, solve_by


@dataclass(frozen=True)
class ModelledWay:
    """How a question is answered with models; made before any file is opened.

    `looks` says whether the fast path has a say: not where the strategy is itself a way of
    looking.
    """

    settings: Settings
    strategy: Strategy
    model: LanguageModel | None
    looks: bool

    @property
    def writer(self) -> str:
        """What writes, as traces name it."""
        return self.model.name if self.model is not None else RULES

    def answer(self, run: Run) -> Result:
        """Answer by the paths of mode and threshold, or by the strategy alone."""
        if self.looks:
            return solve_by_paths(run, self.model, self.settings, self.strategy.solve)
        writer = self.model if self.model is not None else RuleWriter()
        return solve_by(self.strategy, run, writer, Options.of(self.settings))

    def close(self) -> None:
        """Let go of the model's connections."""
        if self.model is not None:
            self.model.close()


def open_way(settings: Settings) -> ModelledWay:
    """The way that the settings ask for.

    Raises:
        ConfigError: no such strategy, kind of model or embedder.
        MissingError: a model or a package that is asked for is not there.
        UsageError: the strategy needs a model that writes, and none is named; or it and the
            mode ask for two different ways.
    """
    strategy = find_strategy(settings.strategy)
    _check_mode(strategy, settings.mode)
    looks = takes_paths(settings) and strategy.asks_writer
    if settings.embedder:
        open_embedder(settings.embedder).close()  # what is wrong with it is said before all else
    model = open_llm(settings.llm)
    if model is None and strategy.asks_writer and strategy.name != DEFAULT:
        raise UsageError(
            f"--strategy {strategy.name} needs a language model that writes programs.",
            hint="Name one with --llm openai:MODEL.",
        )
    return ModelledWay(settings, strategy, model, looks)


def _check_mode(strategy: Strategy, mode: str) -> None:
    """Refuse a mode that would leave out the strategy, or that it would leave out.

    Raises:
        UsageError: it would.
    """
    if mode == "fast" and strategy.asks_writer and strategy.name != DEFAULT:
        raise UsageError(
            f"--strategy {strategy.name} writes programs, and --fast asks for none.",
            hint=f"Leave --fast out, or take --strategy {fast.PATH}.",
        )
    if mode == "slow" and not strategy.asks_writer:
        raise UsageError(
            f"--strategy {strategy.name} asks the model that looks; --slow is programs only.",
            hint="Leave --slow out (--auto), or take another strategy.",
        )
