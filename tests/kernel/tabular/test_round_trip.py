"""What is written comes back equal, in every format; the readers run here without the child, to try many tables."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.kernel.tabular.columns import TableLimits
from shared.kernel.tabular.readers.dispatch import read_raw
from shared.kernel.tabular.sniffing import decide_format
from tests.kernel.tabular.tables import WRITERS

# A spreadsheet cannot hold most control characters, and a lone carriage return becomes a line feed in XML.
CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Cs"], include_characters="\n\t ,;\"'<&>")
CELLS = st.text(CHARACTERS, min_size=1, max_size=20).filter(lambda text: bool(text.strip()))
HEADERS = st.lists(st.text("abcdefgh学号分", min_size=1, max_size=6), min_size=2, max_size=5, unique=True)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    header = draw(HEADERS)
    return header, draw(st.lists(st.lists(CELLS, min_size=len(header), max_size=len(header)), min_size=1, max_size=6))


@pytest.mark.parametrize("suffix", WRITERS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables())
def test_what_is_written_is_read(suffix: str, table: tuple[list[str], list[list[str]]]) -> None:
    header, rows = table
    with tempfile.TemporaryDirectory() as folder:
        path = WRITERS[suffix](Path(folder) / f"t{suffix}", header, rows)
        request: dict[str, Any] = {
            "path": str(path),
            "format": decide_format(path, path.name).value,
            "sheet": None,
            "limits": asdict(TableLimits()),
            "text_headers": header,
        }
        raw = read_raw(request)
    assert raw.headers == header
    assert raw.findings.is_empty()
    assert [list(row) for row in raw.frame.drop("row").iter_rows()] == rows
    first = 1 if suffix == ".ndjson" else 2
    assert raw.frame.get_column("row").to_list() == list(range(first, first + len(rows)))
