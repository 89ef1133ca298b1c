"""File names as people give them, made safe to show, store and download."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

LONGEST = 120
_FALLBACK = "文件"
_REFUSED = re.compile(r'[<>:"|?*\\/]')
#: Names that Windows takes for devices, whatever follows the dot.
_DEVICES = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
#: An identity number or a pupil number that holds one.
_IDENTITY_NUMBER = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")


def safe_name(given: str | None, suffixes: Sequence[str]) -> str:
    """A name without folders, control, invisible or direction-changing characters, device names and identity numbers.

    Args:
        given: the sender's name for it, or ``None``.
        suffixes: suffixes that fit the content, the usual one first; another is not believed but kept before it.
    """
    name = unicodedata.normalize("NFKC", given or "").replace("\\", "/").rpartition("/")[2]
    name = "".join(character for character in name if unicodedata.category(character)[0] != "C")
    name = _IDENTITY_NUMBER.sub("******", _REFUSED.sub("_", name)).strip(" .")
    stem, dot, suffix = name.rpartition(".")
    if not (dot and stem and f".{suffix.lower()}" in suffixes):
        stem, suffix = name, suffixes[0][1:]
    stem = stem.strip(" .")[: LONGEST - len(suffix) - 1].strip(" .") or _FALLBACK
    if _DEVICES.match(f"{stem}."):
        stem = f"_{stem}"
    return f"{stem}.{suffix.lower()}"
