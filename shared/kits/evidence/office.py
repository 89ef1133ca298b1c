"""Documents of office programs: archives (docx, xlsx, pptx, odt, ods, odp) and old compound files (doc, xls, ppt)."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from shared.terms.errors import DomainError

ENTRY_LIMIT = 5_000
INFLATED_LIMIT = 500 * 2**20
RATIO_LIMIT = 200
RATIO_FLOOR = 8 * 2**20
"""Entries smaller than this inflated may compress as well as they like."""
_CHUNK = 1 << 20

_OOXML = "application/vnd.openxmlformats-officedocument."
_PARTS = {
    "word/document.xml": (f"{_OOXML}wordprocessingml.document", (".docx",)),
    "xl/workbook.xml": (f"{_OOXML}spreadsheetml.sheet", (".xlsx",)),
    "ppt/presentation.xml": (f"{_OOXML}presentationml.presentation", (".pptx",)),
}
_OPEN_DOCUMENT = {
    "application/vnd.oasis.opendocument.text": (".odt",),
    "application/vnd.oasis.opendocument.spreadsheet": (".ods",),
    "application/vnd.oasis.opendocument.presentation": (".odp",),
}
#: Streams of a compound file, whose names stand in it as UTF-16.
_STREAMS = (
    ("WordDocument", "application/msword", (".doc", ".wps")),
    ("Workbook", "application/vnd.ms-excel", (".xls", ".et")),
    ("PowerPoint Document", "application/vnd.ms-powerpoint", (".ppt", ".dps")),
)
_MACROS = ("_VBA_PROJECT", "VBA")


def recognize_archive(path: Path) -> tuple[str, tuple[str, ...]]:
    """Media type and suffixes of an office document in an archive, every entry inflated within limits.

    Raises:
        DomainError: ``evidence.type_refused``, ``evidence.bomb``, ``evidence.macros``, ``evidence.encrypted``,
            ``evidence.damaged``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            found = _office_type(archive, {entry.filename for entry in entries})
            _check(entries)
            for entry in entries:
                _inflate(archive, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise DomainError("evidence.damaged") from error
    return found


def _office_type(archive: zipfile.ZipFile, names: set[str]) -> tuple[str, tuple[str, ...]]:
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise DomainError("evidence.macros")
    for part, found in _PARTS.items():
        if part in names:
            return found
    if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
        media_type = archive.read("mimetype").decode("ascii", "replace").strip()
        if media_type in _OPEN_DOCUMENT:
            return media_type, _OPEN_DOCUMENT[media_type]
    raise DomainError("evidence.type_refused", params={"detected": "ZIP"})


def _check(entries: Sequence[zipfile.ZipInfo]) -> None:
    """Checks that need no inflating."""
    if len(entries) > ENTRY_LIMIT or sum(entry.file_size for entry in entries) > INFLATED_LIMIT:
        raise DomainError("evidence.bomb")
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise DomainError("evidence.encrypted")
        if entry.file_size > RATIO_FLOOR and entry.file_size > RATIO_LIMIT * max(entry.compress_size, 1):
            raise DomainError("evidence.bomb")
        name = entry.filename
        if name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts:
            raise DomainError("evidence.damaged")


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    # The reader stops at the size that was declared and compares the checksum: a size that lies is damage.
    with archive.open(entry) as file:
        while file.read(_CHUNK):
            pass


def recognize_compound(path: Path) -> tuple[str, tuple[str, ...]]:
    """Media type and suffixes of an old office document, without macros and without a password.

    Raises:
        DomainError: ``evidence.type_refused``, ``evidence.macros``, ``evidence.encrypted``.
    """
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise DomainError("evidence.encrypted")
    # Names of streams stand zero-terminated in fields of 64 bytes.
    if any(f"{name}\0".encode("utf-16-le") in content for name in _MACROS):
        raise DomainError("evidence.macros")
    for name, media_type, suffixes in _STREAMS:
        if f"{name}\0".encode("utf-16-le") in content:
            return media_type, suffixes
    raise DomainError("evidence.type_refused", params={"detected": "OLE"})
