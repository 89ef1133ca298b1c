"""The certificate of a run, and the files that a separate program works every fen out from again. Blocks."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import polars as pl

from services.teacher_eval.pay_plans.document import PlanDocument
from services.teacher_eval.pay_runs.sharing import Shared, plan_for
from shared.scoring.allocation.certificate import certificate

#: Of the certificate among its files.
CERTIFICATE = "certificate.json"
NAME, TEXT = "name", "text"
#: One moment for every file, so that the same archive is the same bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)


def certificate_frame(document: PlanDocument, inputs: pl.DataFrame, shared: Shared) -> pl.DataFrame:
    """``name, text`` of the certificate and of the tables beside it, as the checking program reads them."""
    files = certificate(plan_for(document, inputs), inputs, shared.allocation).files()
    return pl.DataFrame({NAME: list(files), TEXT: list(files.values())}, schema={NAME: pl.String, TEXT: pl.String})


def archive_of(files: Mapping[str, str]) -> bytes:
    """Files in one archive, always the same bytes: ``tools/check_pay_certificate.py`` reads the folder it unpacks to."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), text)
    return target.getvalue()
