"""Reading large uploads of mark sheets in the background."""

from __future__ import annotations

from services.monitoring.intake.jobs import upload_job
from services.monitoring.mark_sheets.service.receive import MARK_SHEETS

READ_UPLOAD = upload_job(MARK_SHEETS)
