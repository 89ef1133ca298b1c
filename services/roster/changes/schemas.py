"""The change feed as readers get it."""

import datetime as dt

from pydantic import BaseModel

from shared.kernel.changes.feed import Operation


class ChangeOut(BaseModel):
    """One change: which resource, by natural key; read the resource for its content."""

    resource: str
    operation: Operation
    key: dict[str, str]
    old_key: dict[str, str] | None
    at: dt.datetime


class ChangesOut(BaseModel):
    """Changes in order, and the cursor to go on from."""

    items: list[ChangeOut]
    next_after: str
    has_more: bool
