"""Whatever a body of any service may be refused for has words of its own in the catalogue."""

from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError

from shared.kernel.web.validation import validation_problem
from shared.terms.problem_catalogue import catalogue
from tests.architecture.test_routes import app, routes

__all__ = ["app"]
#: Values that are wrong almost everywhere, each in its own way.
WRONG: tuple[Any, ...] = (
    *(None, True, -(10**12), 10**12, 0.5, float("nan"), "", "?", "x" * 5_000, "2026-02-30", "12345.678901"),
    *([], ["?"], [None] * 101, [{}], [{"kind": "?"}], {}, {"?": "?"}, {"kind": "?"}, {"type": "?"}),
)


def _bodies(application: Any) -> Iterator[tuple[str, Any]]:
    for path, route in routes(application):
        if isinstance(route, APIRoute) and route.body_field is not None:
            yield path, route.body_field.field_info.annotation


def _findings(annotation: Any) -> Iterator[Any]:
    adapter = TypeAdapter(annotation)
    names = getattr(annotation, "model_fields", {})
    for value in (*WRONG, *({name: value} for name in names for value in WRONG)):
        try:
            adapter.validate_python(value)
        except ValidationError as error:
            yield [{**found, "loc": ("body", *found["loc"])} for found in error.errors()]


def test_every_refusal_of_a_body_has_its_own_words(app: Any) -> None:
    seen: set[str] = set()
    bodies = list(_bodies(app))
    for path, annotation in bodies:
        for errors in _findings(annotation):
            for fault in validation_problem(errors).faults:
                seen.add(fault.code)
                assert fault.code != "field.invalid", (path, fault.pointer, errors)
                detail = catalogue()[fault.code].sentence("zh", {**fault.params})
                assert "?" not in detail.replace(str(fault.params.get("pattern", "")), ""), (path, detail)
    assert "field.missing" in seen or not bodies
