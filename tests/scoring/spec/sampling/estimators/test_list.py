"""The list of estimators is complete."""

from pathlib import Path

import shared.scoring.sampling.estimators as folder
from shared.scoring.sampling.estimators import ESTIMATORS

NOT_ESTIMATORS = {"__init__", "base"}


def test_every_file_is_in_the_list():
    files = {path.stem for path in Path(folder.__file__).parent.glob("*.py")} - NOT_ESTIMATORS
    missing = files - {maker.__module__.rpartition(".")[2] for maker in ESTIMATORS}
    assert not missing, f"add {missing} to ESTIMATORS in shared/scoring/sampling/estimators/__init__.py"


def test_every_estimator_has_its_specification():
    tests = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert {maker.__module__.rpartition(".")[2] for maker in ESTIMATORS} <= tests
