"""Reading large uploads of item sheets in the background."""

from __future__ import annotations

from services.monitoring.intake.jobs import upload_job
from services.monitoring.item_sheets.service.receive import ITEM_SHEETS

READ_ITEM_SHEETS = upload_job(ITEM_SHEETS)
