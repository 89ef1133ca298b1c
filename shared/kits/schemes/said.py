"""What people say on the leaves of schemes, as the bodies of services take it."""

from typing import Annotated

from pydantic import StrictBool, StrictFloat, StrictInt, StrictStr, StringConstraints

from shared.kernel.web.fields import Strict
from shared.kits.fields import Caption, Reason

LeafCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
Value = StrictBool | StrictInt | StrictFloat | Annotated[StrictStr, StringConstraints(max_length=60)] | None


class EntryIn(Strict):
    """A value of one's own; ``null`` with a note states that there is none."""

    leaf: LeafCode
    value: Value
    note: Caption | None = None


class JudgementIn(Strict):
    """A judgement: without ``value`` it confirms what stands; another value needs a reason."""

    leaf: LeafCode
    value: Value = None
    reason: Reason | None = None

    @property
    def is_change(self) -> bool:
        """Whether a value was given, be it ``null``."""
        return "value" in self.model_fields_set
