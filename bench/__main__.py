"""``python -m bench``: runs the table of promises side by side with rivals and writes ``bench/results.md``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import allocation, distribution, evaluation, growth, items, value_added
from bench.agreement import differences
from bench.city import SCALES, Scale, write_cohort, write_growth, write_items, write_marks
from bench.measure import Measurement, answer_path, in_own_process
from bench.report import Row, line, page, write_page
from bench.works import OURS, WORKS

RESULTS = Path(__file__).parent / "results.md"


def main(arguments: Sequence[str]) -> int:
    """Runs what is asked for; 1 when figures differ or ours failed, missed ratios are printed only."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tiny city: shows that everything runs, not how fast")
    parser.add_argument("--scale", choices=SCALES, default="full")
    parser.add_argument("--only", choices=WORKS, action="append", help="only this row; may be given again")
    parser.add_argument("--results", type=Path, help="where the page goes; bench/results.md for the full scale")
    chosen = parser.parse_args(arguments)
    name = "quick" if chosen.quick else chosen.scale
    scale, load = SCALES[name], os.getloadavg()[0]
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        write_marks(Path(folder) / distribution.FILE, scale)
        write_cohort(Path(folder) / value_added.FILE, scale)
        write_growth(Path(folder) / growth.FILE, scale)
        write_items(Path(folder) / items.FILE, scale)
        evaluation.write_values(Path(folder), scale)
        allocation.write_staff(Path(folder) / allocation.FILE, scale)
        for row in run(Path(folder), scale, chosen.only or list(WORKS)):
            print(line(row), flush=True)
            rows.append(row)
    target = chosen.results or (RESULTS if name == "full" and not chosen.only else None)
    if target:
        write_page(target, page(rows, scale, load=load))
    failed = [row for row in rows if row.differs or (row.contender == OURS and row.measurement.seconds is None)]
    return 1 if failed else 0


def run(
    folder: Path, scale: Scale, names: Sequence[str], *, measured: Callable[..., Measurement] = in_own_process
) -> Iterator[Row]:
    """Measures every contender of some works, ours first.

    Args:
        folder: where the data are and the figures go.
        scale: how often to repeat.
        names: names in :data:`bench.works.WORKS`.
        measured: how one contender is measured, from work, contender, folder and ``repeats``.
    """
    for name in names:
        work = WORKS[name]
        ours: Measurement | None = None
        for contender in work.contenders:
            if contender.name == "lme4" and not value_added.lme4_is_here():
                yield Row(name, contender.name, Measurement(None, None, "Rscript with lme4 is not here"), None, None)
                continue
            taken = measured(name, contender.name, folder, repeats=scale.repeats)
            ours = ours or taken
            ratio = taken.seconds / ours.seconds if taken.seconds and ours.seconds else None
            compared = contender.name != OURS and contender.tidy is not None and ratio is not None
            pair = answer_path(folder, name, OURS), answer_path(folder, name, contender.name)
            differs = differences(*pair, tolerance=work.tolerance) if compared else None
            yield Row(name, contender.name, taken, ratio, differs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
