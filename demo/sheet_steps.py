"""Sending mark sheets: one that is wrong first, then every school's, in every format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import httpx

from demo.errors import DemoError
from demo.exam import CODE
from demo.gateway import Session
from demo.narration import Narration, Step
from demo.problems import RefusedError, lines_of, place_of
from demo.sheets import MEDIA_TYPES, Format, Sheet, broken_copy, file_of, joined

CONNECTIONS = 4


def exam_url(session: Session) -> str:
    """Address of the exam."""
    return f"{session.gateway.service('monitoring')}/exams/{CODE}"


def show_broken_sheet(narration: Narration, vendor: Session, sheets: Sequence[Sheet]) -> None:
    """Sends a sheet with five faults, shows the answer, and checks that nothing of it was stored.

    Raises:
        DemoError: the sheet was accepted, or something was stored.
    """
    chosen = next(sheet for sheet in sheets if sheet.format is Format.CSV)
    other = next(sheet for sheet in sheets if sheet.school_code != chosen.school_code)
    frame, breaks = broken_copy(chosen, other)
    with narration.step("先故意上传一份有错的成绩表", "First a mark sheet that is wrong on purpose") as step:
        for entry in breaks:
            narration.line(f"    ✎ 第 {entry.row} 行 row {entry.row} {entry.column}：{entry.zh}  {entry.en}")
        before = stored_sheet(vendor, chosen.school_code)
        answer = _refused(vendor, chosen.school_code, file_of(frame, Format.CSV))
        narration.line("    平台的答复  What the vendor gets back:")
        for line in lines_of(answer["zh"].problem):
            narration.line(f"    {line}")
        narration.line("    同一答复的英文  The same answer with Accept-Language: en:")
        narration.line(f"      {answer['en'].problem['title']}: {answer['en'].problem['detail']}")
        for fault in answer["en"].faults:
            narration.line(f"      - {place_of(fault)}: {fault.get('detail')}")
        errors = vendor.request("GET", answer["zh"].problem["errors_url"]).content
        narration.say(f"错误文件 {len(errors)} 字节", f"the error file (errors_url) has {len(errors)} bytes")
        if stored_sheet(vendor, chosen.school_code) != before:
            raise DemoError("有错的成绩表被保存了。", "Something of the broken sheet was stored.")
        count = answer["zh"].problem["error_count"]
        step.came_to(
            f"被拒，{count} 处错误；GET 证实一行也未保存",
            f"refused, {count} faults; a GET proves that nothing was stored",
        )


def stored_sheet(vendor: Session, school_code: str) -> dict[str, Any] | None:
    """The sheet in force of a school, or ``None``."""
    found = vendor.pages(f"{exam_url(vendor)}/mark-sheets")
    return next((sheet for sheet in found if sheet["school_code"] == school_code), None)


def send_sheets(narration: Narration, vendor: Session, sheets: Sequence[Sheet]) -> None:
    """Sends every school's sheet: one by one over a few connections, the last ones as one file."""
    single = [sheet for sheet in sheets if sheet.format is not Format.BATCH]
    together = [sheet for sheet in sheets if sheet.format is Format.BATCH]
    ways = Counter(sheet.format.value for sheet in single)
    shown = "、".join(f"{way} {count}" for way, count in ways.items())
    with narration.step(f"逐校上传成绩表（{shown}）", "Sending the sheets school by school") as step:
        _told(step, _one_by_one(vendor, single, step))
    with narration.step(f"一个文件上传 {len(together)} 校", f"Sending {len(together)} schools in one file") as step:
        outcomes = _together(vendor, together, step)
        _told(step, Counter(item["outcome"] for item in outcomes))


def _refused(vendor: Session, school_code: str, body: bytes) -> Mapping[str, RefusedError]:
    answers = {}
    for language in ("zh", "en"):
        try:
            _put(vendor, school_code, body, Format.CSV, language=language)
        except RefusedError as error:
            if not error.faults:
                raise
            answers[language] = error
        else:
            raise DemoError("有错的成绩表被接收了。", "The broken sheet was accepted.")
    return answers


def _one_by_one(vendor: Session, sheets: Sequence[Sheet], step: Step) -> Counter[str]:
    outcomes: Counter[str] = Counter()

    def send(sheet: Sheet) -> str:
        answer = _put(vendor, sheet.school_code, file_of(sheet.frame, sheet.format), sheet.format)
        return str(answer.json()["items"][0]["outcome"])

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        futures = [pool.submit(send, sheet) for sheet in sheets]
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                outcomes[future.result()] += 1
                step.progress(done, len(sheets), "所学校 schools")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return outcomes


def _put(vendor: Session, school_code: str, body: bytes, kind: Format, *, language: str = "zh-CN") -> httpx.Response:
    headers = {"Content-Type": MEDIA_TYPES[kind], "Accept-Language": language}
    return vendor.request("PUT", f"{exam_url(vendor)}/mark-sheets/{school_code}", content=body, headers=headers)


def _together(vendor: Session, sheets: Sequence[Sheet], step: Step) -> list[dict[str, Any]]:
    headers = {"Content-Type": MEDIA_TYPES[Format.BATCH]}
    answer = vendor.request("POST", f"{exam_url(vendor)}/mark-sheets:batch", content=joined(sheets), headers=headers)
    upload: dict[str, Any] = answer.json()
    if answer.status_code == httpx.codes.ACCEPTED:
        vendor.finished_job(answer, on_progress=step.progress)
        upload = vendor.read(f"{exam_url(vendor)}/uploads/{upload['id']}")
    if upload["outcome"] != "accepted":
        raise DemoError(
            f"多校文件结果为 {upload['outcome']}，错误 {upload['fault_count']} 处，见 {upload['errors_url']}。",
            f"The file of many schools was {upload['outcome']} with {upload['fault_count']} fault(s).",
        )
    items: list[dict[str, Any]] = upload["items"]
    return items


def _told(step: Step, outcomes: Counter[str]) -> None:
    words = {"created": "新收", "replaced": "替换", "unchanged": "未变"}
    step.came_to(
        _list(f"{words.get(name, name)} {n}" for name, n in sorted(outcomes.items())),
        _list(f"{n} {name}" for name, n in sorted(outcomes.items())),
    )


def _list(parts: Iterable[str]) -> str:
    return ", ".join(parts)
