"""Who may say what in an archive, and when. Pure."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence

from services.student_eval.archive_terms.rules import TermState
from services.student_eval.archives.chain import EntryKind
from services.student_eval.archives.state import ArchiveState, Record, RecordStatus
from shared.policy.student_archives import ArchivePolicy, EnteredBy
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError

STAFF = frozenset({Role.SCHOOL_ADMIN, Role.SCHOOL_OPERATOR})
#: Terms in which each kind of entry may be added.
_DURING = {
    EntryKind.RECORD_WRITTEN: frozenset({TermState.RECORDING}),
    EntryKind.RECORD_CORRECTED: frozenset({TermState.RECORDING, TermState.SELECTING}),
    EntryKind.RECORD_WITHDRAWN: frozenset({TermState.RECORDING, TermState.SELECTING}),
    EntryKind.GUIDANCE_GIVEN: frozenset({TermState.RECORDING, TermState.SELECTING}),
    EntryKind.SELECTION_MADE: frozenset({TermState.SELECTING}),
    EntryKind.SELECTION_SIGNED: frozenset({TermState.SELECTING}),
}


def require_seen(actor: Actor, student_key: str) -> None:
    """Pupils see their own archive; raises ``resource.not_found`` for another's."""
    if Role.STUDENT in actor.roles and not actor.is_person(student_key):
        raise DomainError("resource.not_found", params={"what": f"student {student_key}"})


def require_time(kind: EntryKind, term: TermState) -> None:
    """Whether the term is one in which this may be said.

    Raises:
        DomainError: ``archive.frozen`` while the choice is shown; ``archive.not_now``.
    """
    if term in _DURING[kind]:
        return
    if term is TermState.IN_PUBLICITY:
        raise DomainError("archive.frozen")
    raise DomainError("archive.not_now", params={"state": term})


def require_author(actor: Actor, student_key: str, by: EnteredBy) -> Role:
    """The role in which an actor writes; nobody writes in a pupil's place, and pupils write no results of the school.

    Raises:
        DomainError: ``archive.students_write``, ``archive.school_imports``.
    """
    if by is EnteredBy.STUDENT:
        if Role.STUDENT not in actor.roles or not actor.is_person(student_key):
            raise DomainError("archive.students_write")
        return Role.STUDENT
    held = sorted((STAFF | {Role.INTEGRATION}) & actor.roles)
    if not held:
        raise DomainError("archive.school_imports")
    return held[0]


def record_of(state: ArchiveState, record_id: uuid.UUID, term: str) -> Record:
    """A standing record of a term.

    Raises:
        DomainError: ``resource.not_found``; ``archive.record_gone`` once it was withdrawn or cancelled.
    """
    record = state.records.get(record_id)
    if record is None or record.term != term:
        raise DomainError("resource.not_found", params={"what": f"record {record_id}"})
    if record.status is not RecordStatus.STANDING:
        raise DomainError("archive.record_gone", params={"state": record.status})
    return record


def verified_record(state: ArchiveState, record_id: uuid.UUID) -> Record:
    """A standing record of a term that is over.

    Raises:
        DomainError: ``resource.not_found``, ``archive.record_gone``; ``archive.not_verified`` while its term goes on.
    """
    found = state.records.get(record_id)
    record = record_of(state, record_id, "" if found is None else found.term)
    if record.term not in state.verified_terms:
        raise DomainError("archive.not_verified")
    return record


def require_correctable(record: Record) -> None:
    """Raises ``archive.correction_not_allowed`` for a verified record that nobody allowed to be said anew."""
    if not record.is_correctable:
        raise DomainError("archive.correction_not_allowed")


def require_choice(state: ArchiveState, term: str, chosen: Sequence[uuid.UUID], policy: ArchivePolicy) -> None:
    """A choice holds each record once, only standing ones of the term, and no more of a dimension than allowed.

    Raises:
        DomainError: ``archive.chosen_twice``, ``archive.too_many_chosen``, as :func:`record_of`.
    """
    if len(set(chosen)) != len(chosen):
        raise DomainError("archive.chosen_twice")
    records = [record_of(state, each, term) for each in chosen]
    counts = Counter(policy.record_types[record.type].dimension for record in records)
    for dimension, count in sorted(counts.items()):
        if count > policy.most_selected:
            named = policy.dimensions[dimension]["zh"]
            raise DomainError(
                "archive.too_many_chosen", params={"dimension": named, "count": count, "most": policy.most_selected}
            )


def require_kept_here(kept_at: str, school: str) -> None:
    """Raises ``archive.kept_elsewhere`` when another school keeps a pupil's archive by now."""
    if kept_at != school:
        raise DomainError("archive.kept_elsewhere")


def require_open(state: ArchiveState) -> None:
    """Raises ``archive.sealed`` for an archive that is closed."""
    if not state.is_open:
        raise DomainError("archive.sealed", params={"version": state.sealed_version})


def require_complete(state: ArchiveState) -> None:
    """What must be there before an archive is checked: a statement, a comment and a verified term.

    Raises:
        DomainError: ``archive.incomplete`` naming what is missing.
    """
    missing = [
        name
        for name, held in (
            ("学生自我陈述", state.statement),
            ("教师评语", state.comment),
            ("已审核的学期", state.verified_terms),
        )
        if not held
    ]
    if missing:
        raise DomainError("archive.incomplete", params={"missing": "、".join(missing)})


def require_sealer(state: ArchiveState, actor: Actor) -> None:
    """The principal signs what somebody else has checked.

    Raises:
        DomainError: ``archive.not_checked``, ``archive.own_check``.
    """
    if state.checked is None:
        raise DomainError("archive.not_checked")
    if state.checked == actor.subject:
        raise DomainError("archive.own_check")
