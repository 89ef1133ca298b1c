from gateway.pages.schema_view import example_of, fields_of, type_of

COMPONENTS = {
    "schemas": {
        "School": {
            "type": "object",
            "required": ["code"],
            "properties": {
                "code": {"type": "string", "pattern": "^[0-9]{10}$", "description": "学校代码"},
                "opened_on": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
                "kind": {"$ref": "#/components/schemas/Kind"},
                "sites": {"type": "array", "items": {"$ref": "#/components/schemas/Site"}},
            },
        },
        "Kind": {"type": "string", "enum": ["primary", "junior"]},
        "Site": {"type": "object", "properties": {"pupils": {"type": "integer", "minimum": 0.0}}},
        "Tree": {"type": "object", "properties": {"below": {"$ref": "#/components/schemas/Tree"}}},
    }
}
SCHOOL = {"$ref": "#/components/schemas/School"}


def test_fields_tell_depth_type_limits() -> None:
    rows = {row.name: row for row in fields_of(SCHOOL, COMPONENTS)}
    assert rows["code"].is_required
    assert rows["code"].limits == ("^[0-9]{10}$",)
    assert rows["code"].text == "学校代码"
    assert rows["opened_on"].type == "string (date) | null"
    assert not rows["opened_on"].is_required
    assert rows["kind"].limits == ("primary · junior",)
    assert rows["sites"].type == "array of Site"
    assert (rows["pupils"].depth, rows["pupils"].limits) == (1, ("≥ 0",))


def test_examples_fit_the_schema() -> None:
    assert example_of(SCHOOL, COMPONENTS) == {
        "code": "string",
        "opened_on": "2026-11-23",
        "kind": "primary",
        "sites": [{"pupils": 0}],
    }
    assert example_of({"type": "string", "examples": ["given"]}, COMPONENTS) == "given"
    assert example_of({"type": ["integer", "null"], "exclusiveMinimum": 4.0}, COMPONENTS) == 5


def test_recursive_and_dangling_schemas_end() -> None:
    tree = {"$ref": "#/components/schemas/Tree"}
    assert len(fields_of(tree, COMPONENTS)) == 4
    assert example_of(tree, COMPONENTS) is not None
    assert fields_of({"$ref": "#/components/schemas/None"}, COMPONENTS) == []
    assert type_of({}, COMPONENTS) == "any"
