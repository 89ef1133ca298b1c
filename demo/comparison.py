"""Whether what was published came from these very inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from demo.exam import agrees
from demo.gateway import Session
from demo.narration import Narration
from demo.sheet_steps import CONNECTIONS, exam_url
from demo.sheets import Format, Sheet, file_of, joined

#: Text files are the same bytes whatever library wrote them; of the others the rows are counted.
TEXT = frozenset({Format.CSV, Format.GBK, Format.BATCH})


def compare_inputs(
    narration: Narration, vendor: Session, *, exam: Mapping[str, Any], body: Mapping[str, Any], sheets: Sequence[Sheet]
) -> None:
    """Holds the published exam against the data at hand: its definition, every school's rows, the receipts' hashes.

    What differs is said and left: somebody may have corrected marks and published them anew.
    """
    with narration.step("核对已发布的输入", "Checking that the published inputs are these") as step:
        differing = [] if agrees(exam["definition"], body) else ["definition"]
        stored = {sheet["school_code"]: sheet for sheet in vendor.pages(f"{exam_url(vendor)}/mark-sheets")}
        uploads = sorted({str(sheet["upload_id"]) for sheet in stored.values()})
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            read = pool.map(lambda upload: vendor.read(f"{exam_url(vendor)}/uploads/{upload}"), uploads)
            receipts = {str(upload["id"]): upload["receipt"]["body_sha256"] for upload in read}
        differing += differing_schools(sheets, stored, receipts)
        if len(stored) != len(sheets):
            differing.append(f"{len(stored)} ≠ {len(sheets)}")
        if differing:
            shown = "、".join(differing[:5])
            narration.say(
                f"注意：已发布的结果不是由本数据得出（{shown}），照实展示；如需重装请先 make reset。",
                f"Note: what is published does not come from these very data ({shown}); make reset starts anew.",
                style="yellow",
            )
            step.came_to("有差异", "they differ")
            return
        step.came_to(
            f"定义、{len(stored)} 校行数与回执哈希一致",
            f"definition, rows of {len(stored)} schools and hashes of receipts agree",
        )


def differing_schools(
    sheets: Sequence[Sheet], stored: Mapping[str, Mapping[str, Any]], receipts: Mapping[str, str]
) -> list[str]:
    """Schools whose stored sheet is not the one we would send.

    Args:
        sheets: what we would send.
        stored: sheets in force by school code: ``row_count, upload_id``.
        receipts: SHA-256 of the body received, by upload.
    """
    batch = hashlib.sha256(joined([sheet for sheet in sheets if sheet.format is Format.BATCH])).hexdigest()
    differing = []
    for sheet in sheets:
        found = stored.get(sheet.school_code)
        if found is None or found["row_count"] != sheet.frame.height:
            differing.append(sheet.school_code)
        elif sheet.format in TEXT:
            own = batch if sheet.format is Format.BATCH else _sha256(file_of(sheet.frame, sheet.format))
            if receipts.get(str(found["upload_id"])) != own:
                differing.append(sheet.school_code)
    return differing


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
