"""Writing one row by its natural key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.roster.intake.collection import Collection, Intake
from services.roster.intake.fields import RowModel
from services.roster.intake.take_in import Options, RowStatus, take_in
from shared.terms.errors import DomainError, Fault


async def take_one(intake: Intake, collection: Collection[Any], body: RowModel, key: Mapping[str, str]) -> int:
    """Writes one row.

    Returns:
        201 when the row is new, 200 when it was there, changed or not.

    Raises:
        DomainError: ``request.invalid`` with every fault; ``resource.not_found`` when the address itself lies outside
            the actor's organization.
    """
    content = {**body.model_dump(mode="json"), **key}
    verdict = await take_in(intake, collection, [(1, content)], options=Options())
    outside = [
        fault for fault in verdict.faults if fault.column in key and fault.code.endswith(("_unknown", "_elsewhere"))
    ]
    if outside:
        raise DomainError("resource.not_found", params={"what": f"{outside[0].column} {key[outside[0].column or '']}"})
    if verdict.is_refused:
        faults = [
            Fault(
                fault.code,
                pointer="/" if fault.column is None else f"/{fault.column}",
                allowed=fault.allowed,
                value=fault.value,
                params=fault.params,
            )
            for fault in verdict.faults
        ]
        raise DomainError("request.invalid", faults=faults)
    return 201 if verdict.outcomes[1].status is RowStatus.CREATED else 200
