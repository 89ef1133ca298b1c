"""Graduation: statement, comment, check, seal; what comes after it: release, correction as another version."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_cancellations.service import require_undisputed
from services.student_eval.archive_terms.repository import newest_term_of
from services.student_eval.archive_terms.tables import ArchiveTerm
from services.student_eval.archives import repository
from services.student_eval.archives.chain import EntryKind, canonical, head_of
from services.student_eval.archives.log import Archive, Saying, held, say
from services.student_eval.archives.rules import require_complete, require_open, require_sealer
from services.student_eval.archives.tables import SealedArchive
from services.student_eval.consents.access import require_consent
from shared.kernel import clock
from shared.kernel.ids import new_id
from shared.kernel.settings import ServiceSettings
from shared.policy.student_archives import archive_policy
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError

_PURPOSE = b"archive-signing-v1"
#: What is handed on for what: the purpose that consents know it by.
_USES = {"admission": "archive_for_admission", "other": "archive_for_others"}
#: An archive is sealed at graduation.
_LAST_GRADE = 12


async def write_statement(session: AsyncSession, actor: Actor, student_key: str, text: str) -> Archive:
    """A pupil's statement about the own development; raises ``archive.students_write``, ``archive.sealed``."""
    if Role.STUDENT not in actor.roles or not actor.is_person(student_key):
        raise DomainError("archive.students_write")
    return await _said(session, actor, student_key, Saying(EntryKind.STATEMENT_WRITTEN, {"text": text}, Role.STUDENT))


async def write_comment(session: AsyncSession, actor: Actor, student_key: str, text: str) -> Archive:
    """The class teacher's comment; raises ``archive.sealed``."""
    return await _said(session, actor, student_key, Saying(EntryKind.COMMENT_WRITTEN, {"text": text}, Role.TEACHER))


async def check(session: AsyncSession, actor: Actor, student_key: str, opinion: str) -> Archive:
    """The committee's check of a whole archive; raises ``archive.incomplete``, ``archive.sealed``."""
    archive = await held(session, actor, student_key)
    require_open(archive.state)
    require_complete(archive.state)
    await say(session, actor, archive, Saying(EntryKind.CHECKED, {"opinion": opinion}, Role.SCHOOL_ADMIN))
    return archive


async def seal(session: AsyncSession, actor: Actor, student_key: str, settings: ServiceSettings) -> SealedArchive:
    """The principal's signature: the archive becomes a package that never changes.

    Raises:
        DomainError: ``archive.incomplete``, ``archive.not_checked``, ``archive.own_check``, ``archive.sealed``;
            ``archive.broken``, ``archive_cancellation.under_way``.
    """
    archive = await held(session, actor, student_key)
    state = archive.state
    require_open(state)
    require_complete(state)
    require_sealer(state, actor)
    await require_undisputed(session, actor, student_key)
    version = state.sealed_version + 1
    basics = basics_of(await newest_term_of(session, actor, student_key), student_key)
    package = canonical(package_of(archive, basics, version))
    digest = hashlib.sha256(package.encode()).hexdigest()
    row = SealedArchive(
        id=new_id(),
        org_path=archive.org_path,
        student_key=student_key,
        version_number=version,
        package=package,
        package_sha256=digest,
        signature=signature_of(package, settings),
        sealed_by=actor.subject,
        sealed_at=clock.now(),
    )
    session.add(row)
    payload = {"version": version, "package_sha256": digest}
    await say(session, actor, archive, Saying(EntryKind.SEALED, payload, Role.SCHOOL_ADMIN))
    return row


async def reopen(session: AsyncSession, actor: Actor, student_key: str, reason: str, document: str) -> Archive:
    """Opens a sealed archive for a correction, with the document that orders it; what was sealed stays as it is."""
    archive = await held(session, actor, student_key)
    if archive.state.is_open:
        raise DomainError("archive.not_sealed")
    payload = {"reason": reason, "document": document}
    await say(session, actor, archive, Saying(EntryKind.REOPENED, payload, Role.SCHOOL_ADMIN))
    return archive


async def release(
    session: AsyncSession,
    actor: Actor,
    student_key: str,
    *,
    recipient: str,
    authorization: str,
    use: str,
    age: int | None,
) -> SealedArchive:
    """Hands a sealed archive on, by an authorization that is kept.

    Raises:
        DomainError: ``archive.not_sealed``; ``consent.missing``, ``consent.refused`` for another use than admission.
    """
    archive = await held(session, actor, student_key)
    if archive.state.is_open:
        raise DomainError("archive.not_sealed")
    row = (await repository.sealed_of(session, archive))[-1]
    await require_consent(session, actor, student_key=student_key, purpose=_USES[use], age=age, grade_level=_LAST_GRADE)
    payload = {"to": recipient, "authorization": authorization, "version": row.version_number, "use": use}
    await say(session, actor, archive, Saying(EntryKind.RELEASED, payload, Role.SCHOOL_ADMIN))
    return row


def basics_of(term: ArchiveTerm | None, student_key: str) -> dict[str, Any]:
    """Who the pupil is: name, school and class as in the newest term."""
    if term is None:
        return {}
    name = next(member["name"] for member in term.members if member["student_key"] == student_key)
    return {
        "name": name,
        "school_code": term.school_code,
        "school_name": term.school_name,
        "class_name": term.class_name,
        "school_year": term.school_year,
    }


def package_of(archive: Archive, basics: Mapping[str, Any], version: int) -> dict[str, Any]:
    """The machine-readable archive: what is told, and the whole chain it follows from."""
    policy, state, entries = archive_policy(), archive.state, archive.entries
    return {
        "format": "education-quality-platform/student-archive/1",
        "student_key": archive.student_key,
        "basics": dict(basics),
        "version": version,
        "rules": policy.document,
        "dimensions": {
            dimension: [record.content for record in records]
            for dimension, records in state.by_dimension(policy).items()
        },
        "terms": state.verified_terms,
        "statement": state.statement,
        "comment": state.comment,
        "chain": [{**entry.content, "sha256": entry.sha256} for entry in entries],
        "chain_head": head_of(entries),
    }


def signing_key(settings: ServiceSettings) -> Ed25519PrivateKey:
    """The service's key for archives, derived from its receipt key."""
    seed = hmac.new(settings.key("receipt_key"), _PURPOSE, hashlib.sha256).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key_of(settings: ServiceSettings) -> str:
    """The public half, base64 of 32 bytes: with it anybody checks a package."""
    raw = signing_key(settings).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def signature_of(package: str, settings: ServiceSettings) -> str:
    """Ed25519 over the package's bytes, base64."""
    return base64.b64encode(signing_key(settings).sign(package.encode())).decode()


async def _said(session: AsyncSession, actor: Actor, student_key: str, saying: Saying) -> Archive:
    archive = await held(session, actor, student_key)
    require_open(archive.state)
    await say(session, actor, archive, saying)
    return archive
