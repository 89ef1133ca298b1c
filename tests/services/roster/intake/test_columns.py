"""The columns of upload files follow the row models."""

import pytest

from services.roster.app import ROUTERS
from services.roster.collections import COLLECTIONS, collection_named
from services.roster.imports.openapi import row_schema
from shared.kernel.tabular.columns import ColumnKind


def test_every_column_has_a_chinese_title_of_its_own() -> None:
    for collection in COLLECTIONS:
        titles = [title for column in collection.columns for title in column.aliases]
        assert len(titles) == len(set(titles)) == len(collection.columns), collection.name


def test_kinds_follow_types() -> None:
    columns = {column.name: column for column in collection_named("enrollments").columns}
    assert columns["grade_level"].kind is ColumnKind.INTEGER
    assert columns["student_number"].kind is ColumnKind.CODE
    assert columns["entered_on"].kind is ColumnKind.TEXT
    assert columns["student_number"].sensitive
    assert columns["school_code"].required
    assert columns["left_on"].optional
    students = {column.name: column for column in collection_named("students").columns}
    assert students["name"].kind is ColumnKind.TEXT


def test_every_collection_has_its_bulk_routes_and_a_schema() -> None:
    paths = {route.path for router in ROUTERS for route in router.routes}  # type: ignore[attr-defined]
    for collection in COLLECTIONS:
        assert {f"{collection.path}:batch", f"{collection.path}:import"} <= paths
        schema = row_schema(collection)
        assert schema["additionalProperties"] is False
        assert set(schema["properties"]) == set(collection.row.model_fields)
    with pytest.raises(KeyError):
        collection_named("nothing")
