"""What a run is checked by: certificate, inputs and outcomes, as ``tools/check_pay_certificate.py`` reads them. Blocks."""

from __future__ import annotations

import io
import zipfile

from services.teacher_eval.pay_plans.document import PlanDocument
from services.teacher_eval.pay_runs.certifying import CERTIFICATE, checker_files
from services.teacher_eval.pay_runs.tables import PayRun
from shared.kernel.store.columnar import ColumnarStore

#: One moment for every file, so that the same bundle is the same bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)


def certificate_text(store: ColumnarStore, run: PayRun) -> str:
    """The certificate as it was issued, byte for byte."""
    return str(store.get(run.certificate_sha256)[CERTIFICATE].item())


def bundle_of(store: ColumnarStore, run: PayRun, document: PlanDocument) -> bytes:
    """Everything the separate checker needs, in one archive."""
    target = io.BytesIO()
    inputs, outcomes = store.get(run.inputs_sha256), store.get(run.outcomes_sha256)
    files = checker_files(certificate_text(store, run), document, inputs, outcomes)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), text)
    return target.getvalue()
