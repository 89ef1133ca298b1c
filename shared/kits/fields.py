"""Kinds of fields that the bodies of kits are made of."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from shared.kernel.web.validation import refused
from shared.terms.identity_number import holds_identity_number


def _without_identity_number(text: str) -> str:
    if holds_identity_number(text):
        raise refused("text.identity_number")
    return text


_NoNumber = AfterValidator(_without_identity_number)
#: Why something was done: read by those it is about and by auditors.
Reason = Annotated[str, StringConstraints(min_length=5, max_length=500, strip_whitespace=True), _NoNumber]
#: What somebody says in a matter.
Words = Annotated[str, StringConstraints(min_length=5, max_length=4_000, strip_whitespace=True), _NoNumber]
Caption = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True), _NoNumber]


class Strict(BaseModel):
    """A body in which unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


class ReasonIn(Strict):
    """A step that needs a reason."""

    reason: Reason = Field(description="理由，不写个人号码 / why, without anybody's number")
