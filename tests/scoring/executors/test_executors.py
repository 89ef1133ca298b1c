"""Wherever partitions are gathered, the summary is the same to the byte (docs/scoring.md §0)."""

from __future__ import annotations

import os
import pickle

import polars as pl
import pytest

from shared.scoring.exam import analyze, finish
from shared.scoring.executors import gather_partition, gather_partitions
from shared.scoring.executors.base import in_flight
from shared.scoring.executors.local import LocalExecutor
from shared.scoring.executors.process_pool import PoolExecutor
from shared.terms.errors import DomainError
from tests.scoring.executors.cities import PLAN, refuse_seven, schools, square_and_process


@pytest.fixture(scope="module")
def whole():
    return gather_partition(pl.concat(schools()), plan=PLAN)


def test_this_process_gathers_what_one_sheet_would_give(whole):
    assert gather_partitions(LocalExecutor(), schools(), PLAN) == whole


def test_a_pool_gathers_the_same_bytes_in_other_processes(whole):
    gathered = gather_partitions(PoolExecutor(2), iter(schools()), PLAN)
    assert gathered == whole
    assert pickle.dumps(gathered.histograms["total"].counts.count) == pickle.dumps(
        whole.histograms["total"].counts.count
    )


def test_finished_figures_are_those_of_the_analysis():
    gathered = finish(gather_partitions(LocalExecutor(), schools(), PLAN), PLAN)
    analyzed = analyze(schools(), PLAN, lambda *_: None)
    for name, frame in analyzed.frames().items():
        if name != "standings":
            assert gathered.frames()[name].equals(frame), name


def test_a_pool_keeps_the_order_and_works_elsewhere():
    answers = list(PoolExecutor(2).map_partitions(square_and_process, range(9)))
    assert [square for square, _ in answers] == [number**2 for number in range(9)]
    assert os.getpid() not in {process for _, process in answers}


@pytest.mark.parametrize("executor", [LocalExecutor(), PoolExecutor(1)])
def test_a_refused_partition_refuses_all_with_its_own_words(executor):
    with pytest.raises(DomainError) as refused:
        list(executor.map_partitions(refuse_seven, range(100)))
    assert (refused.value.code, refused.value.faults[0].row) == ("scoring.sheet_invalid", 7)


def test_partitions_are_read_only_a_little_ahead():
    started, cancelled = [], []
    answers = in_flight(lambda p: started.append(p) or p, lambda a: -a, range(10), limit=3, cancel=cancelled.append)
    assert next(answers) == 0
    assert started == [0, 1, 2]
    answers.close()
    assert cancelled == [1, 2]
    assert list(in_flight(abs, abs, range(5), limit=3, cancel=abs)) == [0, 1, 2, 3, 4]


def test_many_partitions_are_merged_as_they_come(whole):
    sheets = [sheet[n : n + 1] for sheet in schools() for n in range(sheet.height)]
    assert len(sheets) > 64
    assert gather_partitions(LocalExecutor(), sheets, PLAN) == whole


def test_empty_partitions_are_allowed_but_nothing_at_all_is_not(whole):
    empty = schools()[0].clear()
    assert gather_partitions(LocalExecutor(), [empty, *schools(), empty], PLAN) == whole
    with pytest.raises(DomainError, match=r"scoring\.no_candidates"):
        gather_partitions(LocalExecutor(), [], PLAN)


def test_plans_summaries_and_refusals_travel(whole):
    assert pickle.loads(pickle.dumps(PLAN)) == PLAN  # noqa: S301
    assert pickle.loads(pickle.dumps(whole)) == whole  # noqa: S301
    refusal = pickle.loads(pickle.dumps(DomainError("scoring.no_candidates", params={"a": 1})))  # noqa: S301
    assert (refusal.code, refusal.params) == ("scoring.no_candidates", {"a": 1})
