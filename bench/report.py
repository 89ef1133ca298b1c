"""The results as a page, and as lines on the screen."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.city import Scale
from bench.measure import Measurement
from bench.works import OURS, WORKS

_PACKAGES = ("polars", "numpy", "scipy", "duckdb", "pandas", "pyarrow")
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """One contender of one piece of work, beside ours.

    Args:
        work: name in :data:`bench.works.WORKS`.
        contender: name.
        measurement: seconds and memory.
        ratio: its time over ours (how many times as fast we are).
        differs: what does not agree with our figures; ``None`` where nothing was compared.
    """

    work: str
    contender: str
    measurement: Measurement
    ratio: float | None
    differs: Sequence[str] | None


def line(row: Row) -> str:
    """One row for the screen."""
    taken = row.measurement
    if taken.seconds is None:
        return f"{row.work:<13} {row.contender:<18} {taken.note}"
    ratio = "" if row.ratio is None else f"x{_ratio(row.ratio)}"
    memory = (taken.peak_bytes or 0) / _MIB
    return f"{row.work:<13} {row.contender:<18} {taken.seconds:9.3f} s {ratio:>8} {memory:8.0f} MiB  {_agreement(row)}"


def page(rows: Sequence[Row], scale: Scale, *, load: float) -> str:
    """The results as Markdown.

    Args:
        rows: in the order measured.
        scale: how much was measured.
        load: the machine's load average before the run.
    """
    parts = ["# Benchmarks", "", *_circumstances(scale, load), ""]
    for name, work in WORKS.items():
        mine = [row for row in rows if row.work == name]
        if mine:
            parts += [f"## {work.title}", "", *_table(mine, work.goals), "", _memory(mine[0], scale), ""]
    return "\n".join(parts)


def _circumstances(scale: Scale, load: float) -> list[str]:
    versions = ", ".join(_version(name) for name in _PACKAGES)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return [
        "Written by `make bench`. Ratio: the rival's time over ours. Every contender ran in a process of its own, "
        f"best of {scale.repeats}; memory is the highest resident size of the first run minus that before it.",
        "",
        f"- {scale.candidates:,} candidates, {scale.schools:,} schools; cohort of {scale.cohort:,} in "
        f"{scale.cohort_schools:,} schools.",
        f"- {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; load average before the run {load:.2f}.",
        f"- {versions}.",
        "- Ours also gives standard errors, intervals, rates on both bases, composite index and suppression flags (§2), "
        "and normalized T (§3), which no rival computes; the figures compared are those all have.",
        "- In §3 each contender makes one subject at a time and keeps a sample; DuckDB hands its rows over as Arrow.",
        "- In §7 the rivals make P, r, D, α, the options and the plain attainment of items; ours all of §7. Reading is "
        "polars into memory from the page cache, where ours starts too; the result alone has as many rows as candidates.",
        "- The linear program of §8.5 (HiGHS, dual form) grows with the square of the candidates: it is given a sample, of "
        "which both find the least loss.",
        "- lme4 is timed by its own clock, without the start of R and without reading the file.",
        "- In §11 all contenders work in whole numbers and must agree to the fen; ours also gives λ, bounds, ties and "
        "refusals.",
    ]


def _version(name: str) -> str:
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return f"no {name}"


def _table(rows: Sequence[Row], goals: Mapping[str, float]) -> list[str]:
    lines = ["| contender | seconds | ratio | goal | memory | figures |", "| --- | ---: | ---: | ---: | ---: | --- |"]
    for row in rows:
        taken = row.measurement
        if taken.seconds is None:
            lines.append(f"| {row.contender} | – | – | {_goal(row, goals)} | – | {taken.note} |")
            continue
        ratio = "1" if row.contender == OURS or row.ratio is None else _ratio(row.ratio)
        memory = f"{(taken.peak_bytes or 0) / _MIB:.0f} MiB"
        lines.append(
            f"| {row.contender} | {taken.seconds:.3f} | {ratio} | {_goal(row, goals)} | {memory} | {_agreement(row)} |"
        )
    return lines


def _ratio(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


def _goal(row: Row, goals: Mapping[str, float]) -> str:
    goal = goals.get(row.contender)
    if goal is None:
        return ""
    if row.ratio is None:
        return f"≥ {goal:.3g}"
    return f"≥ {goal:.3g} {'met' if row.ratio >= goal else 'missed'}"


def _memory(ours: Row, scale: Scale) -> str:
    needed = WORKS[ours.work].column_bytes(scale)
    peak = ours.measurement.peak_bytes or 0
    verdict = "met" if peak <= 3 * needed else "missed"
    return (
        f"Memory of this project: {peak / _MIB:.0f} MiB, {peak / needed:.1f} times the columns read and made "
        f"({needed / _MIB:.0f} MiB); goal ≤ 3: {verdict}."
    )


def _agreement(row: Row) -> str:
    if row.differs is None:
        return ""
    return "equal" if not row.differs else "DIFFERENT: " + ", ".join(row.differs)[:120]


def write_page(path: Path, text: str) -> None:
    """Writes the page."""
    path.write_text(text, encoding="utf-8")
