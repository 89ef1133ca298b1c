"""What is true of a city: effects, item parameters, anomalies. Kept apart from what the platform gets to see."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from tools.synthetic_city.anomalies import COPIED_RATE, INFLATION_SHARE, LIFTED_FROM, NOWHERE, PASS_SHARE
from tools.synthetic_city.city import City
from tools.synthetic_city.items import OPTIONS


def school_effects(city: City) -> pl.DataFrame:
    """True effects in marks, one row per later exam, subject and school.

    Returns:
        ``exam, subject, school_code, effect`` (u), ``class_effect_mean`` (mean class effect over its pupils) and
        ``realized_effect`` (their sum: what a school did to its pupils by whichever teacher).
    """
    owner = city.classes["school"].to_numpy()
    size = city.classes["n"].to_numpy().astype(np.float64)
    total = np.bincount(owner, weights=size)
    parts = []
    for index, exam in enumerate(city.settings.exams[1:], start=1):
        for position, subject in enumerate(city.settings.subjects):
            full = float(subject.full_mark)
            effect = full * city.effects.schools[index, position]
            classes = full * np.bincount(owner, weights=size * city.effects.classes[index, position]) / total
            parts.append(
                city.schools.select(
                    pl.lit(exam.code).alias("exam"),
                    pl.lit(subject.code).alias("subject"),
                    "school_code",
                    pl.Series("effect", effect),
                    pl.Series("class_effect_mean", classes),
                    pl.Series("realized_effect", effect + classes),
                )
            )
    return pl.concat(parts)


def anomalies(city: City) -> list[dict[str, Any]]:
    """Planted anomalies of the last exam, each with its kind, place and size."""
    planted, exam = city.planted, city.settings.exams[-1].code
    if planted.copied_class == NOWHERE:
        return []
    item, place = city.items[planted.bad_key_item], city.classes.row(planted.copied_class, named=True)
    codes = city.schools["school_code"]
    key, right = item.key, item.right_option
    return [
        {
            "kind": "bad_key",
            "exam": exam,
            "item": item.code,
            "key": None if key is None else OPTIONS[key],
            "right_option": None if right is None else OPTIONS[right],
        },
        {
            "kind": "copied_answers",
            "exam": exam,
            "school_code": codes[place["school"]],
            "class_code": place["class_code"],
            "copied_rate": COPIED_RATE,
            **_copiers(city),
        },
        {
            "kind": "mark_inflation",
            "exam": exam,
            "school_code": codes[planted.inflated_school],
            "subject": planted.inflated_subject,
            "raised_by_share": INFLATION_SHARE,
        },
        {
            "kind": "pass_line_heaping",
            "exam": exam,
            "school_code": codes[planted.heaped_school],
            "subject": planted.heaped_subject,
            "lifted_from_share": float(LIFTED_FROM),
            "to_share": float(PASS_SHARE),
        },
    ]


def parameters(city: City) -> dict[str, Any]:
    """Seed, generator version, all settings, and the model's parameters in marks per subject."""
    model = city.settings.marks
    in_marks = {
        subject.code: {
            "slope": model.slope,
            "tau": model.school_sd * float(subject.full_mark),
            "kappa": model.class_sd * float(subject.full_mark),
            "sigma": model.residual_sd * float(subject.full_mark),
        }
        for subject in city.settings.subjects
    }
    return {**city.settings.as_json(), "in_marks": in_marks}


def _copiers(city: City) -> dict[str, Any]:
    chunk = city.school_chunk(city.classes["school"][city.planted.copied_class])
    rows, copied = chunk.copying()
    if copied is None:
        return {"source": None, "copiers": []}
    place = chunk.pupils.place[rows] + len(city.settings.exams) * 10**8
    source, copiers = copied
    return {"source": str(place[source]), "copiers": [str(code) for code in place[copiers]]}
