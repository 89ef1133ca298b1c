"""Archives as callers write and read them."""

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from services.student_eval.archives.chain import Entry, head_of
from services.student_eval.archives.state import ArchiveState, Record
from services.student_eval.archives.tables import SealedArchive
from shared.kernel.web.fields import Document, Strict
from shared.kits.fields import Reason
from shared.policy.student_archives import ArchivePolicy

Account = Annotated[str, StringConstraints(min_length=1, max_length=4_000, strip_whitespace=True)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
FieldValue = Annotated[str, StringConstraints(max_length=500)] | int | None


class CorrectionIn(Strict):
    """A record said anew."""

    fields: dict[str, FieldValue] = Field(max_length=30, description="各类型的字段见 archive-policy / fields by type")
    text: Account = Field(description="写实描述 / the account, in one's own words")


class RecordIn(CorrectionIn):
    """A new record."""

    type: str = Field(max_length=60, examples=["volunteering"])


class VerifiedCorrectionIn(CorrectionIn):
    """A record of a verified term said anew, and why."""

    reason: Reason


class GuidanceIn(Strict):
    """A teacher's word."""

    text: Account


class ChoiceIn(Strict):
    """What goes into the archive of a term; a dimension may stay empty."""

    records: list[uuid.UUID] = Field(max_length=100)


class SignatureIn(Strict):
    """The hash of the choice as it was seen."""

    content_sha256: Sha256


class TextIn(Strict):
    """A statement, a comment, an opinion."""

    text: Account


class OrderIn(Strict):
    """Why what was verified or sealed is corrected, and by which document."""

    reason: Reason
    document: Document


class ReleaseIn(Strict):
    """To whom an archive goes, and by which authorization."""

    to: Annotated[str, StringConstraints(min_length=2, max_length=200)]
    authorization: Document
    use: Literal["admission", "other"] = Field(
        default="admission", description="招生录取（法定）或其他用途（须经同意）/ a duty of law, or by consent"
    )


class TakenInOut(BaseModel):
    """What was taken in: rows found, records written, and rows that the archives told already."""

    dry_run: bool
    rows: int
    written: int
    known: int


class ImportedOut(TakenInOut):
    """What a file did."""

    sha256: str


class RecordOut(BaseModel):
    """A record as it stands."""

    id: uuid.UUID
    term: str
    type: str
    dimension: str
    fields: dict[str, Any]
    text: str
    version: int
    status: str
    reason: str | None
    guidance: list[str]
    is_correctable: bool


class TermOfArchiveOut(BaseModel):
    """A pupil's term: the records, the choice and its signature."""

    student_key: str
    term: str
    records: list[RecordOut]
    chosen: list[uuid.UUID]
    choice_sha256: str
    is_signed: bool
    is_verified: bool


class ArchiveOut(BaseModel):
    """An archive as it stands."""

    student_key: str
    entries: int
    head_sha256: str
    dimensions: dict[str, list[RecordOut]]
    verified_terms: list[str]
    statement: str | None
    comment: str | None
    is_checked: bool
    is_open: bool
    sealed_version: int
    sealed_sha256: str | None
    releases: list[dict[str, Any]]


class EntryOut(BaseModel):
    """One entry of the chain."""

    number: int
    kind: str
    record_id: uuid.UUID | None
    term: str | None
    payload: dict[str, Any]
    by_role: str
    at: str
    previous_sha256: str
    sha256: str


class ChainOut(BaseModel):
    """The whole chain."""

    items: list[EntryOut]


class BreakOut(BaseModel):
    """A place at which an archive does not hold."""

    number: int
    reason: str


class CheckedOut(BaseModel):
    """Whether an archive holds."""

    holds: bool
    entries: int
    sealed_versions: int
    head_sha256: str
    breaks: list[BreakOut]


class SealedOut(BaseModel):
    """A sealed version: the signature is Ed25519 over the bytes of ``package``."""

    student_key: str
    version: int
    package: str
    package_sha256: str
    signature: str
    public_key: str
    sealed_at: dt.datetime


class RecordTypeOut(BaseModel):
    """A kind of record."""

    code: str
    dimension: str
    name: dict[str, str]
    by: str
    fields: dict[str, str]
    required: list[str]


class PolicyOut(BaseModel):
    """The rules of archives."""

    document: str
    verified: bool
    grades: list[int]
    dimensions: dict[str, dict[str, str]]
    record_types: list[RecordTypeOut]
    field_names: dict[str, dict[str, str]]
    most_selected: int


def record_out(record: Record, policy: ArchivePolicy) -> RecordOut:
    """A record."""
    return RecordOut(
        id=record.id,
        term=record.term,
        type=record.type,
        dimension=policy.record_types[record.type].dimension,
        fields=dict(record.fields),
        text=record.text,
        version=record.version,
        status=record.status,
        reason=record.reason,
        guidance=record.guidance,
        is_correctable=record.is_correctable,
    )


def term_of_archive(student_key: str, term: str, state: ArchiveState, policy: ArchivePolicy) -> TermOfArchiveOut:
    """A pupil's term."""
    return TermOfArchiveOut(
        student_key=student_key,
        term=term,
        records=[record_out(record, policy) for record in state.records.values() if record.term == term],
        chosen=[record.id for record in state.selected(term)],
        choice_sha256=state.selection_sha256(term),
        is_signed=state.is_signed(term),
        is_verified=term in state.verified_terms,
    )


def archive_out(student_key: str, entries: list[Entry], state: ArchiveState, policy: ArchivePolicy) -> ArchiveOut:
    """An archive."""
    dimensions = {
        dimension: [record_out(record, policy) for record in records]
        for dimension, records in state.by_dimension(policy).items()
    }
    return ArchiveOut(
        student_key=student_key,
        entries=len(entries),
        head_sha256=head_of(entries),
        dimensions=dimensions,
        verified_terms=state.verified_terms,
        statement=state.statement,
        comment=state.comment,
        is_checked=state.checked is not None,
        is_open=state.is_open,
        sealed_version=state.sealed_version,
        sealed_sha256=state.sealed_sha256,
        releases=[dict(each) for each in state.releases],
    )


def entry_out(entry: Entry) -> EntryOut:
    """An entry; who said it is told by the role, the account stays inside."""
    names = ("number", "kind", "record_id", "term", "by_role", "at", "previous_sha256", "sha256")
    return EntryOut(payload=dict(entry.payload), **{name: getattr(entry, name) for name in names})


def sealed_out(row: SealedArchive, public_key: str) -> SealedOut:
    """A sealed version with what it takes to check it."""
    return SealedOut(
        student_key=row.student_key,
        version=row.version_number,
        package=row.package,
        package_sha256=row.package_sha256,
        signature=row.signature,
        public_key=public_key,
        sealed_at=row.sealed_at,
    )


def policy_out(policy: ArchivePolicy) -> PolicyOut:
    """The rules."""
    types = [
        RecordTypeOut(
            code=kind.code,
            dimension=kind.dimension,
            name=dict(kind.name),
            by=kind.by,
            fields={name: field.value for name, field in kind.fields.items()},
            required=sorted(kind.required),
        )
        for kind in policy.record_types.values()
    ]
    return PolicyOut(
        document=policy.document,
        verified=policy.verified,
        grades=sorted(policy.grades),
        dimensions={code: dict(name) for code, name in policy.dimensions.items()},
        record_types=types,
        field_names={code: dict(name) for code, name in policy.field_names.items()},
        most_selected=policy.most_selected,
    )
