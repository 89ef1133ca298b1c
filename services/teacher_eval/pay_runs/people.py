"""What each person of a run is paid: in pages, and in the file for the paying office."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import polars as pl
from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.money import money
from services.teacher_eval.pay_runs.inputs import STAFF_KEY
from services.teacher_eval.pay_runs.payroll import payroll_csv, payroll_frame, payroll_xlsx
from services.teacher_eval.pay_runs.schemas import PeoplePage, PersonPay, SharedPart
from services.teacher_eval.pay_runs.sharing import PAY
from services.teacher_eval.pay_runs.tables import PayRun
from services.teacher_eval.staff_register.repository import names_of
from shared.kernel.store.columnar import ColumnarStore
from shared.kernel.web.paging import PageRequest
from shared.terms.actor import Actor

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def person_pay(outcome: Mapping[str, Any], run: PayRun, name: str | None = None) -> PersonPay:
    """A row of outcomes for an answer."""
    parts = [
        SharedPart(code=each["code"], name=each["name"], amount=money(outcome[PAY + each["code"]]))
        for each in run.summary["parts"]
    ]
    return PersonPay(staff_key=outcome[STAFF_KEY], name=name, amount=money(outcome["amount_fen"]), parts=parts)


async def people_of(
    session: AsyncSession, run: PayRun, page: PageRequest, store: ColumnarStore, actor: Actor
) -> PeoplePage:
    """A page of people by key, named."""
    outcomes = await asyncio.to_thread(store.get, run.outcomes_sha256)
    after = str(page.after[0]) if page.after else ""
    rows = outcomes.filter(pl.col(STAFF_KEY) > after).sort(STAFF_KEY).head(page.size + 1)
    shown = rows.head(page.size)
    names = await names_of(session, actor, shown[STAFF_KEY].to_list())
    items = [person_pay(row, run, names.get(row[STAFF_KEY])) for row in shown.iter_rows(named=True)]
    cursor = page.cursor([items[-1].staff_key]) if rows.height > page.size else None
    return PeoplePage(run=run.id, items=items, next_cursor=cursor)


async def file_of(session: AsyncSession, run: PayRun, store: ColumnarStore, file_format: str, actor: Actor) -> Response:
    """The file for the paying office; names as the register of staff knows them."""
    outcomes = await asyncio.to_thread(store.get, run.outcomes_sha256)
    names = await names_of(session, actor, outcomes[STAFF_KEY].to_list())
    parts = [(each["code"], each["name"]) for each in run.summary["parts"]]
    frame = await asyncio.to_thread(payroll_frame, outcomes, names, parts)
    write, media_type = (payroll_xlsx, XLSX) if file_format == "xlsx" else (payroll_csv, "text/csv; charset=utf-8")
    content = await asyncio.to_thread(write, frame)
    headers = {"Content-Disposition": f'attachment; filename="payroll-{run.pool_code}.{file_format}"'}
    return Response(content, media_type=media_type, headers=headers)
