"""Pure decisions about samples: what a design means, the frame a roster gives, which schools are active."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

import polars as pl

from shared.policy.exam_kinds import ExamProposal, exam_kinds, require_lawful
from shared.scoring.sampling.design import Allocation, PupilSelection, SampleDesign, SchoolSelection
from shared.scoring.sampling.draws import SampleDraw
from shared.terms.errors import DomainError, Fault

#: How an exam's participants come about: named in its definition, or drawn from a closed frame.
LISTED, DRAWN = "listed", "drawn"
COUNTY = "county"
ROSTER_ATTRIBUTES: Mapping[str, str] = {
    COUNTY: "county_code",
    "urban_rural": "urban_rural",
    "school_type": "school_type",
    "ownership": "ownership",
}
#: Attributes that a bureau's roster has beside those are named ``attributes.<name>``.
OWN_PREFIX = "attributes."
#: Reasons for having no row (code list ``exclusion_reasons``) by which a pupil is no part of what the sample stands for; one
#: who was ill, or absent for another reason, is, and others stand for him.
OUTSIDE_REASONS = frozenset({"transferred_out", "suspended", "exempt_by_document", "deceased", "duplicate_enrollment"})
UNKNOWN, WHOLE, JOINT = "unknown", "all", "|"
#: Where a whole-number attribute is missing: sorted first.
MISSING_NUMBER = -1


class SampleState(StrEnum):
    """States of a sample."""

    DESIGNED = "designed"
    FRAME_CLOSED = "frame_closed"
    DRAWN = "drawn"


def is_sample_kind(kind: str) -> bool:
    """Whether exams of a kind are held on a sample, so that which schools take part is itself told to nobody else."""
    known = exam_kinds().get(kind)
    return known is not None and known.sample_only


def is_drawn_sample(definition: Mapping[str, Any]) -> bool:
    """Whether the schools of an exam are drawn by this service, so that every pupil's probability is known."""
    return bool(definition.get("sampling") == DRAWN)


