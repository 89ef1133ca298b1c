"""Which format a file really has, decided by its content and checked against what was declared."""

from __future__ import annotations

from pathlib import Path

from shared.kernel.tabular.columns import TableFormat
from shared.terms.errors import DomainError

HEAD_BYTES = 8192
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")

_SUFFIXES = {
    ".csv": TableFormat.CSV,
    ".txt": TableFormat.CSV,
    ".tsv": TableFormat.CSV,
    ".xlsx": TableFormat.XLSX,
    ".parquet": TableFormat.PARQUET,
    ".ndjson": TableFormat.NDJSON,
    ".jsonl": TableFormat.NDJSON,
}
_MEDIA_TYPES = {
    "text/csv": TableFormat.CSV,
    "application/csv": TableFormat.CSV,
    "text/plain": TableFormat.CSV,
    "text/tab-separated-values": TableFormat.CSV,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": TableFormat.XLSX,
    # Browsers on machines with a spreadsheet program send this for CSV too; the content decides.
    "application/vnd.ms-excel": None,
    "application/octet-stream": None,
    "application/vnd.apache.parquet": TableFormat.PARQUET,
    "application/x-parquet": TableFormat.PARQUET,
    "application/x-ndjson": TableFormat.NDJSON,
    "application/jsonl": TableFormat.NDJSON,
    "application/jsonlines": TableFormat.NDJSON,
}
_FOREIGN = (
    (b"%PDF", "PDF"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"SQLite format 3", "SQLite"),
    (b"{\\rtf", "RTF"),
    (b"ARROW1", "Arrow"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table", b"<meta", b"<head")


def decide_format(path: Path, media_type_or_name: str | None) -> TableFormat:
    """The format of ``path``.

    Raises:
        DomainError: ``table.unsupported_format``, ``table.format_mismatch``, ``table.encrypted``, ``table.old_excel``,
            ``table.json_array``, ``table.empty``.
    """
    declared = declared_format(media_type_or_name)
    detected = detect_format(path)
    if declared is not None and detected is not declared:
        raise DomainError("table.format_mismatch", params={"declared": declared.value, "detected": detected.value})
    return detected


def declared_format(media_type_or_name: str | None) -> TableFormat | None:
    """The format a media type or a file name stands for; ``None`` when it leaves the decision to the content."""
    if media_type_or_name is None:
        return None
    words = media_type_or_name.partition(";")[0].strip().lower()
    if words in _MEDIA_TYPES:
        return _MEDIA_TYPES[words]
    suffix = Path(words).suffix or (words if words.startswith(".") else f".{words}")
    if suffix == ".xls":
        return None
    if suffix not in _SUFFIXES:
        allowed = ", ".join(TableFormat)
        raise DomainError("table.unsupported_format", params={"declared": words[:80], "allowed": allowed})
    return _SUFFIXES[suffix]


def detect_format(path: Path) -> TableFormat:
    """The format the content shows."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        size = file.seek(0, 2)
        file.seek(max(0, size - 4))
        tail = file.read(4)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise DomainError("table.empty")
    if head.startswith(OLE):
        raise _ole(path)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return TableFormat.XLSX
    if head.startswith(b"PARE") or (head.startswith(b"PAR1") and tail == b"PARE"):
        raise DomainError("table.encrypted")
    if head.startswith(b"PAR1"):
        return TableFormat.PARQUET
    _refuse_foreign(head, text)
    return TableFormat.NDJSON if text.startswith(b"{") else TableFormat.CSV


def _refuse_foreign(head: bytes, text: bytes) -> None:
    for magic, kind in _FOREIGN:
        if head.startswith(magic):
            raise _foreign(kind)
    if text.lower().startswith(_MARKUP):
        raise _foreign("HTML/XML")
    if text.startswith(b"["):
        raise DomainError("table.json_array")


def _foreign(kind: str) -> DomainError:
    return DomainError("table.unsupported_format", params={"declared": kind, "allowed": ", ".join(TableFormat)})


def _ole(path: Path) -> DomainError:
    """A password-protected workbook and the old binary format share their first bytes."""
    overlap = b""
    with path.open("rb") as file:
        while chunk := file.read(2**20):
            if ENCRYPTED_PACKAGE in overlap + chunk:
                return DomainError("table.encrypted")
            overlap = chunk[-len(ENCRYPTED_PACKAGE) :]
    return DomainError("table.old_excel")
