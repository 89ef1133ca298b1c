"""Small files of every kind, made on the spot."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer << >>\n%%EOF\n"
GIF = b"GIF89a" + struct.pack("<HH", 1, 1) + b"\x00\x00\x00\x3b"
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L" + b"\x00" * 18
HEIC = b"\x00\x00\x00\x18ftypheic" + b"\x00" * 24
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\x00" * 24
MOV = b"\x00\x00\x00\x14ftypqt  " + b"\x00" * 24
WEBM = b"\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1f\x42\x82\x84webm" + b"\x00" * 24
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def jpeg(width: int = 4, height: int = 3) -> bytes:
    """A JPEG's first segments: APP0, then a frame header."""
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + b"\0" * 9
    return b"\xff\xd8" + app + b"\xff\xc0" + struct.pack(">HBHH", 17, 8, height, width) + b"\x03" + b"\0" * 9


def png(width: int = 1, height: int = 1) -> bytes:
    """A PNG with one row of pixels, whatever its header claims."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def archive(parts: Mapping[str, bytes]) -> bytes:
    """A zip archive of some parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return buffer.getvalue()


def docx(**more: bytes) -> bytes:
    """A text document; further parts by name."""
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>", **more})


def compound(*streams: str) -> bytes:
    """An old office file with streams of these names."""
    return OLE + b"\0" * 504 + b"".join(f"{name}\0".encode("utf-16-le").ljust(64, b"\0") for name in streams)
