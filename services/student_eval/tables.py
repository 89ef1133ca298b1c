"""Every table of this service, imported so that one metadata knows them all."""

from services.student_eval.archive_audits.tables import ArchiveAudit, ArchiveFinding
from services.student_eval.archive_cancellations.tables import RecordCancellation
from services.student_eval.archive_samples.tables import ArchiveSample, RecordExamination, SampledRecord
from services.student_eval.archive_terms.tables import ArchiveDoubt, ArchiveDoubtMessage, ArchiveNotice, ArchiveTerm
from services.student_eval.archives.tables import ArchiveEntry, ArchiveKeeper, Evidence, SealedArchive
from services.student_eval.consents.tables import ConsentRecord
from services.student_eval.database import Base
from services.student_eval.development_records.tables import ProcessRecord
from services.student_eval.development_results.tables import DevelopmentCount, DevelopmentResult, PupilDevelopment
from services.student_eval.development_terms.tables import DevelopmentTerm
from services.student_eval.development_words.tables import (
    DevelopmentComment,
    DevelopmentWord,
    PeerGroup,
    PeerSheet,
    PeerWord,
)
from services.student_eval.fitness.tables import FitnessSheet, FitnessSheetState
from services.student_eval.guardianships.tables import Guardianship
from services.student_eval.own_data.tables import DataCorrection, DataCorrectionMessage
from services.student_eval.retention.tables import LegalHold, RetentionItem
from services.student_eval.schemes.tables import IndicatorScheme, SchemeVersion

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "ArchiveAudit",
    "ArchiveDoubt",
    "ArchiveDoubtMessage",
    "ArchiveEntry",
    "ArchiveFinding",
    "ArchiveKeeper",
    "ArchiveNotice",
    "ArchiveSample",
    "ArchiveTerm",
    "ConsentRecord",
    "DataCorrection",
    "DataCorrectionMessage",
    "DevelopmentComment",
    "DevelopmentCount",
    "DevelopmentResult",
    "DevelopmentTerm",
    "DevelopmentWord",
    "Evidence",
    "FitnessSheet",
    "FitnessSheetState",
    "Guardianship",
    "IndicatorScheme",
    "LegalHold",
    "PeerGroup",
    "PeerSheet",
    "PeerWord",
    "ProcessRecord",
    "PupilDevelopment",
    "RecordCancellation",
    "RecordExamination",
    "RetentionItem",
    "SampledRecord",
    "SchemeVersion",
    "SealedArchive",
]
