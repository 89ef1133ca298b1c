"""Writes a synthetic city: ``python -m tools.synthetic_city --schools 300 --pupils 60000 --seed 1 --out DIR``."""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

from tools.synthetic_city import CitySettings, build_city
from tools.synthetic_city.city import CHUNK_PUPILS
from tools.synthetic_city.files import FileFormat, write_city


def main(arguments: list[str] | None = None) -> None:
    """Reads the command line, writes the city, says how long it took."""
    asked = _parser().parse_args(arguments)
    grades = tuple(range(1, 13)) if asked.by_grade else (None,)
    started = time.perf_counter()
    try:
        city = build_city(CitySettings(schools=asked.schools, pupils=asked.pupils, seed=asked.seed))
    except ValueError as error:
        raise SystemExit(str(error)) from error
    write_city(
        city, asked.out, file_format=FileFormat(asked.format), chunk_pupils=asked.chunk_pupils, grade_levels=grades
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{asked.schools} schools, {asked.pupils} pupils: {time.perf_counter() - started:.1f} s, {peak:.1f} GiB at most"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.synthetic_city", description="Writes a synthetic city.")
    parser.add_argument("--schools", type=int, default=300, help="schools (30 and more)")
    parser.add_argument("--pupils", type=int, default=60_000, help="pupils (30 and more per school)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--format", choices=[entry.value for entry in FileFormat], default=FileFormat.PARQUET.value)
    parser.add_argument("--by-grade", action="store_true", help="one mark sheet per grade, as the platform's exams are")
    parser.add_argument("--chunk-pupils", type=int, default=CHUNK_PUPILS, help="about how many pupils at a time")
    return parser


if __name__ == "__main__":
    main()
