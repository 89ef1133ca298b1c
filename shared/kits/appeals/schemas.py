"""Appeals as callers submit, decide and read them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from shared.kits.appeals.rules import Parties, possible_steps
from shared.kits.appeals.tables import Appeal, AppealMessage, Side
from shared.kits.fields import Reason, Strict, Words
from shared.terms.actor import Actor
from shared.workflow.appeals import OPEN, AppealState, Outcome

Point = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]


class AppealIn(Strict):
    """An appeal: what exactly is disputed, why, and what is asked for."""

    points: list[Point] = Field(
        default_factory=list, max_length=50, description="争议项目代码 / codes of what is disputed"
    )
    grounds: Words = Field(description="事实与理由，不写个人号码 / facts and reasons, without anybody's number")
    asks_for: Reason | None = Field(default=None, description="请求 / what is asked for")


class WordsIn(Strict):
    """A step or a message with its words."""

    body: Words


class InvestigateIn(WordsIn):
    """Handing an appeal to somebody."""

    assignee: str | None = Field(
        default=None, max_length=120, description="承办人账号 / the account that looks into it"
    )


class RulingIn(WordsIn):
    """A ruling: the outcome, its reasons, and what is to be changed."""

    outcome: Outcome
    effect: dict[str, Any] | None = Field(
        default=None, description="裁定的更改，按该事项的格式 / what it orders to be changed"
    )


class AppealMessageOut(BaseModel):
    """One entry of a thread; its author is withheld from those the appellant is not shown to."""

    side: Side
    author_org: str | None
    kind: str
    body: str
    at: dt.datetime


class AppealOut(BaseModel):
    """An appeal in a list."""

    id: uuid.UUID
    subject_type: str
    subject_key: str
    appellant: str | None
    appellant_org: str | None
    points: list[str]
    state: AppealState
    submitted_at: dt.datetime
    due_at: dt.datetime | None
    due_rule: str | None
    unverified_years: list[int]
    is_overdue: bool
    assignee: str | None
    outcome: Outcome | None
    decided_at: dt.datetime | None
    review_outcome: Outcome | None
    reviewed_at: dt.datetime | None
    ended_at: dt.datetime | None
    actions: list[str]


class AppealDetail(AppealOut):
    """An appeal with its grounds, effect and thread."""

    grounds: str
    asks_for: str | None
    effect: dict[str, Any] | None
    applied: dict[str, Any] | None
    review_effect: dict[str, Any] | None
    review_applied: dict[str, Any] | None
    messages: list[AppealMessageOut]


class Reading:
    """How one caller sees appeals: as one of the sides, or as somebody whom whose they are is not told."""

    def __init__(self, parties: Parties, actor: Actor, *, may_handle: bool, at: dt.datetime) -> None:
        self._parties, self._actor, self._may_handle, self._at = parties, actor, may_handle, at

    def is_party(self, row: Appeal) -> bool:
        """Whether the caller is one of the two sides."""
        return self._may_handle or self._parties.is_appellant(row, self._actor)

    def out(self, row: Appeal) -> AppealOut:
        """An appeal in a list."""
        return AppealOut(**self._members(row))

    def detail(self, row: Appeal, messages: Sequence[AppealMessage]) -> AppealDetail:
        """An appeal with its thread."""
        named = self.is_party(row)
        thread = [
            AppealMessageOut(
                side=Side(message.side),
                author_org=message.author_org if named or message.side != Side.APPELLANT else None,
                kind=message.kind,
                body=message.body,
                at=message.at,
            )
            for message in messages
        ]
        own = set(AppealDetail.model_fields) - set(AppealOut.model_fields) - {"messages"}
        return AppealDetail(**self._members(row), **{name: getattr(row, name) for name in own}, messages=thread)

    def _members(self, row: Appeal) -> dict[str, Any]:
        derived = {"actions", "is_overdue"}
        plain = {name: getattr(row, name) for name in AppealOut.model_fields if name not in derived}
        if not self.is_party(row):
            plain |= {"appellant": None, "appellant_org": None}
        waits = row.state in OPEN - {AppealState.RULED, AppealState.REFUSED}
        overdue = waits and row.due_at is not None and row.due_at <= self._at
        actions = possible_steps(self._parties, row, self._actor, may_handle=self._may_handle)
        return {**plain, "is_overdue": overdue, "actions": actions}
