"""Files that pupils attach to their records: the kit of evidence, mounted."""

import uuid

from services.student_eval.archive_terms.repository import term_by_id
from services.student_eval.archive_terms.rules import TermState
from services.student_eval.archive_terms.service import member_of
from services.student_eval.archives.chain import EntryKind
from services.student_eval.archives.endpoints import ADDRESS, Reader, Written
from services.student_eval.archives.log import archive_of
from services.student_eval.archives.rules import record_of, require_author, require_time
from services.student_eval.archives.service.records import record_type_of
from services.student_eval.archives.tables import Evidence
from services.student_eval.guardianships.access import reader_of
from services.student_eval.retention.erased import erased_evidence
from shared.kernel.web.route import Session
from shared.kits.evidence.endpoints import evidence_router
from shared.kits.evidence.sweeps import evidence_sweeps
from shared.kits.subject import Subject
from shared.terms.errors import DomainError

KIND = "archive_record"


async def _read(term_id: uuid.UUID, student_key: str, record_id: uuid.UUID, session: Session, actor: Reader) -> Subject:
    actor = await reader_of(session, actor, student_key)
    archive = await archive_of(session, actor, student_key)
    term = await term_by_id(session, actor, term_id)
    member_of(term, student_key)
    if record_id not in archive.state.records:
        raise DomainError("resource.not_found", params={"what": f"record {record_id}"})
    return Subject(KIND, str(record_id), term.org_path, actor)


async def _attach(record_id: uuid.UUID, opened: Written) -> Subject:
    record = record_of(opened.state, record_id, opened.term.term)
    require_author(opened.actor, opened.student_key, record_type_of(record.type).by)
    require_time(EntryKind.RECORD_CORRECTED, TermState(opened.term.state))
    return Subject(KIND, str(record_id), opened.term.org_path, opened.actor)


router = evidence_router(
    Evidence,
    prefix=f"{ADDRESS}/records/{{record_id}}/evidence",
    name="archive_record",
    reader=_read,
    writer=_attach,
)
SWEEPS = evidence_sweeps(Evidence, erased=erased_evidence())
