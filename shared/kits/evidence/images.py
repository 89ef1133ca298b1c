"""How large a picture would be once opened: a few kilobytes can claim gigabytes."""

from __future__ import annotations

import struct

from shared.terms.errors import DomainError

MOST_PIXELS = 120_000_000
"""More than any phone's camera takes."""
#: Markers of JPEG that hold the picture's size (SOF0 to SOF15 without DHT, JPG and DAC).
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def require_reasonable_picture(head: bytes) -> None:
    """Refuses a picture whose header claims too many pixels; headers of other formats are left alone.

    Raises:
        DomainError: ``evidence.bomb``, ``evidence.damaged``.
    """
    try:
        size = _size(head)
    except struct.error as error:
        raise DomainError("evidence.damaged") from error
    if size is not None and size[0] * size[1] > MOST_PIXELS:
        raise DomainError("evidence.bomb")


def _size(head: bytes) -> tuple[int, int] | None:
    if head.startswith(b"\x89PNG"):
        return struct.unpack_from(">II", head, 16)
    if head.startswith(b"GIF8"):
        return struct.unpack_from("<HH", head, 6)
    if head.startswith(b"\xff\xd8"):
        return _jpeg_size(head)
    return None


def _jpeg_size(head: bytes) -> tuple[int, int] | None:
    """Size in the first frame header; ``None`` when long metadata (a thumbnail, a profile) push it out of the head."""
    at = 2
    while at + 9 < len(head):
        if head[at] != 0xFF:
            return None
        marker = head[at + 1]
        if marker in _SIZES:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        at += 2 + int(struct.unpack_from(">H", head, at + 2)[0])
    return None
