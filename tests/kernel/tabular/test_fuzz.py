"""Mutated files: every one is read or refused with a problem of the catalogue, within bounds, and nobody is hurt."""

from __future__ import annotations

import random
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from shared.kernel.tabular.read import read_table
from shared.terms.errors import DomainError
from shared.terms.problem_catalogue import catalogue
from tests.kernel.tabular.fuzz_driver import mutated
from tests.kernel.tabular.tables import COLUMNS, HEADER, WRITERS, write_csv

DRIVER = Path(__file__).with_name("fuzz_driver.py")
ROWS = [[f"A{number:04}", f"学生{number}", "present", f"{number % 151}.5"] for number in range(60)]


@pytest.fixture
def originals(tmp_path: Path) -> Path:
    folder = tmp_path / "originals"
    folder.mkdir()
    for suffix, write in WRITERS.items():
        write(folder / f"marks{suffix}", HEADER, ROWS)
    write_csv(folder / "gbk.csv", HEADER, ROWS, encoding="gb18030")
    # Stored instead of deflated, so that wounds reach the XML.
    with zipfile.ZipFile(folder / "marks.xlsx") as old, zipfile.ZipFile(folder / "plain.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return folder


def fuzz(originals: Path, *, seed: int, count: int) -> Counter[str]:
    run = subprocess.run(
        [sys.executable, str(DRIVER), str(originals), str(seed), str(count)], capture_output=True, text=True, check=True
    )
    *lines, own = (line.split() for line in run.stdout.splitlines())
    assert len(lines) == count
    for result, took, peak, name in lines:
        assert result in {"read", "failed", "killed"} or result in catalogue(), (result, name)
        assert float(took) < 8, (result, took, name)
        assert int(peak) < 1_500_000, (result, peak, name)  # KiB
    assert int(own[2]) < 200_000
    return Counter(line[0] for line in lines)


def test_some_hundred_mutated_files(originals: Path) -> None:
    results = fuzz(originals, seed=20261123, count=300)
    assert results["read"] > 20, "mutations must not all be fatal, or nothing is tried"
    assert results["table.unreadable"] + results["failed"] > 20
    assert results["killed"] < 15


@pytest.mark.slow
def test_ten_thousand_mutated_files(originals: Path) -> None:
    results = fuzz(originals, seed=1, count=10_000)
    assert sum(results.values()) == 10_000
    assert results["read"] > 1_000


def test_whole_path_ends_in_a_table_or_a_domain_error(originals: Path, tmp_path: Path) -> None:
    dice = random.Random(7)  # noqa: S311
    path = tmp_path / "upload"
    ended: Counter[str] = Counter()
    for number in range(18):
        original = sorted(originals.iterdir())[number % 6]
        path.write_bytes(mutated(original.read_bytes(), dice))
        try:
            table = read_table(path, media_type_or_name=original.name, columns=COLUMNS, source_id="student_code")
        except DomainError as error:
            ended[error.code] += 1
        else:
            assert set(table.faults.counts_by_code()) <= set(catalogue())
            ended["read"] += 1
    assert set(ended) <= {"read", *catalogue()}
    assert 1 <= ended["read"] < 18
