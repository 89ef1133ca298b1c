"""Results of campaigns in versions, notices and appeals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.scope import protect_rows
from shared.kits.appeals.schema import create_appeals_v1
from shared.kits.publicity.schema import create_notices_v1

revision = "0008"
down_revision = "0007"

_FINAL = """
create function campaign_results_are_final() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or to_jsonb(new) - 'shown_at' <> to_jsonb(old) - 'shown_at'
        or (old.shown_at is not null and new.shown_at is distinct from old.shown_at) then
        raise exception 'a version of results is final';
    end if;
    return new;
end $$
"""


def upgrade() -> None:
    json = postgresql.JSONB(astext_type=sa.Text())
    op.create_table(
        "campaign_results",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("major", sa.BigInteger(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("inputs", json, nullable=False),
        sa.Column("inputs_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("frames", json, nullable=False),
        sa.Column("counts", json, nullable=False),
        sa.Column("software", json, nullable=False),
        sa.Column("changes", json, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("appeal_id", sa.Uuid(), nullable=True),
        sa.Column("computed_by", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_results_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_results")),
        sa.UniqueConstraint("campaign_id", "major", "minor", name=op.f("uq_campaign_results_campaign_id_major_minor")),
    )
    protect_rows(op, "campaign_results", shared_downward=True)
    op.execute(_FINAL)
    op.execute(
        "create trigger campaign_results_are_final before update or delete on campaign_results "
        "for each row execute function campaign_results_are_final()"
    )
    create_notices_v1(op)
    create_appeals_v1(op)
