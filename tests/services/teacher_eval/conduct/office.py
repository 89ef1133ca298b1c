"""A small city whose staff are registered, the steps of a case of conduct, and a clock that can be moved."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from services.teacher_eval.conduct.appeals import APPEALS
from services.teacher_eval.conduct.sweeps import CONDUCT_SWEEP
from shared.kernel import clock
from shared.kernel.context import Kernel
from shared.kernel.settings import ServiceSettings
from shared.kits.appeals.sweeps import appeals_sweep
from shared.terms.actor import Actor, Role
from tests.services.teacher_eval.development.town import key, teacher
from tests.support.city import CITY_ADMIN, World, county_admin, of_school

WORDS = {"text": "经集体研究，按程序办理"}
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer << >>\n%%EOF\n"
DEMERIT = [{"handling": "demerit"}]
DISQUALIFIED = [{"handling": "disqualification", "months": 24}]
COLLEAGUE = county_admin()
PRINCIPAL = of_school()


class Office(World):
    """The steps of a case."""

    kernel: Kernel
    offset: Path

    def __init__(self, client: httpx.AsyncClient, settings: ServiceSettings, kernel: Kernel, offset: Path) -> None:
        super().__init__(client, settings)
        self.kernel, self.offset = kernel, offset

    def later(self, days: int) -> dt.date:
        """Moves the clock so many days on; returns the day it is then."""
        before = float(self.offset.read_text("ascii")) if self.offset.exists() else 0.0
        self.offset.write_text(str(before + days * 86_400), "ascii")
        return clock.today()

    async def sweep(self) -> int:
        """What happens every hour: rulings become final, then decisions take effect, expire, are erased."""
        await appeals_sweep(APPEALS).run(self.kernel)
        return await CONDUCT_SWEEP.run(self.kernel)

    async def report(self, number: int = 0, who: Actor = PRINCIPAL, **more: Any) -> str:
        """Opens a case; its id."""
        body = {"staff_key": key(number), "rules": ["care"], "origin": "school", "facts": "有学生受到不当对待的反映"}
        made = await self.post("/conduct-cases", body | more, who)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def case(self, case: str, who: Actor = PRINCIPAL) -> httpx.Response:
        """A case as a handler reads it."""
        return await self.get(f"/conduct-cases/{case}", who)

    async def step(self, case: str, step: str, who: Actor = PRINCIPAL, **more: Any) -> httpx.Response:
        """A step of a handler who has just read the case."""
        seen = await self.case(case, who)
        return await self.post(f"/conduct-cases/{case}:{step}", WORDS | more, who, match=seen)

    async def attach(self, case: str, who: Actor = PRINCIPAL, where: str = "hearing/evidence") -> httpx.Response:
        """Attaches a file."""
        headers = {"Content-Type": "application/octet-stream", "Content-Disposition": 'attachment; filename="a.pdf"'}
        return await self.ask("POST", f"/conduct-cases/{case}/{where}", who, content=PDF, headers=headers)

    async def heard(self, number: int = 0, **more: Any) -> str:
        """A case whose person was told and has written."""
        case = await self.report(number, **more)
        await self.step(case, "investigate")
        told = await self.step(case, "notify", hearing_on=(clock.today() + dt.timedelta(days=12)).isoformat())
        assert told.status_code == 200, told.text
        words = {"text": "事情经过不是这样，请予核实"}
        stated = await self.post(f"/conduct-cases/mine/{case}:state", words, teacher(number))
        assert stated.status_code == 200, stated.text
        assert (await self.attach(case)).status_code == 201
        kept = await self.step(case, "record-hearing", attended=False)
        assert kept.status_code == 200, kept.text
        return case

    async def decided(self, number: int = 0, imposed: Any = None, **more: Any) -> str:
        """A case that the county decided on the school's proposal."""
        case = await self.heard(number, **more)
        proposed = await self.step(case, "propose", imposed=imposed or DEMERIT)
        assert proposed.status_code == 200, proposed.text
        made = await self.decide(case, COLLEAGUE, imposed or DEMERIT)
        assert made.status_code == 200, made.text
        return case

    async def decide(self, case: str, who: Actor, imposed: Any, **more: Any) -> httpx.Response:
        """Decides a case today."""
        today = clock.today().isoformat()
        body = {"document": "县教处〔2026〕8号", "decided_on": today, "served_on": today, "imposed": imposed}
        return await self.step(case, "decide", who, **(body | more))

    async def in_effect(self, number: int = 0, imposed: Any = None) -> str:
        """A case whose decision nobody appealed against."""
        case = await self.decided(number, imposed)
        self.later(40)
        await self.sweep()
        return case

    async def audited(self, action: str) -> int:
        """How often an action stands in the audit log."""
        async with self.kernel.database.transaction("") as session:
            words = "select count(*) from audit_log where payload::jsonb ->> 'action' = :action"
            return int((await session.execute(text(words), {"action": action})).scalar_one())


CITY = CITY_ADMIN
OPERATOR = of_school(Role.SCHOOL_OPERATOR)
