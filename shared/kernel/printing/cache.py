"""Printed reports kept for a while by what they follow from: the report as its reader sees it, template and words."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from shared.kernel.printing.typesetter import Template

CACHE_BYTES = 32 * 2**20


class PrintedReports:
    """PDFs made lately, by content, up to a number of bytes; may be used from several threads."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """A PDF that is held, or ``None``."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: str, pdf: bytes) -> None:
        """Holds a PDF, letting go of those unused longest."""
        with self._lock:
            self._size += len(pdf) - len(self._held.pop(key, b""))
            self._held[key] = pdf
            while self._size > self._limit:
                self._size -= len(self._held.popitem(last=False)[1])


def content_key(template: Template, report: Mapping[str, Any]) -> str:
    """What a PDF follows from; two readers who see the same share it, and nobody else's is ever found."""
    text = json.dumps(report, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(f"{template.digest}\n{text}".encode()).hexdigest()
