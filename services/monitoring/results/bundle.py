"""The recompute bundle: frozen inputs, manifest and a command that computes every figure anew. Blocks: call it in a thread.

An office's bundle holds every sheet, but nobody's number: candidates are numbered through in the order of their numbers,
which no figure follows from. A school's holds its own sheet and its own figures. Files are written one by one to a temporary
file, never held together.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from services.monitoring.results.catalog import TABLES, Audience
from services.monitoring.results.frames import ResultFrames
from services.monitoring.results.reading import Export, Question, read_rows
from shared.kernel.store.columnar import ROW_GROUP_ROWS, ColumnarStore

CANDIDATE, STUDENT = "candidate_id", "student_key"
MANIFEST, INPUTS, FROZEN, PURPOSE = "manifest.json", "inputs.json", "inputs_frozen.json", "bundle.json"
WHOLE, SCHOOL = "whole", "school"
#: One moment for every file, so that the same bundle is the same bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_README = Path(__file__).with_name("bundle_readme.md")
_SAMPLE_FILES = ("sizes_sha256", "schools_sha256", "roster_sha256", "draw_sha256", "pupils_sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleOf:
    """What a bundle is made of.

    Args:
        manifest: the version's manifest.
        inputs: the frozen inputs of its analysis; a school's hold nothing but its own sheet.
        questions: the tables that go along as their reader sees them; none in an office's bundle.
    """

    manifest: Mapping[str, Any]
    inputs: Mapping[str, Any]
    questions: Sequence[Question] = ()

    @property
    def kind(self) -> str:
        """``whole`` or ``school``."""
        return SCHOOL if self.questions else WHOLE


def write_bundle(store: ColumnarStore, frames: ResultFrames, of: BundleOf) -> Export:
    """Writes a bundle; its rows are those of the marks in it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the one who sends it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        inputs, rows = _write_inputs(archive, store, of)
        for question in of.questions:
            shown, _ = read_rows(frames, question)
            _put(archive, f"frames/{question.table}.parquet", _parquet(shown))
        _put_json(archive, MANIFEST, of.manifest)
        _put_json(archive, INPUTS, inputs)
        if of.kind == WHOLE:
            _put_json(archive, FROZEN, of.inputs)
        _put_json(archive, PURPOSE, {"kind": of.kind, "compared": sorted(compared(of))})
        _put(archive, "README.md", _README.read_bytes())
    size = file.tell()
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return Export(file, size, digest, rows)


def compared(of: BundleOf) -> Iterator[str]:
    """Tables whose figures are recomputed and compared.

    Candidates' tables hold their numbers, which an office's bundle does not; figures of a school that are relative to others
    do not follow from its own sheet.
    """
    if of.kind == SCHOOL:
        yield from (name for name in ("bands", "cumulative", "summary") if name in of.manifest["frames"])
        return
    for name, file in of.manifest["frames"].items():
        names_candidates = any(CANDIDATE in column for column in file["columns"])
        if TABLES[name].audience is not Audience.OWN_CANDIDATES and not names_candidates:
            yield name


def _write_inputs(archive: zipfile.ZipFile, store: ColumnarStore, of: BundleOf) -> tuple[dict[str, Any], int]:
    """Writes every file that the inputs name; the inputs again, with the names of what was written."""
    inputs: dict[str, Any] = json.loads(json.dumps(of.inputs))
    # Pseudonyms of pupils are needed where marks of two exams, or a draw and its marks, belong together.
    keep_students = "earlier" in inputs or "sample" in inputs
    written: set[str] = set()
    rows = 0
    for sheets in _exams(inputs):
        numbers = None if of.kind == SCHOOL else _numbers(store, sheets)
        for sheet in sheets:
            frame = _anonymous(store.get(sheet["sha256"]), numbers, keep_students=keep_students)
            content = _parquet(frame)
            sheet["sha256"] = hashlib.sha256(content).hexdigest()
            rows += frame.height
            if sheet["sha256"] not in written:
                written.add(sheet["sha256"])
                _put(archive, f"files/{sheet['sha256']}.parquet", content)
    if "sample" in inputs:
        names = [inputs["sample"][name] for name in _SAMPLE_FILES if inputs["sample"].get(name)]
        for sha256 in dict.fromkeys([*names, inputs["roster_sha256"]]):
            archive.writestr(_entry(f"files/{sha256}.parquet"), store.path(sha256).read_bytes())
    return inputs, rows


def _exams(inputs: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The sheets of each exam in the inputs: candidates' numbers are one exam's."""
    papers = [sheet for paper in inputs.get("papers", ()) for sheet in paper["sheets"]]
    yield [*inputs["sheets"], *papers]
    if "earlier" in inputs:
        yield from _exams(inputs["earlier"])


def _numbers(store: ColumnarStore, sheets: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """A number for every candidate, in the order of the candidates' own, so that whatever is sorted by them stays sorted."""
    columns = [store.get(sheet["sha256"], [CANDIDATE]) for sheet in sheets]
    own = pl.concat(columns).unique().sort(CANDIDATE) if columns else pl.DataFrame(schema={CANDIDATE: pl.String})
    width = len(str(own.height))
    number = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(width)
    return own.with_columns(number.alias("__number"))


def _anonymous(frame: pl.DataFrame, numbers: pl.DataFrame | None, *, keep_students: bool) -> pl.DataFrame:
    columns = frame.columns
    if numbers is not None:
        joined = frame.join(numbers, on=CANDIDATE, how="left", maintain_order="left")
        frame = joined.with_columns(pl.col("__number").alias(CANDIDATE)).select(columns)
    if STUDENT in columns and not keep_students:
        frame = frame.with_columns(pl.lit(None, pl.String).alias(STUDENT))
    return frame


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", row_group_size=ROW_GROUP_ROWS)
    return buffer.getvalue()


def _put_json(archive: zipfile.ZipFile, name: str, content: Mapping[str, Any]) -> None:
    _put(archive, name, json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode())


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(_entry(name), content)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _MOMENT)
    entry.external_attr = 0o644 << 16
    return entry
