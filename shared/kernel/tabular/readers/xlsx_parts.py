"""The XML parts of a workbook: a guarded parse, and which part holds the worksheet asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Never
from xml.parsers import expat

from shared.terms.errors import DomainError

RUN_LIMIT = 64 * 2**10
"""Longest stretch of bytes without a tag; a spreadsheet cell holds at most 32,767 characters."""

CHUNK_BYTES = 2**20
WORKBOOK = "xl/workbook.xml"
RELATIONSHIPS = "xl/_rels/workbook.xml.rels"
HIDDEN = {"hidden", "veryHidden"}

StartHandler = Callable[[str, list[str]], None]


def guarded_parser(start: StartHandler | None = None) -> expat.XMLParserType:
    """An XML parser that refuses a DOCTYPE, CDATA and any encoding but UTF-8; attributes arrive as a flat list."""
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartCdataSectionHandler = _refuse
    parser.XmlDeclHandler = _check_declaration
    parser.StartElementHandler = start
    return parser


def _refuse(*_: object) -> Never:
    raise DomainError("table.unsafe_content")


def _check_declaration(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.upper() not in ("UTF-8", "UTF8", "US-ASCII"):
        raise DomainError("table.unsafe_content")


def scan_part(content: bytes, parser: expat.XMLParserType) -> None:
    """Run ``parser`` over a part once, in linear time, refusing runs over ``RUN_LIMIT``.

    Raises:
        DomainError: ``table.unsafe_content`` or ``table.unreadable`` (not well-formed).
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DomainError("table.unsafe_content")
    _check_runs(content)
    view = memoryview(content)
    try:
        for offset in range(0, len(content), CHUNK_BYTES):
            parser.Parse(view[offset : offset + CHUNK_BYTES])
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise DomainError("table.unreadable", params={"format": "XLSX"}) from None


def _check_runs(content: bytes) -> None:
    # Looking back from the end of each window touches every byte at most once.
    position = 0
    while len(content) - position > RUN_LIMIT:
        found = content.rfind(b"<", position, position + RUN_LIMIT)
        if found < 0:
            raise DomainError("table.unsafe_content")
        position = found + 1


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A visible worksheet: its name and the part that holds it."""

    name: str
    part: str


def find_worksheet(workbook: bytes, relationships: bytes, *, name: str | None) -> Worksheet:
    """The visible worksheet called ``name``, or the first visible one.

    Raises:
        DomainError: ``table.sheet_not_found``, ``table.unreadable``.
    """
    targets: dict[str, str] = {}
    found: list[Worksheet] = []

    def on_relationship(tag: str, attributes: list[str]) -> None:
        if _local(tag) == "Relationship":
            values = _pairs(attributes)
            if values.get("Type", "").endswith("/worksheet") and "Id" in values:
                targets[values["Id"]] = _part(values.get("Target", ""))

    def on_sheet(tag: str, attributes: list[str]) -> None:
        if _local(tag) == "sheet":
            values = _pairs(attributes)
            part = targets.get(values.get("id", ""))
            if part is not None and values.get("state") not in HIDDEN:
                found.append(Worksheet(values.get("name", ""), part))

    scan_part(relationships, guarded_parser(on_relationship))
    scan_part(workbook, guarded_parser(on_sheet))
    wanted = [sheet for sheet in found if name is None or sheet.name.strip() == name.strip()]
    if not wanted:
        known = "、".join(sheet.name[:40] for sheet in found[:20])
        raise DomainError("table.sheet_not_found", params={"sheet": name or "", "sheets": known})
    return wanted[0]


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _pairs(attributes: list[str]) -> Mapping[str, str]:
    return {_local(key): value for key, value in zip(attributes[::2], attributes[1::2], strict=True) if key != "xmlns"}


def _part(target: str) -> str:
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
