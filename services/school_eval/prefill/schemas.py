"""What a prefill is asked for with."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.kernel.web.fields import Strict

ExamCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")]
Version = Annotated[str, StringConstraints(pattern=r"^\d+\.(\d+|\*)(\.(\d+|\*))?$")]


class PrefillIn(Strict):
    """Exams whose published results count, each in the version in force or in one that is named (``1.*``)."""

    exams: dict[ExamCode, Version | None] = Field(
        default_factory=dict, max_length=40, examples=[{"grade6-2026": "1.*", "grade9-2026": None}]
    )
