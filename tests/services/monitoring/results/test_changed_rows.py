"""Changed rows: applied to the older frame they give the newer one, and they name nothing that is the same."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from services.monitoring.results.change_list import ChangeList
from services.monitoring.results.changed_rows import changed_rows

KEYS = ["level", "school_code"]
SCHEMA = {"level": pl.String, "school_code": pl.String, "n": pl.Int64, "mean": pl.Float64, "label": pl.String}
figures = st.tuples(
    st.none() | st.integers(-5, 5),
    st.none() | st.sampled_from([0.1, 0.2, 0.1 + 0.2, 0.3]),
    st.none() | st.sampled_from("ab"),
)
keys = st.tuples(st.sampled_from(["city", "school"]), st.none() | st.sampled_from("123456"))
tables = st.dictionaries(keys, figures, max_size=8)


def frame(table: dict[tuple[str, str | None], tuple[object, ...]], order: int = 1) -> pl.DataFrame:
    rows = [(*key, *values) for key, values in table.items()]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort(KEYS, descending=order < 0)


def applied(before: pl.DataFrame, changes: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The older frame with every change made in it, one figure at a time."""
    rows = {row[:2]: dict(zip(before.columns, row, strict=True)) for row in before.iter_rows()}
    for change in changes.iter_rows(named=True):
        key = (change["level"], change["school_code"])
        if change["change"] == "removed":
            del rows[key]
            continue
        row = rows.setdefault(key, dict.fromkeys(before.columns) | dict(zip(KEYS, key, strict=True)))
        for column in change["columns"]:
            row[column] = after[change["after_row"], column]
    return pl.DataFrame(list(rows.values()), schema=SCHEMA).sort(KEYS)


@given(before=tables, after=tables, order=st.sampled_from([1, -1]))
def test_the_changes_applied_to_the_old_frame_give_the_new_one(
    before: dict[tuple[str, str | None], tuple[object, ...]],
    after: dict[tuple[str, str | None], tuple[object, ...]],
    order: int,
) -> None:
    old, new = frame(before), frame(after, order)
    changes = changed_rows(old, new, keys=KEYS)
    assert_frame_equal(applied(old, changes, new), new.sort(KEYS))
    assert changed_rows(new, new, keys=KEYS).is_empty()
    for row in changes.filter(change="changed").iter_rows(named=True):
        assert row["columns"]
        for column in SCHEMA.keys() - set(KEYS):
            differs = old[row["before_row"], column] != new[row["after_row"], column]
            assert differs == (column in row["columns"])


@given(before=tables, after=tables)
def test_the_list_says_both_values_in_every_form(
    before: dict[tuple[str, str | None], tuple[object, ...]], after: dict[tuple[str, str | None], tuple[object, ...]]
) -> None:
    old, new = frame(before), frame(after)
    listed = ChangeList(KEYS, changed_rows(old, new, keys=KEYS), old, new)
    flat = listed.figures()
    assert flat.height == listed.counts["figures"]
    rows = [
        (*item["key"].values(), item["change"], figure["column"], figure["before"], figure["after"])
        for item in listed.page(0, 100)
        for figure in item["figures"]
    ]
    assert len(rows) == flat.height
    for row, text in zip(rows, flat.iter_rows(), strict=True):
        assert row[:4] == text[:4]
        for value, written in zip(row[4:], text[4:], strict=True):
            # Text of a number reads back as the number, to the last bit.
            assert (type(value)(written) if written is not None else None) == value


@pytest.mark.parametrize("missing", ["before", "after"])
def test_a_column_only_one_version_has_is_empty_in_the_other(missing: str) -> None:
    whole = frame({("city", None): (1, 0.5, "a")})
    narrow = whole.drop("mean")
    old, new = (narrow, whole) if missing == "before" else (whole, narrow)
    changes = changed_rows(old, new, keys=KEYS)
    assert changes["columns"].to_list() == [["mean"]]
    (item,) = ChangeList(KEYS, changes, old, new).page(0, 10)
    (figure,) = item["figures"]
    assert figure[missing] is None
    assert figure["after" if missing == "before" else "before"] == 0.5