def sample_note(inputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a manifest says of an exam's sample; ``None`` for exams of all pupils.

    Neither seed nor frame stand in it: a manifest is read by schools, and with the seed the draw could be repeated.

    Args:
        inputs: frozen inputs of an analysis.
    """
    definition = inputs["definition"]
    if not is_sample_kind(definition["kind"]):
        return None
    if not is_drawn_sample(definition):
        return {"sampling": LISTED, "probabilities": "unknown", "standard_errors": None, "population_tables": []}
    return {
        "sampling": DRAWN,
        "probabilities": "known",
        "standard_errors": "jk2_full",
        "population_tables": ["sample_estimates", "sample_domains", "sample_weight_check"],
    }


def sample_design(body: Mapping[str, Any]) -> SampleDesign:
    """The design a stored body means.

    Raises:
        DomainError: ``scoring.sample_design_invalid`` with every contradiction, also of strata and spreads.
    """
    faults = list(_faults(body))
    design = None
    try:
        design = SampleDesign(
            schools=body["schools"],
            pupil_selection=PupilSelection(body["pupil_selection"]),
            take=body["take"],
            allocation=Allocation(body["allocation"]),
            min_schools=body["min_schools"],
            selection=SchoolSelection(body["selection"]),
            sort_by=tuple(body["sort_by"]),
            replacements=body["replacements"],
        )
    except DomainError as error:
        faults += error.faults
    if faults or design is None:
        pointed = [_pointed(fault) for fault in faults]
        raise DomainError("scoring.sample_design_invalid", faults=pointed)
    return design


def _faults(body: Mapping[str, Any]) -> Iterator[Fault]:
    for field in ("strata", "sort_by"):
        for name in body[field]:
            own = name.removeprefix(OWN_PREFIX)
            if name not in ROSTER_ATTRIBUTES and (own == name or not own):
                allowed = f"{', '.join(ROSTER_ATTRIBUTES)}, {OWN_PREFIX}…"
                yield Fault("sample.attribute_not_known", column=field, value=name[:60], allowed=allowed)
    if len(set(body["strata"])) < len(body["strata"]):
        yield Fault("sample.strata_twice", column="strata", value=", ".join(body["strata"]))
    both = sorted(set(body["strata"]) & set(body["sort_by"]))
    if both:
        yield Fault("sample.sorted_by_stratum", column="sort_by", value=", ".join(both))
    is_neyman = body["allocation"] == Allocation.NEYMAN
    if is_neyman != (body["spread"] is not None):
        yield Fault("sample.spread_missing" if is_neyman else "sample.spread_unneeded", column="spread")
    for stratum, spread in (body["spread"] or {}).items():
        if spread < 0:
            yield Fault("scoring.sample_number", column=f"spread/{stratum}", value=str(spread), allowed="≥ 0")
    if body["schools"] >= 1 and body["min_schools"] > body["schools"]:
        value, allowed = str(body["min_schools"]), f"≤ {body['schools']}"
        yield Fault("scoring.sample_number", column="min_schools", value=value, allowed=allowed)


def _pointed(fault: Fault) -> Fault:
    return Fault(fault.code, pointer=f"/{fault.column}", value=fault.value, allowed=fault.allowed)


def school_frame(listed: pl.DataFrame, body: Mapping[str, Any]) -> pl.DataFrame:
    """The frame a design draws from.

    Args:
        listed: schools with pupils of the grade: ``school_code, county_code, name_zh, size, class_count``, the roster's
            attributes, and its own ones as ``attributes.<name>``; text, or whole numbers.
        body: the design.

    Returns:
        ``school_code, county_code, name_zh, stratum, size, class_count``, and the strata's and sort columns under the names
        the design gives them, by school code.

    Raises:
        DomainError: ``scoring.sample_frame_empty``; ``scoring.sample_frame_invalid`` for attributes no school has.
    """
    if listed.is_empty():
        raise DomainError("scoring.sample_frame_empty")
    columns = {name: ROSTER_ATTRIBUTES.get(name, name) for name in [*body["strata"], *body["sort_by"]]}
    known = {column for column in listed.columns if listed[column].null_count() < listed.height}
    faults = [Fault("sample.attribute_absent", column=name) for name, column in columns.items() if column not in known]
    if faults:
        raise DomainError("scoring.sample_frame_invalid", params={"count": len(faults)}, faults=faults)
    frame = listed.with_columns(_value(listed.schema[column], column).alias(name) for name, column in columns.items())
    joint = pl.concat_str([pl.col(name).cast(pl.String) for name in body["strata"]], separator=JOINT)
    stratum = joint if body["strata"] else pl.lit(WHOLE)
    kept = ["school_code", "county_code", "name_zh", "stratum", "size", "class_count", *columns]
    return frame.with_columns(stratum.alias("stratum")).select(kept).sort("school_code")


def _value(dtype: pl.DataType, column: str) -> pl.Expr:
    if dtype.is_integer():
        return pl.col(column).fill_null(MISSING_NUMBER)
    return pl.col(column).cast(pl.String).fill_null(UNKNOWN)


def active_schools(draw: SampleDraw, replaced: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Schools that are to take part: those sampled, each replacement in the place of the school it stands for."""
    active = set(draw.schools.filter(pl.col("role") == "sampled")["school_code"])
    for entry in replaced:
        active.discard(entry["school_code"])
        active.add(entry["replacement"])
    return tuple(sorted(active))


def next_replacement(draw: SampleDraw, replaced: Sequence[Mapping[str, Any]], school_code: str) -> str:
    """The school that takes the place of an active one.

    Raises:
        DomainError: ``sample.school_not_active``; ``sample.no_replacement_left``.
    """
    if school_code not in active_schools(draw, replaced):
        raise DomainError("sample.school_not_active", params={"school_code": school_code})
    row = draw.schools.row(by_predicate=pl.col("school_code") == school_code, named=True)
    sampled = row["replaces"] or school_code
    used = {entry["replacement"] for entry in replaced}
    named = draw.schools.filter(pl.col("replaces") == sampled).sort("replacement_order")["school_code"].to_list()
    left = [code for code in named if code not in used]
    if not left:
        raise DomainError("sample.no_replacement_left", params={"school_code": school_code})
    return str(left[0])


def require_sample(
    *, kind: str, grade_level: int, approval_document: str | None, schools: int, pupils: int, population: int
) -> None:
    """A draw that takes everybody is a census under another name, and refused as the law refuses one.

    Raises:
        DomainError: ``exam.must_be_sample`` with its rule, unless a document approves it.
    """
    proposal = ExamProposal(
        kind=kind,
        grade_level=grade_level,
        is_sample=pupils < population,
        school_count=schools,
        approval_document=approval_document,
    )
    require_lawful(proposal)
