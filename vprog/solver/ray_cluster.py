"""Many questions answered by the nodes of a Ray cluster: one engine on each node, work by file.

Ray starts the engines, carries cases and results, and tells which node is lost; here is only who
answers what. All questions about the same files go to one engine at a time. What a lost engine
had not answered goes to another; what was lost `MOST_ATTEMPTS` times fails with the error
`node_lost`, the last attempt alone on its node, so that a file that kills whoever reads it fails
alone.

Source: Ray's core library (Apache-2.0), its actors and streaming generators.
"""

from __future__ import annotations

import os
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from vprog.errors import NodeLostError, PackageMissingError, UsageError, VprogError
from vprog.evaluation.case_list import ListedCase
from vprog.runs.result import Result, error_info, fault_of
from vprog.settings import AUTO, SCALAR_KEYS, TABLES, load_settings
from vprog.version import __version__

MOST_ATTEMPTS = 3
"""How often the questions about a file are given to a node before they fail."""
LEAST_JOBS = 4
"""Questions that an engine answers at the same time, however few cores it has: each waits for
modules most of the time."""
_LOOK_S = 2.0
"""How often the list of nodes is read: who is gone, who has come."""
_WAIT_FOR_NODES_S = 60.0
_CLOSING_S = 10.0
_CONNECT_S = 5.0
_FOLDERS = ("trace_dir", "cache_dir")
_OF_THE_NODE = frozenset(
    (*_FOLDERS, "trace_max_mb", "cache_max_mb", "memory_mb", "decoder_memory_mb", "live_programs",
     "require_jail")
)  # fmt: skip
"""Settings that each node has of its own, unless the caller gives them."""

Answers = Callable[..., Iterator[tuple[str, Result]]]
"""`vprog.solve_many`."""


def ray_address(engine: str) -> str:
    """The address in "ray" or "ray:ADDRESS"; "auto" where there is none.

    Raises:
        UsageError: it is neither.
    """
    kind, colon, address = engine.partition(":")
    if kind != "ray" or (colon and not address) or "://" in address:
        raise UsageError(
            f'no engine "{engine}".',
            hint="Write ray or ray:HOST:PORT, on a machine that belongs to the cluster.",
        )
    return address or "auto"


class RayCluster:
    """A cluster of Ray that was started already; this process joins it."""

    def __init__(self, address: str, settings: Mapping[str, Any]) -> None:
        """Join it.

        Args:
            address: of its head, HOST:PORT; "auto" for the one that this machine belongs to.
            settings: of every question. What they, vprog.toml and the environment say here holds
                on all nodes, but for folders, memory and the jail, which are each node's own
                unless `settings` name them.

        Raises:
            PackageMissingError: Ray is not installed.
            UsageError: there is no such cluster, or a setting cannot be sent to it.
        """
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        _check_there(address)
        try:
            import ray
        except ImportError as error:
            raise PackageMissingError(
                "--engine ray needs the package ray.", hint='pip install "vprog[ray]"'
            ) from error
        self._settings = _sent(settings)
        self._ray: Any = ray
        self._is_ours = not ray.is_initialized()
        if self._is_ours:
            try:
                ray.init(address=address, log_to_driver=False, logging_level="ERROR")
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise _no_cluster(address, error) from error
        try:
            self._sent = ray.put((self._settings, os.getcwd()))
        except TypeError as error:  # what cannot be pickled
            self.close()
            raise UsageError(
                "a setting is an object that cannot be sent to other machines.",
                hint="Give llm and vlm as a SPEC, such as openai:MODEL.",
            ) from error

    def answers(
        self, groups: Sequence[Sequence[ListedCase]], *, jobs: int, answer: Answers
    ) -> Iterator[tuple[str, Result]]:
        """The results as nodes give them.

        Args:
            groups: cases, those of the same files together.
            jobs: questions at the same time on each node; 0 for one a core, at least 4.
            answer: what answers a group on its node.

        Raises:
            VprogError: no node can answer, and why.
        """
        work = _Work(self._ray, self._sent, groups, jobs, answer)
        try:
            yield from work.results()
        finally:
            work.stop()
            self.close()

    def close(self) -> None:
        """Leave the cluster, where this object joined it."""
        if self._is_ours:
            self._ray.shutdown()


