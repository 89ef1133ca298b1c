"""The signing keys, read again now and then so that a rotation needs no restart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from shared.kernel.identity.signing_keys import SigningKeys, open_signing_keys, read_signing_keys
from shared.kernel.logging import logger

REREAD_SECONDS = 10.0


class Keyring:
    """Keys of the issuer's folder; makes the folder and a first key when there is none.

    Args:
        folder: the folder.
        clock: monotonic seconds.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._keys = open_signing_keys(folder)
        self._read_at = clock()

    async def keys(self) -> SigningKeys:
        """The keys as they stand; the last readable ones when the folder cannot be read now."""
        if self._clock() - self._read_at >= REREAD_SECONDS:
            self._read_at = self._clock()
            try:
                self._keys = await asyncio.to_thread(read_signing_keys, self._folder)
            except (OSError, ValueError) as error:
                logger.warning("signing_keys.unreadable", error=type(error).__name__)
        return self._keys
