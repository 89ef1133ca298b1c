"""What a file is, by its content alone: its name and its sender's word count for nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from shared.kits.evidence.images import require_reasonable_picture
from shared.kits.evidence.office import recognize_archive, recognize_compound
from shared.terms.errors import DomainError

_HEAD = 64 * 2**10


class FileKind(StrEnum):
    """Kinds of files that can be evidence."""

    DOCUMENT = "document"
    IMAGE = "image"
    TEXT = "text"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Recognized:
    """A file that can be evidence: its kind, the media type it is served as, the suffixes that fit, the usual one first."""

    kind: FileKind
    media_type: str
    suffixes: tuple[str, ...]


_PDF = Recognized(FileKind.DOCUMENT, "application/pdf", (".pdf",))
_IMAGES = (
    (b"\xff\xd8\xff", Recognized(FileKind.IMAGE, "image/jpeg", (".jpg", ".jpeg"))),
    (b"\x89PNG\r\n\x1a\n", Recognized(FileKind.IMAGE, "image/png", (".png",))),
    (b"GIF87a", Recognized(FileKind.IMAGE, "image/gif", (".gif",))),
    (b"GIF89a", Recognized(FileKind.IMAGE, "image/gif", (".gif",))),
)
_WEBP = Recognized(FileKind.IMAGE, "image/webp", (".webp",))
_HEIC = Recognized(FileKind.IMAGE, "image/heic", (".heic", ".heif"))
_MP4 = Recognized(FileKind.VIDEO, "video/mp4", (".mp4", ".m4v", ".mov", ".3gp"))
_MOV = Recognized(FileKind.VIDEO, "video/quicktime", (".mov",))
_WEBM = Recognized(FileKind.VIDEO, "video/webm", (".webm",))
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})
_MP4_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"3gp4", b"3gp5"}
)
#: Programs and archives, named to the sender because they are often tried.
_REFUSED = (
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "RTF"),
)
_MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<svg", b"<script", b"<?php", b"<head", b"<body")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def recognize(path: Path) -> Recognized:
    """What a file is.

    Raises:
        DomainError: ``evidence.type_refused`` for what is not taken, ``evidence.damaged`` for what cannot be opened,
            ``evidence.bomb`` for what would swell or has too many parts, ``evidence.macros``, ``evidence.encrypted``,
            ``evidence.empty``.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise DomainError("evidence.empty")
    for look in (_document, _image, _video):
        found = look(path, head)
        if found is not None:
            return found
    return _text(path, head)


def _document(path: Path, head: bytes) -> Recognized | None:
    if head.startswith(b"%PDF-"):
        return _PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Recognized(FileKind.DOCUMENT, *recognize_archive(path))
    return Recognized(FileKind.DOCUMENT, *recognize_compound(path)) if head.startswith(_OLE) else None


def _image(_: Path, head: bytes) -> Recognized | None:
    found = next((recognized for magic, recognized in _IMAGES if head.startswith(magic)), None)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        found = _WEBP
    elif head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        found = _HEIC
    if found is not None:
        require_reasonable_picture(head)
    return found


def _video(_: Path, head: bytes) -> Recognized | None:
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        return _WEBM
    if head[4:8] != b"ftyp":
        return None
    if head[8:12] == b"qt  ":
        return _MOV
    return _MP4 if head[8:12] in _MP4_BRANDS else None


def _text(path: Path, head: bytes) -> Recognized:
    detected = next((name for magic, name in _REFUSED if head.startswith(magic)), None)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_MARKUP):
        detected = "HTML/XML/SVG"
    if detected is not None:
        raise DomainError("evidence.type_refused", params={"detected": detected})
    content = path.read_bytes()
    charset = next((name for name, decodes in _CHARSETS if decodes(content)), None)
    if charset is None:
        raise DomainError("evidence.type_refused", params={"detected": "?"})
    return Recognized(FileKind.TEXT, f"text/plain; charset={charset}", (".txt", ".csv", ".md", ".json"))


def _is(charset: str) -> Callable[[bytes], bool]:
    def decodes(content: bytes) -> bool:
        try:
            text = content.decode(charset)
        except UnicodeDecodeError:
            return False
        return not any(ord(character) < 32 and character not in "\t\n\r\f" for character in text)

    return decodes


#: Text as it is written here: new files in UTF-8, those of older office programs in GB 18030.
_CHARSETS = (("utf-8", _is("utf-8")), ("gb18030", _is("gb18030")))
