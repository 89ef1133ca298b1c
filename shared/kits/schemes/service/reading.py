"""Documents of schemes read and kept: a published text says the same for ever, so it is read once."""

from __future__ import annotations

import asyncio
import datetime as dt
from functools import lru_cache

from shared.kits.schemes.tables import SchemeVersion
from shared.scoring.scheme.document import SchemeDocument
from shared.scoring.scheme.reading import read_scheme
from shared.scoring.scheme.tree import Scheme

#: Documents held in memory: every campaign and every reader of a year uses a handful.
HELD = 64


@lru_cache(maxsize=HELD)
def document_of(text: str) -> SchemeDocument:
    """The document a published text is; blocks, call it in a thread.

    Raises:
        ValueError: the text is not a scheme, which a published one is.
    """
    document = read_scheme(text)
    if not isinstance(document, SchemeDocument):
        raise ValueError("a published document is sound")
    return document


@lru_cache(maxsize=4 * HELD)
def _scheme(text: str, day: dt.date) -> Scheme:
    return document_of(text).as_of(day)


async def scheme_on(version: SchemeVersion, day: dt.date) -> Scheme:
    """The scheme of a version as of a day."""
    return await scheme_as_of(version.document, day)


async def scheme_as_of(document: str, day: dt.date) -> Scheme:
    """The scheme that a published document is on a day."""
    return await asyncio.to_thread(_scheme, document, day)