class NodeEngine:
    """The engine of one node, or of one of its GPUs: an actor of Ray's."""

    def __init__(self, sent: tuple[dict[str, Any], str], version: str) -> None:
        from vprog.solver.engine import Engine

        if version != __version__:
            raise RuntimeError(f"vprog is {__version__} there and {version} here")
        settings, self._folder = sent
        with suppress(OSError):  # so that messages name files as they would there
            os.chdir(self._folder)
        self._engine = Engine(**settings)

    def begun(self) -> None:
        """Returns when the engine stands."""

    def answer(
        self, cases: Sequence[ListedCase], jobs: int, answer: Answers
    ) -> Iterator[tuple[str, Result]]:
        """The results of cases, each as it comes."""
        if os.getcwd() != self._folder:
            folder = Path(self._folder)
            cases = [
                replace(
                    case,
                    videos=tuple(folder / video for video in case.videos),
                    subtitles=case.subtitles and folder / case.subtitles,
                )
                for case in cases
            ]
        yield from answer(cases, jobs=jobs, engine=self._engine)

    def close(self) -> None:
        """End what is being answered, and write the cache."""
        for handle in list(self._engine.handles):
            handle.stop()
        self._engine.close()


@dataclass
class _Group:
    """Questions about the same files: those that are not answered, and how often they were lost."""

    left: dict[str, ListedCase]
    n_lost: int = 0


@dataclass(eq=False)
class _Worker:
    """An engine on a node."""

    actor: Any
    node: str
    name: str
    jobs: int
    starting: Any = None
    """What Ray gives when it stands; then None."""
    busy: dict[Any, _Group] = field(default_factory=dict)
    """The groups that it answers, by what streams their results."""

    @property
    def n_asked(self) -> int:
        return sum(len(group.left) for group in self.busy.values())

    def takes(self, group: _Group) -> bool:
        """Whether it should have one more group; one on its last attempt it has alone."""
        if self.starting is not None or any(_is_last(other) for other in self.busy.values()):
            return False
        return not self.busy if _is_last(group) else self.n_asked < self.jobs


