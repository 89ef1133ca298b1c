"""Items of papers: quality, options, attainment, and what should be looked into (SCORING §7, §7b), subject by subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import polars as pl

from services.monitoring.analyses.parts.base import Frames, Inputs, Part, Source, Task
from services.monitoring.intake.sheets import CANDIDATE
from services.monitoring.item_sheets.marks import with_marks
from services.monitoring.papers.rules import item_plan
from shared.scoring.anomalies.bad_keys import bad_keys
from shared.scoring.anomalies.copied_answers import copied_answers, identical_pairs, stored_wrong_answers
from shared.scoring.items.analysis import finish_items
from shared.scoring.items.frame import OPTION_SUFFIX
from shared.scoring.items.plan import ItemPlan
from shared.scoring.items.stored import gather_stored_items
from shared.scoring.levels import KEY_COLUMNS
from shared.scoring.methods import BAD_KEYS, COPIED_ANSWERS, SUPPRESSION
from shared.terms.organization import OrgLevel

_ANALYSIS = ("item_measures", "paper_measures", "option_bands", "option_flags", "item_attainment")
_TEXT, _NUMBER, _WHOLE = pl.String(), pl.Float64(), pl.Int64()
#: Reasons to look, of two kinds: an item whose key is in doubt, and a class whose wrong answers agree.
_ANOMALIES: Mapping[str, pl.DataType] = {
    "subject": _TEXT,
    "kind": _TEXT,
    "level": _TEXT,
    **dict.fromkeys(KEY_COLUMNS, _TEXT),
    "position": _WHOLE,
    "item": _TEXT,
    "statistic": _NUMBER,
    "p_value": _NUMBER,
    "threshold": _NUMBER,
    "key": _TEXT,
    "best_option": _TEXT,
    "key_rest_correlation": _NUMBER,
    "best_rest_correlation": _NUMBER,
    "outdraws_key_at_top": pl.Boolean(),
    "identical_pairs": _WHOLE,
    "expected_pairs": _NUMBER,
    "method": _TEXT,
    "method_version": _TEXT,
}
_PAIRS: Mapping[str, pl.DataType] = {
    **dict.fromkeys(("county_code", "school_code", "class_code", "subject", CANDIDATE, "other_candidate_id"), _TEXT),
    "identical_wrong": _WHOLE,
    "both_wrong": _WHOLE,
    "statistic": _NUMBER,
}
ANOMALY_KEYS = ("subject", "kind", *KEY_COLUMNS, "position")
PAIR_KEYS = ("county_code", "school_code", "subject", CANDIDATE, "other_candidate_id")


def _tasks(inputs: Inputs) -> Iterator[Task]:
    for paper in inputs.get("papers", ()):
        needs = {"paper": paper, "min_n": inputs["definition"]["min_n"]}
        compute = partial(_compute, paper=paper)
        yield Task(f"items:{paper['subject']}", needs, compute, methods=(SUPPRESSION.id,))


def _compute(source: Source, *, paper: Mapping[str, Any]) -> Frames:
    subject, content = paper["subject"], paper["content"]
    plan = item_plan(subject, content, min_n=source.inputs["definition"]["min_n"])
    sheets = source.rows([sheet["sha256"] for sheet in paper["sheets"]])
    rows = with_marks(sheets.lazy(), content, plan).collect()
    frames = finish_items(gather_stored_items(rows.lazy(), plan)).frames()
    source.report(0.7, f"items {subject}")
    doubtful = bad_keys(frames["option_flags"]).filter("is_flagged")
    classes, pairs = _copied(rows, plan, leave_out=doubtful["item"].to_list())
    anomalies = pl.concat([_of_keys(doubtful, plan), _of_classes(classes, plan)]).sort(ANOMALY_KEYS)
    return {
        **{name: frames[name] for name in _ANALYSIS},
        "item_anomalies": anomalies,
        "identical_answers": _shaped(pairs, plan, _PAIRS).sort(PAIR_KEYS),
    }


def _copied(rows: pl.DataFrame, plan: ItemPlan, *, leave_out: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Classes whose wrong answers agree, and their pairs of candidates; items with a doubtful key are left out."""
    items = [item for _, item in plan.choice_items if item.code not in leave_out]
    if not items:
        return pl.DataFrame(), pl.DataFrame()
    counts = stored_wrong_answers(rows, items)
    flagged = copied_answers(counts).filter("is_flagged")
    if flagged.is_empty():
        return flagged, pl.DataFrame()
    members = rows.join(flagged.select(KEY_COLUMNS), on=KEY_COLUMNS, how="semi")
    answers = [
        pl.col(item.code + OPTION_SUFFIX).replace_strict(
            list(range(len(item.options))), list(item.options), default=None, return_dtype=pl.String
        )
        for item in items
    ]
    keys = {item.code: str(item.key) for item in items}
    named = members.select(*KEY_COLUMNS, CANDIDATE, *answers)
    return flagged, identical_pairs(named, keys, counts=counts, flagged=flagged)


def _of_keys(doubtful: pl.DataFrame, plan: ItemPlan) -> pl.DataFrame:
    places = pl.DataFrame({"item": plan.codes, "position": range(1, len(plan.codes) + 1)})
    named = doubtful.join(places, on="item", how="left").with_columns(
        pl.lit("bad_key").alias("kind"),
        pl.lit(OrgLevel.CITY.value).alias("level"),
        pl.lit(BAD_KEYS.id).alias("method"),
        pl.lit(BAD_KEYS.version).alias("method_version"),
    )
    return _shaped(named, plan, _ANOMALIES)


def _of_classes(flagged: pl.DataFrame, plan: ItemPlan) -> pl.DataFrame:
    named = flagged.with_columns(
        pl.lit("copied_answers").alias("kind"),
        pl.lit(OrgLevel.CLASS.value).alias("level"),
        pl.lit(COPIED_ANSWERS.id).alias("method"),
        pl.lit(COPIED_ANSWERS.version).alias("method_version"),
    )
    return _shaped(named, plan, _ANOMALIES)


def _shaped(frame: pl.DataFrame, plan: ItemPlan, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The columns of a schema; those a kind does not have are null."""
    if frame.is_empty():
        return pl.DataFrame(schema=schema)
    whole = frame.with_columns(pl.lit(plan.subject).alias("subject"))
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in whole.columns]
    return whole.with_columns(missing).select(pl.col(name).cast(dtype) for name, dtype in schema.items())


PART = Part("items", (*_ANALYSIS, "item_anomalies", "identical_answers"), _tasks)
