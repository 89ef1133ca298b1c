"""``python -m services.monitoring.results.recompute bundle.zip``: computes every figure of a bundle anew and compares."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from services.monitoring.analyses.computation import compute
from services.monitoring.analyses.rules import canonical_sha256, software
from services.monitoring.results.bundle import FROZEN, INPUTS, MANIFEST, PURPOSE, WHOLE
from services.monitoring.results.table_files import TableFiles
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.disclosure import SUPPRESSION_COLUMNS
from shared.terms.organization import OrgLevel

_FILE = re.compile(r"files/([0-9a-f]{64})\.parquet")
_OWN_LEVELS = (OrgLevel.SCHOOL.value, OrgLevel.CLASS.value)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a table computed anew is the published one."""

    table: str
    agrees: bool
    detail: str


class _Silent:
    def report(self, done: int, total: int, step: str) -> None:
        """Takes no note: the command prints verdicts only."""


def recompute(path: Path) -> Iterator[Verdict]:
    """Computes a bundle's tables anew, one verdict each.

    Args:
        path: the bundle.

    Raises:
        ValueError: a file in it is not what its name says.
    """
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory(prefix="recompute-") as folder:
        manifest, inputs, purpose = (json.loads(archive.read(name)) for name in (MANIFEST, INPUTS, PURPOSE))
        if purpose["kind"] == WHOLE:
            frozen = canonical_sha256(json.loads(archive.read(FROZEN)))
            yield Verdict("inputs", frozen == manifest["inputs_sha256"], f"sha256 {frozen[:12]}")
        store = ColumnarStore(folder)
        _unpack(archive, Path(folder))
        frames = compute(store, inputs, _Silent()).frames
        for name in purpose["compared"]:
            if purpose["kind"] == WHOLE:
                yield _same_bytes(name, manifest["frames"][name], frames.get(name))
            else:
                published = pl.read_parquet(io.BytesIO(archive.read(f"frames/{name}.parquet")))
                yield _same_rows(name, published, TableFiles.of(frames[name]).get(store))


def main(arguments: Sequence[str]) -> int:
    """Prints what agrees; 1 when something does not."""
    parser = argparse.ArgumentParser(prog="python -m services.monitoring.results.recompute", description=__doc__)
    parser.add_argument("bundle", type=Path)
    path = parser.parse_args(arguments).bundle
    with zipfile.ZipFile(path) as archive:
        published = json.loads(archive.read(MANIFEST))["software"] or {}
    for name, version in software().items():
        if published.get(name) != version:
            _print(f"注意 note: {name} {version}, 发布时 published with {published.get(name)}")
    agrees = True
    for verdict in recompute(path):
        agrees &= verdict.agrees
        _print(f"{'一致 agrees ' if verdict.agrees else '不一致 DIFFERS'} {verdict.table}  {verdict.detail}")
    _print("全部一致 everything agrees" if agrees else "存在差异 there are differences")
    return 0 if agrees else 1


def _unpack(archive: zipfile.ZipFile, folder: Path) -> None:
    """Puts the files where the store looks for them; nothing else of the archive touches the disk."""
    for name in archive.namelist():
        match = _FILE.fullmatch(name)
        if match is None:
            continue
        content, sha256 = archive.read(name), match[1]
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError(f"{name} is damaged")
        target = folder / sha256[:2] / f"{sha256}.parquet"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)


def _same_bytes(name: str, published: Mapping[str, Any], computed: Mapping[str, Any] | None) -> Verdict:
    sha256 = computed["sha256"] if computed else "-"
    return Verdict(name, sha256 == published["sha256"], f"{published['rows']} rows, sha256 {sha256[:12]}")


def _same_rows(name: str, published: pl.DataFrame, computed: pl.DataFrame) -> Verdict:
    """Rows of the school and its classes; what was withheld is a matter of all schools."""
    columns = [column for column in published.columns if column not in SUPPRESSION_COLUMNS]
    own = pl.col("level").is_in(_OWN_LEVELS)
    ours, theirs = (frame.filter(own).select(columns) for frame in (published, computed))
    return Verdict(name, ours.equals(theirs), f"{ours.height} rows of the own school")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
