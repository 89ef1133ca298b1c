"""Every table of a result set in one place: its key, its method, whom its rows describe and who is shown them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.scoring.levels import KEY_COLUMNS
from shared.scoring.methods import (
    AGREEMENT,
    BAD_KEYS,
    CLASS_EFFECTS,
    COMPOSITION_CHECK,
    COPIED_ANSWERS,
    CUT_LINES,
    DISTRIBUTION,
    EFFECTIVE_MARKS,
    FRAME_METHODS,
    GAIN,
    GRADE_CONVERSION,
    GROWTH_PERCENTILE,
    ITEM_ATTAINMENT,
    ITEM_CORRELATION,
    ITEM_DIFFICULTY,
    ITEM_DISCRIMINATION,
    ITEM_OPTIONS,
    ITEM_RELIABILITY,
    PRIOR_GROUP_RESIDUAL,
    PROGRESS,
    SAMPLE_ESTIMATES,
    SAMPLE_WEIGHTS,
    STANDING,
    SUBJECT_BALANCE,
    Method,
)
from shared.scoring.sampling.exam_estimates import CHECK_KEYS, DOMAINS_KEYS, ESTIMATES_KEYS
from shared.scoring.schemas import SORT_KEYS
from shared.terms.organization import OrgLevel


class Audience(StrEnum):
    """Who is shown a table at all; which rows of it is the policy's decision (shared/policy/visibility.yaml)."""

    EVERYONE = "everyone"
    """Whoever may read results."""
    TEACHING = "teaching"
    """Those who judge a paper or teach by it (``answer_options`` of the policy)."""
    OFFICES = "offices"
    """County, city and province, not schools."""
    OWN_CANDIDATES = "own_candidates"
    """A school's own people: rows name candidates, every reading is noted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultTable:
    """One table.

    Args:
        name: name of the frame, snake_case; addresses use it in kebab-case.
        keys: key of a row: unique, and the order of rows.
        methods: methods of its figures; where there are several, each row names its own in ``method``.
        top_down: key column that runs from the highest value down.
        nulls_last: key columns whose nulls come last.
        level: whom its rows describe, where there is no column ``level``.
        rows_tell: whether the mere presence of a row tells a mark: small groups lose the row, not only its figures.
        is_plain: whether its figures stand plainly, being cells of one distribution.
        positions: key columns that are positions, not names to filter by.
        family: columns that make separate tables in a frame of schools; the figures of one family add up over its schools.
        of_schools: whether its figures are of all schools of a family together: few schools would tell about one another.
        describing: columns that say what a row holds and stay when its figures are withheld, beside the keys.
        not_towards_schools: levels whose rows are never shown to a school.
        census_levels: levels whose rows speak of a population only where all of it was examined. Of a drawn sample they
            are not shown to anybody: unequal chances of being drawn make a plain mean of those tested a mean of nobody, and
            the weighted tables stand in their place. Schools keep their rows as figures of their tested pupils.
        audience: who is shown it at all.
        also_by: columns beside the keys that can be filtered by.
        of_items: whether it rests on item sheets, which fewer schools may have sent than mark sheets.
        is_divided: whether it is kept as one file for every value of its first key: large tables, whose other files stay as
            they are when the marks of one subject are corrected.
        relative: columns that are relative to the city: withheld wherever the city's own figures are, and of a drawn sample.
    """

    name: str
    keys: tuple[str, ...]
    methods: tuple[Method, ...]
    top_down: str | None = None
    nulls_last: frozenset[str] = frozenset()
    level: OrgLevel | None = None
    rows_tell: bool = False
    is_plain: bool = False
    positions: frozenset[str] = frozenset()
    family: tuple[str, ...] = ()
    of_schools: bool = False
    describing: frozenset[str] = frozenset()
    not_towards_schools: frozenset[OrgLevel] = frozenset()
    census_levels: frozenset[OrgLevel] = frozenset()
    audience: Audience = Audience.EVERYONE
    also_by: tuple[str, ...] = ()
    of_items: bool = False
    is_divided: bool = False
    relative: frozenset[str] = frozenset()

    @property
    def divided_by(self) -> str | None:
        """The key column whose every value has a file of its own, if the table is divided."""
        return self.keys[0] if self.is_divided else None

    @property
    def method(self) -> Method:
        """The method of the table, or of its first figures."""
        return self.methods[0]

    @property
    def address(self) -> str:
        """Its name in addresses."""
        return self.name.replace("_", "-")

    @property
    def filters(self) -> tuple[str, ...]:
        """Columns that can be filtered by."""
        return (*(key for key in self.keys if key not in self.positions), *self.also_by)


_SCHOOL, _CITY = OrgLevel.SCHOOL, OrgLevel.CITY
_ABOVE = frozenset({OrgLevel.CITY, OrgLevel.COUNTY})
_MODEL = frozenset({"scale", "fit_method", "compositional", "intakes", "term", "method", "method_version"})


def _marks(name: str, **settings: object) -> ResultTable:
    return ResultTable(name=name, keys=SORT_KEYS[name], methods=(FRAME_METHODS[name],), **settings)  # type: ignore[arg-type]


_MARKS = (
    _marks("summary", census_levels=_ABOVE, is_divided=True),
    _marks(
        "cumulative",
        is_divided=True,
        rows_tell=True,
        is_plain=True,
        top_down="mark",
        positions=frozenset({"mark"}),
        census_levels=_ABOVE,
    ),
    _marks(
        "bands",
        is_divided=True,
        rows_tell=True,
        is_plain=True,
        top_down="band_low",
        positions=frozenset({"band_low"}),
        census_levels=_ABOVE,
    ),
    _marks(
        "standings",
        is_divided=True,
        is_plain=True,
        level=_SCHOOL,
        positions=frozenset({"candidate_id"}),
        audience=Audience.OWN_CANDIDATES,
    ),
    _marks("value_added_models", is_plain=True, level=_CITY, describing=_MODEL, family=("model",), of_schools=True),
    _marks(
        "value_added_coefficients",
        level=_CITY,
        describing=_MODEL,
        positions=frozenset({"position"}),
        family=("model",),
        of_schools=True,
    ),
    _marks("value_added_schools", level=_SCHOOL, family=("model",)),
    _marks("companions", level=_SCHOOL, family=("model", "measure", "intake")),
    _marks(
        "transitions",
        is_divided=True,
        rows_tell=True,
        is_plain=True,
        positions=frozenset({"intake_tenth", "outcome_tenth"}),
        family=("model", "intake"),
        census_levels=_ABOVE,
    ),
    _marks("comparison", level=_SCHOOL, family=("metric", "subject", "model")),
    _marks("funnel", level=_SCHOOL, family=("metric", "subject", "model")),
)

_GROUP = ("level", *KEY_COLUMNS)
_CANDIDATE = ("county_code", "school_code", "candidate_id")
_LINE = frozenset({"line_mark", "effective_mark", "method", "headcount"})
#: Towards a school: itself and the city. A county of two schools would tell one the other (H5).
_BETWEEN = frozenset({OrgLevel.COUNTY})


def _named(name: str, method: Method, *more: str) -> ResultTable:
    """A table that names candidates."""
    return ResultTable(
        name=name,
        keys=(*_CANDIDATE, *more),
        methods=(method,),
        is_plain=True,
        level=_SCHOOL,
        positions=frozenset({"candidate_id"}),
        audience=Audience.OWN_CANDIDATES,
    )


_GROWTH = (
    ResultTable(
        name="school_measures",
        keys=("relation", "measure", "county_code", "school_code"),
        methods=(PRIOR_GROUP_RESIDUAL, GROWTH_PERCENTILE, GAIN),
        level=_SCHOOL,
        family=("relation", "measure"),
    ),
    ResultTable(
        name="method_agreement", keys=("model", "method", "other"), methods=(AGREEMENT,), level=_CITY, is_plain=True,
        audience=Audience.OFFICES,
    ),
    ResultTable(
        name="school_labels", keys=("model", "county_code", "school_code"), methods=(AGREEMENT,), level=_SCHOOL,
        family=("model",),
    ),
    # Towards schools it would set teachers side by side: who taught a class is known there.
    ResultTable(
        name="value_added_classes", keys=("model", *KEY_COLUMNS), methods=(CLASS_EFFECTS,), level=OrgLevel.CLASS,
        family=("model",), audience=Audience.OFFICES,
    ),
    ResultTable(
        name="composition", keys=("model", "attribute"), methods=(COMPOSITION_CHECK,), level=_CITY, is_plain=True,
        audience=Audience.OFFICES,
    ),
)  # fmt: skip
_TRACKS = (
    ResultTable(
        name="conversion_grades", keys=("subject", "grade"), methods=(GRADE_CONVERSION,), level=_CITY, is_plain=True
    ),
    ResultTable(
        name="conversion_marks",
        keys=("subject", "mark"),
        methods=(GRADE_CONVERSION,),
        level=_CITY,
        is_plain=True,
        top_down="mark",
        positions=frozenset({"mark"}),
    ),
    ResultTable(
        name="track_summary", keys=("track", *_GROUP, "subject"), methods=(DISTRIBUTION,), census_levels=_ABOVE
    ),
    _named("track_standings", STANDING, "subject"),
)
_LINES = (
    ResultTable(name="cut_lines", keys=("track", "line"), methods=(CUT_LINES,), level=_CITY, is_plain=True),
    ResultTable(
        name="online_rates",
        keys=("track", "line", *_GROUP),
        methods=(CUT_LINES,),
        describing=_LINE,
        not_towards_schools=_BETWEEN,
    ),
    ResultTable(
        name="effective_marks",
        keys=("track", "line", "subject"),
        methods=(EFFECTIVE_MARKS,),
        level=_CITY,
        is_plain=True,
    ),
    ResultTable(
        name="quadrants",
        keys=("track", "line", "subject", *_GROUP),
        methods=(EFFECTIVE_MARKS,),
        describing=_LINE,
        not_towards_schools=_BETWEEN,
    ),
    ResultTable(
        name="undergraduate_rates",
        keys=("category", *_GROUP),
        methods=(CUT_LINES,),
        describing=frozenset({"definition", "definition_verified"}),
        audience=Audience.OFFICES,
    ),
    _named("borderline", CUT_LINES, "track", "line"),
)
_PUPILS = (
    ResultTable(name="subject_balance", keys=(*_GROUP, "subject"), methods=(SUBJECT_BALANCE,), census_levels=_ABOVE),
    _named("candidate_balance", SUBJECT_BALANCE),
    ResultTable(name="progress", keys=(*_GROUP, "subject", "measure"), methods=(PROGRESS,), census_levels=_ABOVE),
    _named("candidate_progress", PROGRESS, "subject"),
)

_OF_ITEM = frozenset({"item", "full_mark", "is_dichotomous", "is_key", "method", "method_version", "item_count"})


def _item(name: str, keys: tuple[str, ...], *methods: Method, **settings: object) -> ResultTable:
    """A table of the items of one paper over the whole area."""
    return ResultTable(
        name=name,
        keys=("subject", *keys),
        methods=methods,
        level=_CITY,
        positions=frozenset({"position", "band"}),
        describing=_OF_ITEM,
        of_items=True,
        **settings,  # type: ignore[arg-type]
    )


_ITEMS = (
    _item(
        "item_measures",
        ("position", "measure"),
        ITEM_DIFFICULTY,
        ITEM_DISCRIMINATION,
        ITEM_CORRELATION,
        ITEM_RELIABILITY,
        also_by=("item",),
    ),
    _item("paper_measures", ("measure",), ITEM_DIFFICULTY, ITEM_RELIABILITY),
    _item(
        "option_bands",
        ("position", "option", "band"),
        ITEM_OPTIONS,
        is_plain=True,
        nulls_last=frozenset({"option"}),
        also_by=("item",),
        audience=Audience.TEACHING,
    ),
    _item(
        "option_flags",
        ("position", "option"),
        ITEM_OPTIONS,
        nulls_last=frozenset({"option"}),
        also_by=("item",),
        audience=Audience.TEACHING,
    ),
    ResultTable(
        name="item_attainment",
        keys=("subject", *_GROUP, "position"),
        methods=(ITEM_ATTAINMENT,),
        is_divided=True,
        positions=frozenset({"position"}),
        describing=frozenset({"aspect", "aspect_code"}),
        also_by=("aspect", "aspect_code"),
        census_levels=_ABOVE,
        of_items=True,
        relative=frozenset({"reference_attainment", "gap", "gap_se", "gap_ci_low", "gap_ci_high"}),
    ),
    ResultTable(
        name="item_anomalies",
        keys=("subject", "kind", *KEY_COLUMNS, "position"),
        methods=(BAD_KEYS, COPIED_ANSWERS),
        is_plain=True,
        positions=frozenset({"position"}),
        also_by=("item",),
        audience=Audience.OFFICES,
    ),
    ResultTable(
        name="identical_answers",
        keys=("county_code", "school_code", "subject", "candidate_id", "other_candidate_id"),
        methods=(COPIED_ANSWERS,),
        is_plain=True,
        level=_SCHOOL,
        positions=frozenset({"candidate_id", "other_candidate_id"}),
        audience=Audience.OWN_CANDIDATES,
    ),
)

_SAMPLES = (
    ResultTable(
        name="sample_estimates",
        keys=ESTIMATES_KEYS,
        methods=(SAMPLE_ESTIMATES,),
        # Towards a school the city only, under the rule of remainders; its county could be two schools.
        not_towards_schools=frozenset({OrgLevel.COUNTY}),
    ),
    ResultTable(name="sample_domains", keys=DOMAINS_KEYS, methods=(SAMPLE_ESTIMATES,), audience=Audience.OFFICES),
    ResultTable(name="sample_weight_check", keys=CHECK_KEYS, methods=(SAMPLE_WEIGHTS,), audience=Audience.OFFICES),
)

_TABLES = (*_MARKS, *_GROWTH, *_PUPILS, *_TRACKS, *_LINES, *_ITEMS, *_SAMPLES)
TABLES: Mapping[str, ResultTable] = {table.name: table for table in _TABLES}
"""Every table by the name of its frame."""
BY_ADDRESS: Mapping[str, ResultTable] = {
    table.address: table for table in _TABLES if table.audience is not Audience.OWN_CANDIDATES
}
"""Tables that are read at ``/results/{table}``."""
OF_CANDIDATES: Mapping[str, ResultTable] = {
    table.address: table for table in _TABLES if table.audience is Audience.OWN_CANDIDATES
}
"""Tables that name candidates, read at ``/results/candidates/{table}`` by their own school, every reading noted."""
