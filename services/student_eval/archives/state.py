"""What an archive says now: its entries, read from the first to the last. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.student_eval.archives.chain import Entry, EntryKind, sha256_of
from shared.policy.student_archives import ArchivePolicy


class RecordStatus(StrEnum):
    """Whether a record still stands."""

    STANDING = "standing"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class Record:
    """A record as it stands.

    Args:
        id: its id.
        term: the term it was written in.
        type: code of its type.
        fields: by name.
        text: the account in one's own words.
        version: how often it was said anew.
        status: whether it stands.
        reason: of the last correction, withdrawal or cancellation.
        guidance: what teachers said to it.
        is_correctable: whether its author may say it anew although its term is verified.
    """

    id: uuid.UUID
    term: str
    type: str
    fields: Mapping[str, Any]
    text: str
    version: int = 1
    status: RecordStatus = RecordStatus.STANDING
    reason: str | None = None
    guidance: list[str] = field(default_factory=list)
    is_correctable: bool = False

    @property
    def content(self) -> dict[str, Any]:
        """What is shown and signed."""
        return {
            "id": str(self.id),
            "type": self.type,
            "fields": dict(self.fields),
            "text": self.text,
            "version": self.version,
        }


@dataclass(slots=True)
class Selection:
    """What a pupil chose for a term, and the hash the pupil signed."""

    records: list[uuid.UUID]
    signed_sha256: str | None = None


@dataclass(slots=True)
class ArchiveState:
    """An archive as it stands."""

    records: dict[uuid.UUID, Record] = field(default_factory=dict)
    selections: dict[str, Selection] = field(default_factory=dict)
    verified_terms: list[str] = field(default_factory=list)
    statement: str | None = None
    comment: str | None = None
    checked: str | None = None
    sealed_version: int = 0
    sealed_sha256: str | None = None
    is_open: bool = True
    releases: list[Mapping[str, Any]] = field(default_factory=list)

    def selected(self, term: str) -> list[Record]:
        """Records chosen for a term that still stand, in the order of choice."""
        chosen = self.selections.get(term)
        records = [] if chosen is None else [self.records[each] for each in chosen.records]
        return [record for record in records if record.status is RecordStatus.STANDING]

    def selection_content(self, term: str) -> dict[str, Any]:
        """What a pupil signs for a term: the choice, record by record."""
        return {"term": term, "records": [record.content for record in self.selected(term)]}

    def selection_sha256(self, term: str) -> str:
        """Hash of what is signed."""
        return sha256_of(self.selection_content(term))

    def is_signed(self, term: str) -> bool:
        """Whether the choice was signed as it stands now."""
        chosen = self.selections.get(term)
        return chosen is not None and chosen.signed_sha256 == self.selection_sha256(term)

    def by_dimension(self, policy: ArchivePolicy) -> dict[str, list[Record]]:
        """Everything chosen in verified terms, by dimension; a dimension may stay empty."""
        chosen: dict[str, list[Record]] = {dimension: [] for dimension in policy.dimensions}
        for term in self.verified_terms:
            for record in self.selected(term):
                chosen[policy.record_types[record.type].dimension].append(record)
        return chosen


def replayed(entries: Iterable[Entry]) -> ArchiveState:
    """The archive that entries make."""
    state = ArchiveState()
    for entry in entries:
        add(state, entry)
    return state


def add(state: ArchiveState, entry: Entry) -> None:
    """What an archive says once an entry is added."""
    payload, record = entry.payload, state.records.get(entry.record_id) if entry.record_id else None
    match entry.kind:
        case EntryKind.RECORD_WRITTEN if entry.record_id is not None and entry.term is not None:
            state.records[entry.record_id] = Record(
                entry.record_id, entry.term, payload["type"], payload["fields"], payload["text"]
            )
        case EntryKind.RECORD_CORRECTED if record is not None:
            record.fields, record.text, record.reason = payload["fields"], payload["text"], payload.get("reason")
            record.version += 1
            record.is_correctable, state.checked = False, None
        case EntryKind.RECORD_WITHDRAWN if record is not None:
            record.status, record.reason = RecordStatus.WITHDRAWN, payload["reason"]
        case EntryKind.RECORD_CANCELLED if record is not None:
            record.status, record.reason = RecordStatus.CANCELLED, payload["reason"]
            state.checked = None
        case EntryKind.CORRECTION_ALLOWED if record is not None:
            record.is_correctable = True
        case EntryKind.GUIDANCE_GIVEN if record is not None:
            record.guidance.append(payload["text"])
        case EntryKind.SELECTION_MADE if entry.term is not None:
            state.selections[entry.term] = Selection([uuid.UUID(each) for each in payload["records"]])
        case EntryKind.SELECTION_SIGNED if entry.term is not None:
            state.selections[entry.term].signed_sha256 = payload["content_sha256"]
        case EntryKind.TERM_VERIFIED if entry.term is not None:
            if entry.term not in state.verified_terms:
                state.verified_terms.append(entry.term)
        case _:
            _apply_to_whole(state, entry)


def _apply_to_whole(state: ArchiveState, entry: Entry) -> None:
    payload = entry.payload
    match entry.kind:
        case EntryKind.STATEMENT_WRITTEN:
            state.statement, state.checked = payload["text"], None
        case EntryKind.COMMENT_WRITTEN:
            state.comment, state.checked = payload["text"], None
        case EntryKind.CHECKED:
            state.checked = entry.by
        case EntryKind.SEALED:
            state.sealed_version, state.sealed_sha256 = payload["version"], payload["package_sha256"]
            state.is_open = False
        case EntryKind.REOPENED:
            state.is_open, state.checked = True, None
        case EntryKind.RELEASED:
            state.releases.append(payload)
        case _:
            raise ValueError(f"entry {entry.number}: {entry.kind} about nothing")