class _Work:
    """Who answers what."""

    def __init__(
        self,
        ray: Any,
        sent: Any,
        groups: Sequence[Sequence[ListedCase]],
        jobs: int,
        answer: Answers,
    ) -> None:
        self._ray = ray
        self._sent = sent
        self._jobs = jobs
        self._answer = answer
        self._waiting = deque(_Group({case.id: case for case in group}) for group in groups)
        self._workers: list[_Worker] = []
        self._refused: dict[str, str] = {}
        """Nodes on which no engine starts, and why."""
        self._looked = -_LOOK_S
        self._had_nodes = time.monotonic()

    def results(self) -> Iterator[tuple[str, Result]]:
        while self._waiting or any(worker.busy for worker in self._workers):
            self._look()
            self._give()
            waitables = {
                waitable: worker
                for worker in self._workers
                for waitable in (*worker.busy, *filter(None, [worker.starting]))
            }
            if not waitables:
                time.sleep(_LOOK_S / 4)
                continue
            ready, _ = self._ray.wait(
                list(waitables), num_returns=1, timeout=_LOOK_S, fetch_local=False
            )
            for waitable in ready:
                worker = waitables[waitable]
                if waitable is worker.starting:
                    self._begun(worker)
                else:
                    yield from self._result(worker, waitable)

    def stop(self) -> None:
        """End what is being answered; caches are written."""
        workers, self._workers = self._workers, []
        closing = [worker.actor.close.remote() for worker in workers if worker.starting is None]
        if closing:
            self._ray.wait(closing, num_returns=len(closing), timeout=_CLOSING_S)
        for worker in workers:
            self._ray.kill(worker.actor)

    def _look(self) -> None:
        """Put an engine on each node that has none, as long as there is work for it."""
        now = time.monotonic()
        if now - self._looked < _LOOK_S or not self._waiting:
            return
        self._looked = now
        for node in self._ray.nodes():
            if node["Alive"] and node["NodeID"] not in self._refused:
                self._start(node)
        if self._workers:
            self._had_nodes = now
        elif self._refused:
            raise VprogError(
                f"no node of the cluster can answer: {'; '.join(self._refused.values())}.",
                hint="Each needs the vprog and the Python of this machine.",
            )
        elif now - self._had_nodes > _WAIT_FOR_NODES_S:
            raise VprogError(
                "the cluster has no node with a processor left.",
                hint="Add one, and go on with --resume.",
            )

    def _start(self, node: Mapping[str, Any]) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        n_cores, n_gpus = (int(node["Resources"].get(name, 0)) for name in ("CPU", "GPU"))
        n_there = sum(worker.node == node["NodeID"] for worker in self._workers)
        for _ in range(n_there, n_gpus or min(1, n_cores)):
            jobs = self._jobs or max(LEAST_JOBS, n_cores // max(1, n_gpus))
            actor = (
                self._ray.remote(NodeEngine)
                .options(
                    num_cpus=min(1, n_cores),
                    num_gpus=min(1, n_gpus),
                    max_concurrency=jobs + 2,  # and to be asked how it is, and to close
                    scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False),
                )
                .remote(self._sent, __version__)
            )
            name = str(node["NodeManagerAddress"])
            self._workers.append(
                _Worker(actor, node["NodeID"], name, jobs, starting=actor.begun.remote())
            )

    def _begun(self, worker: _Worker) -> None:
        try:
            self._ray.get(worker.starting)
            worker.starting = None
        except self._ray.exceptions.RayError as error:
            self._workers.remove(worker)
            if any(node["Alive"] and node["NodeID"] == worker.node for node in self._ray.nodes()):
                lines = str(error).strip().splitlines() or [type(error).__name__]
                self._refused[worker.node] = f"{worker.name}: {lines[-1].strip().rstrip('.')}"
                self._looked = -_LOOK_S

    def _give(self) -> None:
        for _ in range(len(self._waiting)):
            group = self._waiting[0]
            worker = min(
                (worker for worker in self._workers if worker.takes(group)),
                key=lambda worker: worker.n_asked,
                default=None,
            )
            if worker is not None:
                self._waiting.popleft()
                jobs = min(worker.jobs, len(group.left))
                cases = list(group.left.values())
                stream = worker.actor.answer.options(num_returns="streaming").remote(
                    cases, jobs, self._answer
                )
                worker.busy[stream] = group
            elif _is_last(group):
                self._waiting.rotate(-1)  # it waits for a node of its own; others need not
            else:
                return

    def _result(self, worker: _Worker, stream: Any) -> Iterator[tuple[str, Result]]:
        group = worker.busy[stream]
        errors = self._ray.exceptions
        try:
            case_id, result = self._ray.get(next(stream))
        except StopIteration:
            del worker.busy[stream]
            yield from _failed(group, VprogError(f"{worker.name} gave no result for this."))
        except errors.RayTaskError as error:
            del worker.busy[stream]
            yield from _failed(group, fault_of(error.as_instanceof_cause()))
        except errors.RayError:
            yield from self._lost(worker)
        else:
            if group.left.pop(case_id, None) is not None:
                yield case_id, result

    def _lost(self, worker: _Worker) -> Iterator[tuple[str, Result]]:
        """An engine is gone: all that it had not answered is asked again, or fails."""
        self._workers.remove(worker)
        with suppress(self._ray.exceptions.RayError):
            self._ray.kill(worker.actor)
        self._looked = -_LOOK_S
        for group in worker.busy.values():
            group.n_lost += 1
            if group.n_lost < MOST_ATTEMPTS:
                self._waiting.append(group)
                continue
            yield from _failed(
                group,
                NodeLostError(
                    f"{MOST_ATTEMPTS} nodes were lost while they answered this, the last "
                    f"({worker.name}) with nothing else to do.",
                    hint="Go on with --resume, or ask on one machine to see why.",
                ),
            )


def _check_there(address: str) -> None:
    """Ray itself tries for minutes, and takes 127.0.0.1 for the address on the network."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal():
        return
    try:
        with socket.create_connection((host, int(port)), timeout=_CONNECT_S) as connected:
            if ip_address(connected.getpeername()[0]).is_loopback:
                os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    except (OSError, OverflowError) as error:
        raise _no_cluster(address, error) from error


def _no_cluster(address: str, error: Exception) -> UsageError:
    lines = str(error).splitlines() or [type(error).__name__]
    return UsageError(
        f"no Ray cluster answers at {address}: {lines[0].rstrip('.')}.",
        hint="Start one with `ray start --head`, and join this machine to it.",
    )


def _is_last(group: _Group) -> bool:
    return group.n_lost == MOST_ATTEMPTS - 1


def _failed(group: _Group, error: VprogError) -> Iterator[tuple[str, Result]]:
    for case_id in group.left:
        yield case_id, Result(status=error.status, error=error_info(error))


def _sent(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as all nodes are to have them."""
    plain = {
        name: value
        for name, value in given.items()
        if name not in ("llm", "vlm") or isinstance(value, str)
    }
    settings = load_settings(plain)
    sent = {
        name: getattr(settings, name)
        for name in (*SCALAR_KEYS, *TABLES)
        if name in given or name not in _OF_THE_NODE
    }
    sent["modules"] = settings.wanted_modules()
    if settings.preset in settings.presets:
        sent["preset"] = AUTO
    sent.update((name, Path(sent[name]).absolute()) for name in _FOLDERS if name in sent)
    return {**sent, **{name: given[name] for name in given.keys() - plain.keys()}}
