"""Objections to published results; time to answer warnings counted in working days."""

from alembic import op

from shared.kits.appeals.schema import create_appeals_v1
from shared.kits.evidence.schema import create_evidence_v1

revision = "0013"
down_revision = "0012"

# Two thirds, rounded up: about as many working days as calendar days were granted.
_CONVERTED = (
    "({0} - 'days_to_respond') || jsonb_build_object("
    "'working_days_to_respond', ceil(({0} ->> 'days_to_respond')::numeric * 2 / 3)::int)"
)


def upgrade() -> None:
    create_appeals_v1(op, "objections", "objection_messages")
    create_evidence_v1(op, "objection_evidence")
    op.execute("select set_config('app.org', '', true), set_config('app.org_end', '~', true)")
    given = _CONVERTED.format("parameters")
    renamed = f"update warning_rule_parameters set parameters = {given} where parameters ? 'days_to_respond'"  # noqa: S608
    op.execute(renamed)
    given = _CONVERTED.format("(evidence -> 'criterion')")
    told = f"update warnings set evidence = jsonb_set(evidence, '{{criterion}}', {given})"  # noqa: S608
    op.execute(f"{told} where evidence -> 'criterion' ? 'days_to_respond'")
