"""Follows the draw of an audit sample without the program that made it: from a school's frame and the seed that was told.

``python tools/check_archive_sample.py FRAME SEED COMMITMENT TERM FLAGGED_RATE OTHER_RATE LEAST`` reads the downloaded
frame (one JSON object per record and line), compares SHA-256 over ``term:seed`` with what was published before the frame
was closed, and prints the fingerprint and the records drawn. It needs Python alone, shares no code with the platform and
follows docs/decisions/0020.
"""

import hashlib
import json
import math
import sys
from fractions import Fraction
from pathlib import Path


def sha256(text: str) -> str:
    """Hexadecimal, of UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def drawn(frame: bytes, seed: str, rates: dict[bool, Fraction], least: int) -> list[str]:
    """Records drawn: of every class, flagged and others apart, the first in the order of their hash."""
    fingerprint = hashlib.sha256(frame).hexdigest()
    strata: dict[tuple[str, bool], list[str]] = {}
    for line in frame.decode().splitlines():
        record = json.loads(line)
        strata.setdefault((record["class_code"], record["is_flagged"]), []).append(record["record"])
    chosen: list[str] = []
    for (_, is_flagged), records in strata.items():
        number = max(least, math.ceil(rates[is_flagged] * len(records)))
        chosen += sorted(records, key=lambda record: sha256(f"{seed}:{fingerprint}:{record}"))[:number]
    return sorted(chosen)


def main(arguments: list[str]) -> int:
    """0 when the seed is the one that was committed to."""
    file, seed, commitment, term, flagged, other, least = arguments
    if sha256(f"{term}:{seed}") != commitment:
        sys.stdout.write("not the seed that was committed to\n")
        return 1
    frame = Path(file).read_bytes()
    rates = {True: Fraction(flagged), False: Fraction(other)}
    lines = [hashlib.sha256(frame).hexdigest(), *drawn(frame, seed, rates, int(least))]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
