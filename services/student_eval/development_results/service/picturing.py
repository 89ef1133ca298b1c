"""Pictures of organizations, and figures of schools for those who evaluate schools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.development_results import repository
from services.student_eval.development_results.pictures import distributions, withheld_groups
from services.student_eval.development_results.schemas import (
    DistributionOut,
    GroupPictureOut,
    PictureOut,
    distribution_out,
)
from services.student_eval.development_results.service.computing import WHOLE
from services.student_eval.development_results.shown import grade_words, two
from services.student_eval.schemes.mounted import SCHEMES
from shared.contracts.student_eval import ROLL_UP_SCHEMA
from shared.kernel import clock
from shared.kernel.web.organizations import code_of
from shared.kits.schemes.repository import last_version, scheme_by_code
from shared.kits.schemes.service.reading import scheme_on
from shared.policy.student_development import development_policy
from shared.scoring.scheme.roll_up import AT_LEAST_RATE, GRADE_RATE, SHARE_MEAN, TOTAL_MEAN
from shared.scoring.scheme.tree import Branch, Scheme
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel, path_level


async def picture(
    session: AsyncSession,
    *,
    org_path: str,
    school_year: str,
    semester: int,
    scheme: str,
    by: str,
    depth: int,
    actor: Actor,
) -> PictureOut:
    """Grades by dimension (``depth`` 1) or indicator (2) of everybody at or below an organization.

    Raises:
        DomainError: ``resource.not_found`` where nothing was reported, or for others' organizations;
            ``development.classes_near`` for classes of more than one school.
    """
    if by == "class_code" and path_level(org_path) is not OrgLevel.SCHOOL:
        raise DomainError("development.classes_near")
    table = await _table(session, actor, scheme)
    nodes = [node for above, node in table.nodes() if isinstance(node, Branch) and len(above) == depth - 1]
    codes = [node.code for node in nodes]
    asked: dict[str, Any] = {"org_path": org_path, "school_year": school_year, "semester": semester}
    counts = pl.DataFrame()
    if actor.covers(org_path):
        counts = await repository.counts_below(session, actor, **asked, scheme=scheme, by=by, nodes=codes)
    if counts.is_empty():
        raise DomainError("resource.not_found", params={"what": f"development {school_year}"})
    # A school knows its own pupils; whoever is above it sees no group that is too small.
    min_n = 1 if actor.level is OrgLevel.SCHOOL else development_policy().least_pupils
    words = grade_words(table)
    parts, whole = distributions(counts, nodes=codes, grades=list(words), min_n=min_n)
    listed = await repository.pupils_listed(session, actor, **asked)
    names = {node.code: two(node.name) for node in nodes}
    groups: dict[str, list[DistributionOut]] = {}
    for each in parts:
        groups.setdefault(each.group, []).append(distribution_out(each, names[each.node], words))
    return PictureOut(
        organization=code_of(org_path),
        school_year=school_year,
        semester=semester,
        scheme=scheme,
        by=by,
        min_n=min_n,
        school_count=listed.height,
        listed_pupils=listed["pupils"].sum(),
        reported_pupils=listed["reported_pupils"].sum(),
        whole=[distribution_out(each, names[each.node], words) for each in whole],
        groups=[GroupPictureOut(group=group, nodes=found) for group, found in groups.items()],
    )


async def roll_up(session: AsyncSession, *, school_year: str, scheme: str, actor: Actor) -> pl.DataFrame:
    """Figures of schools out of the last semester each has told of (``ROLL_UP_SCHEMA``), by school and key.

    Figures that a picture of the school's county withholds are left out: they would undo it.
    """
    table = await _table(session, actor, scheme)
    last = await repository.last_semesters(session, actor, school_year, scheme)
    nodes = [node.code for _, node in table.nodes() if isinstance(node, Branch)] + [WHOLE]
    parts = [pl.DataFrame(schema=ROLL_UP_SCHEMA)]
    for semester in sorted(last["semester"].unique()):
        asked: dict[str, Any] = {"org_path": actor.org, "school_year": school_year, "semester": semester}
        counts = await repository.counts_below(session, actor, **asked, scheme=scheme, by="school_code", nodes=nodes)
        listed = await repository.pupils_listed(session, actor, **asked)
        schools = last.filter(pl.col("semester") == semester).join(listed.drop("county_code"), on="school_code")
        parts.append(
            _figures(table, counts.join(_hidden(counts, schools, nodes), on=["group", "node"], how="anti"), schools)
        )
    return pl.concat(parts).sort("unit_code", "key")


def _hidden(counts: pl.DataFrame, schools: pl.DataFrame, nodes: Sequence[str]) -> pl.DataFrame:
    """``group, node`` of the figures that a picture of the school's county withholds."""
    least, rows = development_policy().least_pupils, list[tuple[str, str]]()
    for county in sorted(schools["county_code"].unique()):
        own = schools.filter(pl.col("county_code") == county)["school_code"]
        of_county = counts.filter(pl.col("group").is_in(own.implode()))
        rows += [(group, node) for node in nodes for group in withheld_groups(of_county, node=node, min_n=least)]
    return pl.DataFrame(rows, schema={"group": pl.String, "node": pl.String}, orient="row")


def _figures(table: Scheme, counts: pl.DataFrame, schools: pl.DataFrame) -> pl.DataFrame:
    """Rates of grades of the whole, and means of shares, of schools that may be shown."""
    own = counts.join(schools, left_on="group", right_on="school_code")
    size = own.group_by("group", "node").agg(pl.col("pupils").sum().alias("n"), pl.col("share_sum").sum())
    mean = 100 * pl.col("share_sum") / pl.col("n")
    is_whole = pl.col("node") == WHOLE
    key = pl.when(is_whole).then(pl.lit(TOTAL_MEAN)).otherwise(pl.format(SHARE_MEAN + ".{}", "node"))
    found = [size.select("group", key.alias("key"), mean.alias("value"), pl.col("n").alias("member_count"))]
    whole = own.filter(is_whole).join(size.filter(is_whole).select("group", "n"), on="group")
    for place, band in enumerate(table.grades):
        better = [each.grade for each in table.grades[: place + 1]]
        for name, grades in ((GRADE_RATE, [band.grade]), (AT_LEAST_RATE, better)):
            reached = pl.col("pupils").filter(pl.col("grade").is_in(grades)).sum()
            rate = whole.group_by("group").agg((reached / pl.col("n").first()).alias("value"), pl.col("n").first())
            found.append(
                rate.select(
                    "group", pl.lit(f"{name}.{band.grade}").alias("key"), "value", pl.col("n").alias("member_count")
                )
            )
    figures = pl.concat(found).join(schools, left_on="group", right_on="school_code")
    return figures.select(
        pl.col("group").alias("unit_code"),
        pl.format("{}.{}", pl.lit(table.code), "key").alias("key"),
        "value",
        "member_count",
        (pl.col("reported_pupils") / pl.col("pupils")).alias("covered_rate"),
        pl.col("semester"),
    ).cast(pl.Schema(ROLL_UP_SCHEMA))


async def _table(session: AsyncSession, actor: Actor, code: str) -> Scheme:
    """The last version of a scheme, for names and the order of grades."""
    row = await scheme_by_code(session, SCHEMES, actor, code)
    version = await last_version(session, SCHEMES, actor, row)
    if version is None:
        raise DomainError("resource.not_found", params={"what": f"version of scheme {code}"})
    return await scheme_on(version, clock.today())
