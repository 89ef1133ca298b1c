import json
from typing import Any

from gateway.pages.about import About
from gateway.pages.openapi import METHODS, join_documents, operations_of
from shared.terms.problem_catalogue import ProblemKind, catalogue


def service(name: str, **schemas: Any) -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/Thing"}
    return {
        "openapi": "3.1.0",
        "info": {"title": name.title(), "version": "1"},
        "paths": {
            f"/api/v1/{name}/things": {
                "get": {
                    "operationId": "list_things",
                    "tags": ["things"],
                    "x-permission": {"action": "thing.read", "scope": f"{name}.read", "roles": ["city_admin"]},
                    "responses": {
                        "200": {"description": "ok", "content": {"application/json": {"schema": reference}}},
                        "422": {"description": "Validation Error"},
                    },
                },
                "parameters": [],
            },
            f"/api/v1/{name}/public": {"get": {"operationId": "public", "responses": {"200": {"description": "ok"}}}},
        },
        "components": {"schemas": {"HTTPValidationError": {"type": "object"}, **schemas}},
    }


THING = {"type": "object", "properties": {"name": {"type": "string"}}}
OTHER = {"type": "object", "properties": {"size": {"type": "integer"}}}
BOX = {"type": "object", "properties": {"thing": {"$ref": "#/components/schemas/Thing"}}}


def all_references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(all_references, node.values()))
    return set().union(*map(all_references, node)) if isinstance(node, list) else set()


def test_equal_components_are_shared_and_different_ones_prefixed() -> None:
    joined = join_documents(
        About(),
        {
            "roster": service("roster", Thing=THING, Box=BOX),
            "school_eval": service("school_eval", Thing=OTHER, Box=BOX),
            "teacher_eval": service("teacher_eval", Thing=THING, Box=BOX),
        },
    )
    schemas = joined["components"]["schemas"]
    assert {name for name in schemas if name.endswith(("Thing", "Box"))} == {
        "Thing",
        "Box",
        "SchoolEval_Thing",
        "SchoolEval_Box",
    }
    assert schemas["SchoolEval_Thing"] == OTHER
    # A box of another thing is another box, although both were written alike.
    assert schemas["SchoolEval_Box"]["properties"]["thing"] == {"$ref": "#/components/schemas/SchoolEval_Thing"}
    assert schemas["Box"] == BOX


def test_every_reference_resolves() -> None:
    joined = join_documents(About(), {"a": service("a", Thing=THING, Box=BOX), "b": service("b", Thing=OTHER, Box=BOX)})
    for reference in all_references(joined):
        section, name = reference.removeprefix("#/components/").split("/")
        assert name in joined["components"][section], reference
    assert "HTTPValidationError" not in json.dumps(joined)


def test_discriminators_follow_their_components() -> None:
    union = {"discriminator": {"propertyName": "k", "mapping": {"t": "#/components/schemas/Thing"}}}
    joined = join_documents(About(), {"a": service("a", Thing=THING), "b": service("b", Thing=OTHER, Either=union)})
    mapping = joined["components"]["schemas"]["Either"]["discriminator"]["mapping"]
    assert mapping == {"t": "#/components/schemas/B_Thing"}


def test_operation_ids_are_unique_and_every_operation_can_fail() -> None:
    joined = join_documents(
        About(), {"a": service("a", Thing=THING), "b": service("b", Thing=THING), "c": service("c", Thing=THING)}
    )
    operations = [operation for item in joined["paths"].values() for _, operation in operations_of(item)]
    ids = [operation["operationId"] for operation in operations]
    assert len(operations) == 6
    assert len(set(ids)) == 6
    for operation in operations:
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}
        assert operation["responses"]["429"] == {"$ref": "#/components/responses/Problem429"}
    listing = joined["paths"]["/api/v1/a/things"]["get"]
    assert listing["responses"]["422"] == {"$ref": "#/components/responses/Problem422"}
    assert listing["security"] == [{"oauth2": ["a.read"]}]
    assert joined["paths"]["/api/v1/a/public"]["get"]["security"] == []
    flow = joined["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    assert set(flow["scopes"]) == {"a.read", "b.read", "c.read"}


def test_the_services_own_document_is_left_as_it_was() -> None:
    original = service("a", Thing=THING)
    copy = json.loads(json.dumps(original))
    join_documents(About(), {"a": original, "b": service("b", Thing=OTHER)})
    assert original == copy


def test_every_problem_of_the_catalogue_is_an_example() -> None:
    responses = join_documents(About(), {"a": service("a", Thing=THING)})["components"]["responses"]
    shown: set[str] = set()
    for response in responses.values():
        shown |= set(response["content"]["application/problem+json"].get("examples", {}))
    assert shown == {code for code, problem in catalogue().items() if problem.kind is not ProblemKind.FAULT}


def test_methods_are_those_of_openapi() -> None:
    item = {"get": {}, "parameters": [], "summary": "x", "post": {}}
    assert [method for method, _ in operations_of(item)] == ["get", "post"]
    assert "trace" not in METHODS
