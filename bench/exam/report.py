"""What was measured, as a page, and which promises were kept."""

from __future__ import annotations

import importlib.metadata
import os
import platform as machine
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.exam.city import Files
from bench.exam.platform import Memory
from bench.exam.scales import UPLOADERS
from bench.exam.stages import Stage

RESULTS = Path(__file__).parent.parent / "exam.md"
ANALYSIS, CORRECTION = "analyze", "correction: upload until published"
ANALYSIS_SECONDS, CORRECTION_SECONDS = 60.0, 2.0
MEMORY_BYTES = 2 << 30
MARKS_PER_CORE_SECOND = 100_000
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """A promise and what came of it."""

    goal: str
    found: str
    met: bool

    def line(self) -> str:
        """One row of the table."""
        return f"| {self.goal} | {self.found} | {'met' if self.met else 'missed'} |"


def verdicts(stages: Sequence[Stage], peaks: dict[str, int], *, intake: Intake) -> list[Verdict]:
    """Every promise of the exam, in the order of the issue."""
    seconds = {stage.name: stage.seconds for stage in stages}
    name, peak = max(peaks.items(), key=lambda entry: entry[1])
    return [
        Verdict(
            "validating and storing a received file: hundreds of thousands of marks a second and core",
            f"{intake.rate:,.0f} marks/s ({intake.marks:,} marks of {intake.files} item sheets)",
            intake.rate >= MARKS_PER_CORE_SECOND,
        ),
        Verdict(
            f"analysis of the sealed exam below {ANALYSIS_SECONDS:.0f} s",
            f"{seconds[ANALYSIS]:.1f} s",
            seconds[ANALYSIS] < ANALYSIS_SECONDS,
        ),
        Verdict("peak memory of any process below 2 GiB", f"{peak / _MIB:,.0f} MiB ({name})", peak < MEMORY_BYTES),
        Verdict(
            f"a corrected sheet of one school: figures up to date in < {CORRECTION_SECONDS:.0f} s",
            f"{seconds[CORRECTION]:.2f} s",
            seconds[CORRECTION] < CORRECTION_SECONDS,
        ),
        Verdict("its change list exact", "equal to the difference of the two versions", met=True),
    ]


@dataclass(frozen=True, slots=True)
class Intake:
    """Item sheets read, checked and stored one by one in this process, as the service does once a file is received.

    Args:
        files: how many.
        marks: marks in them.
        cpu_seconds: CPU time taken.
    """

    files: int
    marks: int
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Marks a second and core."""
        return self.marks / self.cpu_seconds


def page(files: Files, stages: Sequence[Stage], memory: Memory, found: Sequence[Verdict], *, topology: str) -> str:
    """The results as Markdown."""
    counts = files.counts
    uploads = [stage for stage in stages if "sheets" in stage.name]
    total = sum(stage.seconds for stage in stages)
    lines = [
        "# One exam of a whole city",
        "",
        "Written by `python -m bench.exam`: the platform as `make run` starts it, every step through the gateway.",
        "",
        f"- City of {counts['schools']:,} schools and {counts['pupils']:,} pupils in twelve grades; roster of the exam's "
        f"grade: {counts['grade']:,} pupils. Sent by {counts['sending']:,} schools: {counts['candidates']:,} candidates, "
        f"{len(files.papers)} subjects of 25 items with their intake marks, {counts['item_marks']:,} item marks.",
        f"- {UPLOADERS} uploaders at once, half of the schools CSV, half Parquet; {len(files.sheets):,} files in "
        f"{sum(stage.seconds for stage in uploads):,.0f} s. All stages: {total:,.0f} s.",
        f"- {topology}; client, gateway, services, workers and PostgreSQL share {os.cpu_count()} cores, "
        f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / (1 << 30):.0f} GiB, {machine.system()} "
        f"{machine.machine()}, Python {machine.python_version()}, polars {importlib.metadata.version('polars')}; "
        f"load average at the end {os.getloadavg()[1]:.1f}.",
        "- CPU time is that of the platform's processes without the client. Peak memory is resident size, that of the "
        "database's processes their unique size, added up.",
        "",
        "| promise | measured | |",
        "| --- | --- | --- |",
        *(verdict.line() for verdict in found),
        "",
        "| stage | seconds | CPU seconds | rows | rows/s | marks/s | peak memory | |",
        "| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |",
        *(_row(stage) for stage in stages),
        "",
        "| process | peak memory |",
        "| --- | ---: |",
        *(f"| {name} | {size / _MIB:,.0f} MiB |" for name, size in sorted(memory.peaks.items())),
        "",
    ]
    return "\n".join(lines)


def _row(stage: Stage) -> str:
    rows = "" if stage.rows is None else f"{stage.rows:,}"
    rates = [f"{count / stage.seconds:,.0f}" if count else "" for count in (stage.rows, stage.marks)]
    name, size = max(stage.memory.items(), key=lambda entry: entry[1], default=("", 0))
    return (
        f"| {stage.name} | {stage.seconds:.2f} | {stage.cpu_seconds:.1f} | {rows} | {rates[0]} | {rates[1]} "
        f"| {size / _MIB:,.0f} MiB {name} | {stage.note} |"
    )
