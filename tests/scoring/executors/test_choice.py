"""The setting SCORING_EXECUTOR (docs/scoring.md §0)."""

import pytest

from shared.scoring.executors import ExecutorChoice, ExecutorKind, open_executor, parse_executor
from shared.scoring.executors.dask import DaskExecutor
from shared.scoring.executors.local import LocalExecutor
from shared.scoring.executors.process_pool import PoolExecutor
from shared.terms.errors import DomainError

LOCAL = ExecutorChoice(ExecutorKind.LOCAL)


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("local", LOCAL),
        ("", LOCAL),
        (" local ", LOCAL),
        ("process:1", ExecutorChoice(ExecutorKind.PROCESS, workers=1)),
        ("process:256", ExecutorChoice(ExecutorKind.PROCESS, workers=256)),
        ("dask://scheduler:8786", ExecutorChoice(ExecutorKind.DASK, address="scheduler:8786")),
        ("dask://10.0.0.7:65535", ExecutorChoice(ExecutorKind.DASK, address="10.0.0.7:65535")),
        ("dask://[fe80::1]:8786", ExecutorChoice(ExecutorKind.DASK, address="[fe80::1]:8786")),
    ],
)
def test_the_words_of_the_setting(text, choice):
    assert parse_executor(text) == choice


@pytest.mark.parametrize(
    "text",
    [
        "Local", "process", "process:", "process:0", "process:-1", "process:2.5", "process:257", "process:٣",
        "dask://", "dask://host", "dask://host:0", "dask://host:65536", "dask://a b:1", "dask://host:1/x",
        "tcp://host:8786", "local;process:2",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text):
    with pytest.raises(DomainError) as refused:
        parse_executor(text)
    assert (refused.value.code, refused.value.params) == ("scoring.executor_unknown", {"value": text})


@pytest.mark.parametrize(
    ("text", "executor"),
    [("local", LocalExecutor()), ("process:3", PoolExecutor(3)), ("dask://host:8786", DaskExecutor("host:8786"))],
)
def test_every_choice_opens_its_executor(text, executor):
    assert open_executor(parse_executor(text)) == executor
