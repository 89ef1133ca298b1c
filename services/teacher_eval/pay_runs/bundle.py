"""What a run is checked by: certificate, inputs and payments, as ``tools/check_pay_certificate.py`` reads them. Blocks."""

from __future__ import annotations

import json

from services.teacher_eval.pay_plans.document import PlanDocument
from services.teacher_eval.pay_runs.certifying import CERTIFICATE, archive_of
from services.teacher_eval.pay_runs.tables import PayRun
from shared.kernel.store.columnar import ColumnarStore


def certificate_text(store: ColumnarStore, run: PayRun) -> str:
    """The certificate as it was issued, byte for byte."""
    return _files(store, run)[CERTIFICATE]


def bundle_of(store: ColumnarStore, run: PayRun, document: PlanDocument) -> bytes:
    """Everything the separate checker needs, with the plan's document, in one archive."""
    plan = json.dumps(document.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, indent=1)
    return archive_of({**_files(store, run), "plan.json": plan})


def _files(store: ColumnarStore, run: PayRun) -> dict[str, str]:
    return dict(store.get(run.certificate_sha256).iter_rows())
