"""Every table of this service, imported so that one metadata knows them all."""

from services.monitoring.analyses.tables import Analysis
from services.monitoring.corrections.tables import Correction
from services.monitoring.database import Base
from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.exclusions.tables import Exclusion
from services.monitoring.intake.tables import Upload
from services.monitoring.item_sheets.tables import ItemSheet
from services.monitoring.mark_sheets.tables import MarkSheet
from services.monitoring.objections.tables import Objection, ObjectionEvidence, ObjectionMessage
from services.monitoring.papers.tables import Paper
from services.monitoring.report_batches.tables import ReportBatch
from services.monitoring.results.tables import ResultReconciliation, ResultSet
from services.monitoring.samples.tables import Sample
from services.monitoring.warning_rules.tables import RuleParameters
from services.monitoring.warnings.tables import EarlyWarning, WarningMessage

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "Analysis",
    "Correction",
    "EarlyWarning",
    "Exam",
    "Exclusion",
    "ItemSheet",
    "MarkSheet",
    "Objection",
    "ObjectionEvidence",
    "ObjectionMessage",
    "Paper",
    "Participant",
    "ReportBatch",
    "ResultReconciliation",
    "ResultSet",
    "RuleParameters",
    "Sample",
    "Upload",
    "WarningMessage",
]
