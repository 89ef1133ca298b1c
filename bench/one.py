"""``python -m bench.one WORK CONTENDER FOLDER REPEATS``: one contender, measured, as one line of JSON."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.measure import answer_path, as_line, measure
from bench.works import WORKS


def main(work: str, contender: str, folder: str, repeats: str) -> None:
    """Measures one contender of one piece of work."""
    chosen = next(one for one in WORKS[work].contenders if one.name == contender)
    answer = answer_path(Path(folder), work, contender)
    print(as_line(measure(chosen, Path(folder), repeats=int(repeats), answer=answer)))


if __name__ == "__main__":
    main(*sys.argv[1:])
