"""Dask: refused in words without the extra or the cluster, and equal where both are there."""

from __future__ import annotations

import importlib.util
import sys
from unittest import mock

import polars as pl
import pytest

from shared.scoring.executors import dask as dask_executor
from shared.scoring.executors import gather_partition, gather_partitions
from shared.scoring.executors.dask import DaskExecutor
from shared.terms.errors import DomainError
from tests.scoring.executors.cities import PLAN, refuse_seven, schools

installed = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="the optional extra dask is not installed"
)


def test_without_the_extra_it_says_so():
    with mock.patch.dict(sys.modules, {"distributed": None}), pytest.raises(DomainError) as refused:
        list(DaskExecutor("127.0.0.1:1").map_partitions(abs, [1]))
    assert (refused.value.code, refused.value.params) == ("scoring.executor_missing", {"extra": "dask"})


def test_importing_the_executors_does_not_import_dask():
    assert "distributed" not in vars(dask_executor)


@pytest.fixture(scope="module")
def scheduler():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, host="127.0.0.1", protocol="tcp", dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address.removeprefix("tcp://")


@installed
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gathers_the_same_bytes(scheduler):
    whole = gather_partition(pl.concat(schools()), plan=PLAN)
    assert gather_partitions(DaskExecutor(scheduler), iter(schools()), PLAN) == whole


@installed
@pytest.mark.filterwarnings("ignore")
def test_a_refusal_comes_back_from_the_cluster(scheduler):
    with pytest.raises(DomainError, match=r"scoring\.sheet_invalid"):
        list(DaskExecutor(scheduler).map_partitions(refuse_seven, range(100)))


@installed
@pytest.mark.filterwarnings("ignore")
def test_without_a_scheduler_it_says_so(monkeypatch):
    monkeypatch.setattr(dask_executor, "CONNECT_SECONDS", 1)
    with pytest.raises(DomainError) as refused:
        list(DaskExecutor("127.0.0.1:9").map_partitions(abs, [1]))
    assert (refused.value.code, refused.value.params) == ("scoring.executor_unreachable", {"address": "127.0.0.1:9"})
