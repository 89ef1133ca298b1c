"""What a model's own refusals become: a fault of the catalogue with its values, not the validator's prose."""

from typing import Annotated

import pytest
from pydantic import AfterValidator, BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from shared.kernel.web.problems import validation_problem


def refuse(_: str) -> str:
    context = {"fault_code": "field.invalid", "allowed": "a, b", "params": {"reason": "not one of ours"}}
    raise PydanticCustomError("field.invalid", "refused", context)


class Body(BaseModel):
    code: Annotated[str, AfterValidator(refuse)]


def test_a_refusal_with_a_fault_code_keeps_its_values() -> None:
    with pytest.raises(ValidationError) as caught:
        Body(code="x")
    errors = [{**error, "loc": ("body", *error["loc"])} for error in caught.value.errors()]
    (fault,) = validation_problem(errors).faults
    assert (fault.code, fault.pointer, fault.allowed) == ("field.invalid", "/code", "a, b")
    assert fault.params == {"reason": "not one of ours"}
