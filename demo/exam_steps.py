"""Steps of the city's office: register, open, reconcile, check, seal, analyze, publish."""

from __future__ import annotations

from typing import Any

from demo.errors import DemoError
from demo.exam import CODE
from demo.gateway import Session
from demo.narration import Narration
from demo.problems import RefusedError
from demo.sheet_steps import exam_url


def stored_exam(session: Session) -> dict[str, Any] | None:
    """The exam as the platform has it, or ``None``."""
    try:
        exam: dict[str, Any] = session.read(exam_url(session))
    except RefusedError as error:
        if error.status != 404:
            raise
        return None
    return exam


def was_published(session: Session) -> bool:
    """Whether the exam has ever had results, in force or withdrawn."""
    try:
        return bool(session.read(f"{exam_url(session)}/results")["versions"])
    except RefusedError as error:
        if error.code not in ("results.not_published", "resource.not_found"):
            raise
        return False


def register(narration: Narration, admin: Session, body: dict[str, Any]) -> None:
    """Registers the exam; the platform checks that it may be held."""
    with narration.step("登记监测考试（六年级抽样监测）", "Registering the exam: sample monitoring, grade 6") as step:
        answer = admin.request("PUT", exam_url(admin), json=body)
        is_new = answer.status_code == 201
        subjects = "，".join(f"{entry['name_zh']} {entry['full_mark']}" for entry in body["subjects"])
        narration.say(f"满分：{subjects}", "(intake full marks: the next multiple of ten, the data state none)")
        step.came_to(
            f"{CODE} {'已登记' if is_new else '无变化'}",
            f"{CODE} {'registered' if is_new else 'unchanged'}, version {answer.json()['version']}",
        )


def open_collection(narration: Narration, admin: Session) -> None:
    """Opens the collection: a job freezes the roster."""
    with narration.step("开放采集（冻结学籍名单）", "Opening the collection, which freezes the roster") as step:
        accepted = admin.request("POST", f"{exam_url(admin)}:open")
        admin.finished_job(accepted, on_progress=step.progress)
        exam = stored_exam(admin) or {}
        step.came_to(f"状态 {exam.get('state')}", f"roster {str(exam.get('roster_sha256'))[:12]}…")


def reconcile(narration: Narration, vendor: Session) -> None:
    """Holds roster, candidates and marks against each other.

    Raises:
        DemoError: they differ.
    """
    with narration.step("核对名单、考生与成绩", "Reconciling roster, candidates and marks") as step:
        found = vendor.read(f"{exam_url(vendor)}/reconciliation")
        counts = (
            f"{found['schools_received']}/{found['schools']}",
            f"{found['rows']}/{found['enrolled']}",
            found["unaccounted"],
        )
        if not found["reconciled"]:
            raise DemoError(
                f"核对不一致：学校 {counts[0]}，学生 {counts[1]}，无成绩 {counts[2]}。",
                f"They do not reconcile: schools {counts[0]}, pupils {counts[1]}, unaccounted {counts[2]}.",
            )
        step.came_to(
            f"学校 {counts[0]}，学生 {counts[1]}，无成绩 {counts[2]}",
            f"schools {counts[0]}, pupils {counts[1]}, unaccounted {counts[2]}",
        )


def close_for_checking(narration: Narration, admin: Session) -> None:
    """Ends the collection; the schools have a day to look at their figures."""
    with narration.step("结束采集，进入核对", "Closing the collection for checking") as step:
        exam = admin.request("POST", f"{exam_url(admin)}:check", json={"days": 1}).json()
        step.came_to(f"状态 {exam['state']}", f"until {exam['checking_ends_at']}")


def confirm_sheets(narration: Narration, vendor: Session) -> None:
    """Passes on the schools' confirmations: each of the very sheet it has seen."""
    with narration.step("各校确认本校数据", "The schools confirm their figures") as step:
        sheets = list(vendor.pages(f"{exam_url(vendor)}/mark-sheets"))
        for sheet in sheets:
            address = f"{exam_url(vendor)}/mark-sheets/{sheet['school_code']}:confirm"
            vendor.request("POST", address, json={"sha256": sheet["sha256"]})
        step.came_to(f"{len(sheets)} 所学校已确认", f"{len(sheets)} schools have confirmed")


def seal(narration: Narration, admin: Session) -> None:
    """Seals the collection."""
    with narration.step("封存", "Sealing the collection") as step:
        exam = admin.request("POST", f"{exam_url(admin)}:seal", json={"accept_reason": None}).json()
        step.came_to(f"状态 {exam['state']}", "no mark can change now")


def analyze(narration: Narration, admin: Session) -> None:
    """Runs the analysis."""
    with narration.step("分析", "Analyzing") as step:
        accepted = admin.request("POST", f"{exam_url(admin)}:analyze")
        job = admin.finished_job(accepted, on_progress=step.progress)
        step.came_to(f"任务 {job['id']} 完成", f"job done, attempts {job['attempts']}")


def publish(narration: Narration, admin: Session) -> None:
    """Publishes the results."""
    with narration.step("发布结果", "Publishing the results") as step:
        result_set = admin.request("POST", f"{exam_url(admin)}:publish", json={"note": "演示 demonstration"}).json()
        step.came_to(f"版本 {result_set['version']}", f"version {result_set['version']}")
