"""Requests to have one's own data corrected: told to nobody but the two sides."""

from __future__ import annotations

from services.student_eval.database import Base
from shared.kits.appeals.tables import Appeal, AppealMessage


class DataCorrection(Appeal, Base):
    """A request to correct what is held of a pupil."""

    __tablename__ = "data_corrections"
    __private__ = True


class DataCorrectionMessage(AppealMessage, Base):
    """What was said about a request."""

    __tablename__ = "data_correction_messages"
    __appeals__ = "data_corrections"
