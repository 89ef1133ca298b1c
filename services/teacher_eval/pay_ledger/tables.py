"""What is put right after a payment: entries that add up to nothing, appeals that lead to them."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from services.teacher_eval.pay_pools.rules import PoolKind
from shared.kernel.database.base import Code, Identified, OrgScoped
from shared.kits.appeals.tables import Appeal, AppealMessage
from shared.scoring.allocation.ledger import Account

_ACCOUNTS = ",".join(f"'{account}'" for account in Account)
_KINDS = ",".join(f"'{kind}'" for kind in PoolKind)


class PayEntry(Identified, OrgScoped, Base):
    """One entry of a booking; those of a booking add up to 0. Never changed, by a trigger."""

    __tablename__ = "pay_entries"
    __table_args__ = (
        CheckConstraint(f"account in ({_ACCOUNTS})", name="account"),
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        CheckConstraint("(account = 'person') = (staff_key is not null)", name="whose"),
        CheckConstraint("amount_fen <> 0", name="amount"),
        Index("ix_pay_entries_org_path_kind_staff_key", "org_path", "kind", "staff_key"),
        Index("ix_pay_entries_booking_id", "booking_id"),
        Index("ix_pay_entries_run_id", "run_id"),
    )

    booking_id: Mapped[uuid.UUID]
    kind: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    staff_key: Mapped[str | None] = mapped_column(Code)
    # More than 0: owed to the account; less: owed by it.
    amount_fen: Mapped[int]
    # The payment that is put right, or that settles what was owed.
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_runs.id"))
    appeal_id: Mapped[uuid.UUID | None]
    reason: Mapped[str] = mapped_column(Text)
    booked_by: Mapped[str] = mapped_column(Text)
    booked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class PayAppeal(Appeal, Base):
    """Somebody's appeal against the own payment."""

    __tablename__ = "pay_appeals"


class PayAppealMessage(AppealMessage, Base):
    """What was said in an appeal."""

    __tablename__ = "pay_appeal_messages"
    __appeals__ = "pay_appeals"
