"""``python -m bench.exam``: one exam of a whole city through the gateway, timed stage by stage."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.exam import correction, steps
from bench.exam.city import city_files
from bench.exam.intake import measure_intake
from bench.exam.platform import platform
from bench.exam.report import ANALYSIS, RESULTS, Verdict, page, verdicts
from bench.exam.scales import SCALES, Scale
from bench.exam.stages import Clock


def main(arguments: Sequence[str]) -> int:
    """Runs what is asked for; 1 when a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.exam", description=__doc__)
    parser.add_argument("--scale", choices=SCALES, default="full")
    parser.add_argument("--topology", choices=("all-in-one", "split"), default="all-in-one")
    parser.add_argument("--files", type=Path, help="where the city's files are kept from run to run")
    parser.add_argument("--var", type=Path, help="the platform's folder; kept")
    parser.add_argument("--results", type=Path, help="where the page goes; bench/exam.md for the full scale")
    chosen = parser.parse_args(arguments)
    scale = SCALES[chosen.scale]
    with tempfile.TemporaryDirectory(prefix="bench-exam-", ignore_cleanup_errors=True) as folder:
        kept = chosen.files / chosen.scale if chosen.files else Path(folder) / "files"
        found, text = run(scale, kept, chosen.var or Path(folder) / "var", topology=chosen.topology)
    target = chosen.results or (RESULTS if chosen.scale == "full" else None)
    if target:
        target.write_text(text, "utf-8")
    for verdict in found:
        print(verdict.line(), flush=True)
    return 0 if all(verdict.met for verdict in found) else 1


def run(scale: Scale, files_dir: Path, var_dir: Path, *, topology: str) -> tuple[list[Verdict], str]:
    """The whole life of the exam and one correction; what came of the promises, and the page."""
    files = city_files(files_dir, scale)
    print(f"{files.counts}", flush=True)
    with platform(var_dir, topology=topology) as (environment, memory):
        clock, cast = Clock(memory), steps.cast_of(environment)
        steps.send_roster(cast, files, clock)
        steps.register(cast, files, clock)
        steps.upload(cast, files, clock)
        steps.check_and_seal(cast, files, clock)
        with clock.stage(ANALYSIS):
            steps.analyze(cast)
        with clock.stage("publish"):
            steps.publish(cast)
        correction.correct(cast, files, clock, var_dir / "store" / "monitoring")
    found = verdicts(clock.stages, memory.peaks, intake=measure_intake(files))
    return found, page(files, clock.stages, memory, found, topology=topology)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
