"""A real Ray cluster on this machine for tests and benchmarks: several raylets, loopback only."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

_QUIET = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # Ray's switch for one machine: 127.0.0.1 stays that
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_enable_metrics_collection": "0",
    "RAY_health_check_period_ms": "500",
    "RAY_health_check_timeout_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
}


@contextmanager
def ray_cluster(env: Mapping[str, str]) -> Iterator[Any]:
    """A cluster with a head that takes no work; `add_node(num_cpus=2)` of it adds nodes.

    Args:
        env: what its processes find in their environment besides this one's.
    """
    before = dict(os.environ)
    os.environ.update({**_QUIET, **env})
    from ray.cluster_utils import Cluster

    cluster = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": 0,
            "node_ip_address": "127.0.0.1",
            "include_dashboard": False,
            "object_store_memory": 100_000_000,
        },
    )
    try:
        yield cluster
    finally:
        cluster.shutdown()
        os.environ.clear()
        os.environ.update(before)
