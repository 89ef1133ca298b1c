"""NDJSON: one flat object per line. Row numbers are line numbers; numbers keep the text they were written with."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import polars as pl

from shared.kernel.tabular.columns import TableLimits
from shared.kernel.tabular.readers.raw import Findings, RawTable, text_frame
from shared.terms.errors import DomainError, Fault

BATCH_ROWS = 50_000
FLAT = {str, bool, type(None)}


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


# Numbers stay text (exact), and pairs stay pairs so that a repeated key can be seen.
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refuse_constant, object_pairs_hook=tuple)


def read_ndjson(path: Path, limits: TableLimits) -> RawTable:
    """Read an NDJSON file as text.

    Raises:
        DomainError: ``table.empty``, ``table.undecodable``, ``table.too_many_rows``, ``table.too_many_columns``,
            ``table.line_too_long``.
    """
    findings = Findings()
    seen: dict[str, int] = {}
    rows = _rows(path, findings, limits=limits)
    frames: list[pl.DataFrame] = []
    total = 0
    while batch := list(islice(rows, BATCH_ROWS)):
        total += len(batch)
        if total > limits.rows:
            raise DomainError("table.too_many_rows", params={"limit": limits.rows})
        _notice_keys(batch, seen, limits=limits)
        numbers = [number for number, _ in batch]
        frames.append(text_frame(numbers, [[record.get(key) for _, record in batch] for key in seen]))
    if not seen and not findings.entries:
        raise DomainError("table.empty")
    frame = pl.concat(frames, how="diagonal") if frames else text_frame([], [[] for _ in seen])
    return RawTable(frame, list(seen), list(seen.values()), findings.frame(), encoding="utf-8")


def _notice_keys(batch: list[tuple[int, dict[str, str | None]]], seen: dict[str, int], *, limits: TableLimits) -> None:
    """Add keys not met before to ``seen``, with the line they first stand on."""
    for number, record in batch:
        if not record.keys() <= seen.keys():
            seen.update((key, number) for key in record if key not in seen)
            if len(seen) > limits.columns:
                raise DomainError("table.too_many_columns", params={"found": len(seen), "limit": limits.columns})


def _rows(path: Path, findings: Findings, *, limits: TableLimits) -> Iterator[tuple[int, dict[str, str | None]]]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(limits.line_bytes + 1):
            number += 1
            if len(line) > limits.line_bytes:
                raise DomainError("table.line_too_long", params={"line": number, "limit": limits.line_bytes})
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if not line.strip():
                continue
            record = _record(_text(line, number), number, findings)
            if record is not None:
                yield number, record


def _text(line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise DomainError(
            "table.undecodable",
            params={"encoding": "UTF-8", "line": number},
            faults=[Fault("row.encoding", row=number)],
        ) from None


def _record(text: str, number: int, findings: Findings) -> dict[str, str | None] | None:
    """The flat record on one line, or ``None`` after noting why there is none."""
    try:
        pairs = _DECODER.decode(text)
    except (ValueError, RecursionError):
        findings.add(number, None, "row.malformed_json")
        return None
    if not isinstance(pairs, tuple) or not text.startswith("{"):
        findings.add(number, None, "row.not_an_object")
        return None
    record = dict(pairs)
    if len(record) != len(pairs):
        findings.add(number, None, "row.duplicate_key")
        return None
    if not set(map(type, record.values())) <= FLAT:
        findings.add(number, None, "row.nested_value")
        return None
    flat = {key: _flat(value) for key, value in record.items()}
    if not _encodable(flat):
        findings.add(number, None, "row.bad_character")
        return None
    return flat


def _flat(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _encodable(record: dict[str, str | None]) -> bool:
    """Whether no half of a surrogate pair stands alone, which JSON can spell and UTF-8 cannot."""
    try:
        "".join([*record, *(value for value in record.values() if value is not None)]).encode()
    except UnicodeEncodeError:
        return False
    return True
