"""The chain of a pupil's archive: entries that are only ever added, each holding the hash of the one before. Pure."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

GENESIS = "0" * 64


class EntryKind(StrEnum):
    """What an entry says."""

    RECORD_WRITTEN = "record_written"
    RECORD_CORRECTED = "record_corrected"
    RECORD_WITHDRAWN = "record_withdrawn"
    #: By a ruling on a doubt.
    RECORD_CANCELLED = "record_cancelled"
    #: For one record of a verified term: its author may say it anew, once.
    CORRECTION_ALLOWED = "correction_allowed"
    GUIDANCE_GIVEN = "guidance_given"
    SELECTION_MADE = "selection_made"
    SELECTION_SIGNED = "selection_signed"
    TERM_VERIFIED = "term_verified"
    STATEMENT_WRITTEN = "statement_written"
    COMMENT_WRITTEN = "comment_written"
    CHECKED = "checked"
    SEALED = "sealed"
    #: For a correction after sealing; what was sealed stays.
    REOPENED = "reopened"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry.

    Args:
        student_key: whose archive.
        number: place in the chain, from 1.
        kind: what it says.
        record_id: the record it is about, if it is about one.
        term: the term it belongs to, ``2026-2027-1``.
        text: what is said, canonical JSON; hashed as it is, so that not one byte of it can change.
        by: account of the one who said it.
        by_role: in which role.
        at: moment, ISO 8601 in UTC.
        previous_sha256: hash of the entry before; zeros for the first.
        sha256: its own hash.
    """

    student_key: str
    number: int
    kind: EntryKind
    record_id: uuid.UUID | None
    term: str | None
    text: str
    by: str
    by_role: str
    at: str
    previous_sha256: str
    sha256: str

    @property
    def payload(self) -> Mapping[str, Any]:
        """What is said."""
        said: dict[str, Any] = json.loads(self.text)
        return said

    @property
    def content(self) -> dict[str, Any]:
        """What the hash is over."""
        return {
            "student_key": self.student_key,
            "number": self.number,
            "kind": self.kind.value,
            "record_id": None if self.record_id is None else str(self.record_id),
            "term": self.term,
            "payload": self.text,
            "by": self.by,
            "by_role": self.by_role,
            "at": self.at,
            "previous_sha256": self.previous_sha256,
        }


def canonical(content: Any) -> str:
    """JSON with members sorted and no blanks: the same content is the same text."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256_of(content: Any) -> str:
    """SHA-256 of canonical JSON in UTF-8."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def linked(
    last: Entry | None,
    *,
    student_key: str,
    kind: EntryKind,
    payload: Mapping[str, Any],
    by: str,
    by_role: str,
    at: str,
    record_id: uuid.UUID | None = None,
    term: str | None = None,
) -> Entry:
    """The entry that follows ``last``."""
    entry = Entry(
        student_key=student_key,
        number=1 if last is None else last.number + 1,
        kind=kind,
        record_id=record_id,
        term=term,
        text=canonical(payload),
        by=by,
        by_role=by_role,
        at=at,
        previous_sha256=GENESIS if last is None else last.sha256,
        sha256="",
    )
    return with_hash(entry)


def with_hash(entry: Entry) -> Entry:
    """The entry with its own hash."""
    members = {name: getattr(entry, name) for name in Entry.__slots__}
    return Entry(**members | {"sha256": sha256_of(entry.content)})


@dataclass(frozen=True, slots=True)
class Break:
    """A place at which a chain does not hold: the number of the entry and what is wrong with it."""

    number: int
    reason: str


def breaks_of(entries: Sequence[Entry]) -> list[Break]:
    """Every place at which a chain does not hold; empty when nothing was changed, removed, added or moved."""
    found = []
    previous = GENESIS
    for place, entry in enumerate(entries, 1):
        if entry.number != place:
            found.append(Break(entry.number, "number"))
        if entry.previous_sha256 != previous:
            found.append(Break(entry.number, "previous"))
        if not is_sound(entry):
            found.append(Break(entry.number, "content"))
        previous = entry.sha256
    return found


def is_sound(entry: Entry) -> bool:
    """Whether an entry says what was hashed."""
    return sha256_of(entry.content) == entry.sha256


def head_of(entries: Sequence[Entry]) -> str:
    """Hash of the last entry: it stands for all of them."""
    return entries[-1].sha256 if entries else GENESIS
