"""One school's sheet is corrected after publication: how long until the new figures stand, and is the change list exact."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from bench.exam import steps
from bench.exam.city import PRESENT, Files, Sheet
from bench.exam.report import CORRECTION
from bench.exam.stages import Clock
from bench.exam.steps import Cast
from services.monitoring.results.catalog import TABLES, Audience

CORRECTED = 3
"""Candidates whose marks were wrong."""


def correct(cast: Cast, files: Files, clock: Clock, store: Path) -> None:
    """Reopens for one school, sends its corrected sheets, and publishes anew.

    Raises:
        AssertionError: the change list is not the difference of the two versions.
    """
    before = cast.admin.read(f"{cast.exam}/results")["manifest"]
    sheet, items = _chosen(files)
    marks_file, items_file = _corrected(sheet, items, files)
    reason = {"reason": "更正一校成绩 correcting one school", "schools": [sheet.school_code], "days": 1}
    with clock.stage("correction: reopen for one school"):
        cast.admin.request("POST", f"{cast.exam}:reopen", json=reason)
    with clock.stage(CORRECTION, rows=sheet.rows) as stage:
        parts = _timed(
            ("upload", lambda: (steps.send(cast, sheet, marks_file), steps.send(cast, items, items_file))),
            ("confirm", lambda: steps.confirm(cast, [sheet.school_code])),
            ("seal", lambda: cast.admin.request("POST", f"{cast.exam}:seal", json={"accept_reason": None})),
            ("analyze", lambda: steps.analyze(cast)),
            ("publish", lambda: steps.publish(cast)),
        )
        stage.note = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in parts.items())
    after = cast.admin.read(f"{cast.exam}/results")["manifest"]
    with clock.stage("check of the change list") as stage:
        figures = _require_exact(store, before, after)
        stage.note = f"{figures:,} figures changed, list exact"


def _timed(*parts: tuple[str, Any]) -> dict[str, float]:
    taken = {}
    for name, work in parts:
        began = time.perf_counter()
        work()
        taken[name] = time.perf_counter() - began
    return taken


def _chosen(files: Files) -> tuple[Sheet, Sheet]:
    """A school of middle size that sends CSV, and its items of the first subject."""
    marks = sorted((sheet for sheet in files.of("marks") if sheet.format == "csv"), key=lambda sheet: sheet.rows)
    sheet = marks[len(marks) // 2]
    subject = next(iter(files.papers))
    return sheet, next(i for i in files.of("items") if (i.subject, i.school_code) == (subject, sheet.school_code))


def _corrected(sheet: Sheet, items: Sheet, files: Files) -> tuple[bytes, bytes]:
    """Both files with one item marked anew for a few candidates."""
    subject = str(items.subject)
    item = next(entry for entry in files.papers[subject]["items"] if entry["kind"] == "constructed")
    code, full = item["code"], int(item["full_mark"])
    text = {"candidate_id": pl.String, "class_code": pl.String, "school_code": pl.String, "student_id": pl.String}
    text |= {"urban_rural": pl.String, "school_type": pl.String}
    marks = pl.read_csv(sheet.path, schema_overrides=text)
    rows = pl.read_csv(items.path, schema_overrides={name: text[name] for name in ("candidate_id", "class_code")})
    wrong = rows.filter(pl.col("status") == PRESENT).head(CORRECTED)["candidate_id"]
    hit = pl.col("candidate_id").is_in(wrong.implode())
    step = pl.when(pl.col(code) < full).then(1).otherwise(-1)
    change = rows.filter(hit).select("candidate_id", step.alias("change"))
    rows = rows.with_columns(pl.when(hit).then(pl.col(code) + step).otherwise(pl.col(code)).alias(code))
    marks = marks.join(change, on="candidate_id", how="left", maintain_order="left")
    marks = marks.with_columns(pl.col(subject) + pl.col("change").fill_null(0)).drop("change")
    return _csv(marks), _csv(rows)


def _csv(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_csv(buffer)
    return buffer.getvalue()


def _require_exact(store: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    """Holds the published change list against the two versions, compared here in another way; figures changed."""
    total = 0
    for name in sorted({*before["frames"], *after["frames"]}):
        if TABLES[name].audience is Audience.OWN_CANDIDATES:
            continue
        expected = _difference(store, before["frames"].get(name), after["frames"].get(name), list(TABLES[name].keys))
        listed = (after["changes"] or {}).get(name)
        found = _listed(store, listed, list(TABLES[name].keys)) if listed else set()
        if expected != found:
            raise AssertionError(f"{name}: {len(expected ^ found)} figures are not as listed")
        total += len(expected)
    return total


def _difference(store: Path, before: Any, after: Any, keys: list[str]) -> set[tuple[Any, ...]]:
    """Key and column of every figure that differs, found row by row as text."""
    old, new = (_by_key(store, frame, keys) for frame in (before, after))
    found = set()
    for key in old.keys() | new.keys():
        one, other = old.get(key, {}), new.get(key, {})
        found |= {(*key, column) for column in one.keys() | other.keys() if one.get(column) != other.get(column)}
    return found


def _by_key(store: Path, frame: Any, keys: list[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    if frame is None:
        return {}
    rows = pl.concat([_read(store, part["sha256"]) for part in frame["parts"]])
    return {tuple(row.pop(key) for key in keys): row for row in rows.iter_rows(named=True)}


def _listed(store: Path, listed: Mapping[str, Any], keys: list[str]) -> set[tuple[Any, ...]]:
    rows = _read(store, listed["sha256"]).explode("columns")
    return set(rows.select(*keys, "columns").iter_rows())


def _read(store: Path, sha256: str) -> pl.DataFrame:
    return pl.read_parquet(store / sha256[:2] / f"{sha256}.parquet")
