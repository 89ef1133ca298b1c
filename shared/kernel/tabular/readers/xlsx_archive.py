"""The zip around a workbook: checked before anything is inflated, then rebuilt from what was checked.

The spreadsheet library never sees the caller's archive. It gets a new one holding only the parts that were inflated
within limits and scanned, so that a disagreement between two zip readers cannot smuggle anything past the scan.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath

from shared.terms.errors import DomainError

ENTRY_LIMIT = 200
INFLATED_LIMIT = 400 * 2**20
RATIO_LIMIT = 150
RATIO_FLOOR = 2**20
"""Entries smaller than this inflated may compress as well as they like."""

WORKBOOK = "xl/workbook.xml"
PACKAGE = b"""<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>
</Relationships>"""
_OTHERS = {
    "word/document.xml": "DOCX",
    "ppt/presentation.xml": "PPTX",
    "xl/workbook.bin": "XLSB",
    "content.xml": "ODS",
}


def check_archive(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Entries by name, after the checks that need no inflating.

    Raises:
        DomainError: ``table.zip_bomb``, ``table.encrypted``, ``table.format_mismatch``, ``table.unreadable``.
    """
    entries = archive.infolist()
    if len(entries) > ENTRY_LIMIT:
        raise DomainError("table.zip_bomb")
    if sum(entry.file_size for entry in entries) > INFLATED_LIMIT:
        raise DomainError("table.zip_bomb")
    for entry in entries:
        _check_entry(entry)
    named = {entry.filename: entry for entry in entries}
    if len(named) != len(entries):
        raise DomainError("table.unreadable", params={"format": "XLSX"})
    if WORKBOOK not in named:
        detected = next((kind for name, kind in _OTHERS.items() if name in named), "ZIP")
        raise DomainError("table.format_mismatch", params={"declared": "XLSX", "detected": detected})
    return named


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 0x1:
        raise DomainError("table.encrypted")
    if entry.file_size > RATIO_FLOOR and entry.file_size > RATIO_LIMIT * max(entry.compress_size, 1):
        raise DomainError("table.zip_bomb")
    name = entry.filename
    if name.startswith("/") or "\\" in name or ":" in name or ".." in PurePosixPath(name).parts:
        raise DomainError("table.unsafe_content")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DomainError("table.unreadable", params={"format": "XLSX"})


def rebuild(parts: Mapping[str, bytes]) -> bytes:
    """A new archive, stored without compression, of exactly ``parts``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("_rels/.rels", PACKAGE)
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()
