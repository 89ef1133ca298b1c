"""Audit: note what is done; the notes are chained by hash when the transaction commits.

A record's hash is SHA-256 over the previous hash, the sequence number and the payload. Changing, removing or re-timing
any record breaks the chain; a cut tail is seen by comparing with a head published elsewhere (``audit-verify`` prints it).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel import clock
from shared.kernel.audit.tables import AuditRecord
from shared.terms.actor import Actor

GENESIS = b"\x00" * 32
_NOTES = "audit_notes"


def note(session: AsyncSession, actor: Actor, action: str, obj: str, detail: Mapping[str, Any] | None = None) -> None:
    """Notes one action for the audit log of this transaction.

    Args:
        session: the transaction the action belongs to; if it rolls back, the note is gone with it.
        actor: who acts.
        action: ``noun.participle``, e.g. ``exam.sealed``.
        obj: what it was done to, as an id or natural key that is not personal.
        detail: counts and codes worth keeping; never names or identity numbers.
    """
    payload = {
        "at": clock.now().isoformat(),
        "subject": actor.subject,
        "client": actor.client,
        # For those it was done to: they are told in which role, never by which account.
        "roles": sorted(actor.roles),
        "org": actor.org,
        "action": action,
        "object": obj,
        "detail": dict(detail or {}),
    }
    session.info.setdefault(_NOTES, []).append(json.dumps(payload, ensure_ascii=False, sort_keys=True))


async def flush_audit(session: AsyncSession) -> None:
    """Appends the transaction's notes to the chain; called once, last, by the transaction itself."""
    for payload in session.info.pop(_NOTES, ()):
        await session.execute(text("select audit_append(:payload)"), {"payload": payload})


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What verifying the chain found; ``first_bad_seq`` is ``None`` when it holds."""

    records: int
    head: str
    first_bad_seq: int | None


async def verify_chain(session: AsyncSession) -> ChainReport:
    """Recomputes the whole chain from its beginning."""
    expected_seq, head = 0, GENESIS
    rows = await session.stream(
        select(AuditRecord.seq, AuditRecord.payload, AuditRecord.prev_hash, AuditRecord.hash).order_by(AuditRecord.seq)
    )
    async for seq, payload, prev_hash, hash_ in rows:
        expected_seq += 1
        digest = hashlib.sha256(head + str(seq).encode() + payload.encode()).digest()
        if seq != expected_seq or prev_hash != head or hash_ != digest:
            return ChainReport(expected_seq - 1, head.hex(), seq)
        head = digest
    return ChainReport(expected_seq, head.hex(), None)


AUDIT_SQL = (
    """
    create function audit_append(payload text) returns void
    language plpgsql security definer set search_path from current as $$
    declare
        last_seq bigint;
        last_hash bytea;
    begin
        -- One writer at a time, from here to the end of its transaction: the chain has one order.
        perform pg_advisory_xact_lock(hashtextextended(current_schema() || '.audit_log', 0));
        select a.seq, a.hash into last_seq, last_hash from audit_log a order by a.seq desc limit 1;
        last_seq := coalesce(last_seq, 0) + 1;
        last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
        insert into audit_log (seq, at, payload, prev_hash, hash) values (
            last_seq, (payload::jsonb ->> 'at')::timestamptz, payload, last_hash,
            sha256(last_hash || convert_to(last_seq::text || payload, 'UTF8'))
        );
    end $$
    """,
    # Default privileges gave the service's role full rights on new tables; on this one it may only read.
    """
    do $$
    declare
        grantee text;
    begin
        for grantee in
            select distinct g.grantee from information_schema.role_table_grants g
            where g.table_schema = current_schema() and g.table_name = 'audit_log' and g.grantee <> current_user
        loop
            execute format('revoke insert, update, delete, truncate on audit_log from %s',
                           case when grantee = 'PUBLIC' then 'public' else quote_ident(grantee) end);
        end loop;
    end $$
    """,
)
