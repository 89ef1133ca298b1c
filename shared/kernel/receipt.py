"""Signed receipts: proof of what was received, when, and what came of it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any


def signed_receipt(content: Mapping[str, Any], key: bytes) -> dict[str, Any]:
    """The content with an HMAC-SHA-256 over its canonical JSON (sorted keys, UTF-8, no spaces)."""
    return {**content, "signature": _signature(content, key)}


def receipt_holds(receipt: Mapping[str, Any], key: bytes) -> bool:
    """Whether a receipt is one of ours, unaltered."""
    content = {name: value for name, value in receipt.items() if name != "signature"}
    return hmac.compare_digest(str(receipt.get("signature", "")), _signature(content, key))


def _signature(content: Mapping[str, Any], key: bytes) -> str:
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()
