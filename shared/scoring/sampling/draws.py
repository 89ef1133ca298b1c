"""Drawing the schools, with everything needed to repeat and to check the draw (SCORING §8b.3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.sampling.allocation import allocated_schools
from shared.scoring.sampling.design import Allocation, SampleDesign, SchoolSelection, out_of_range
from shared.scoring.sampling.frames import canonical_frame, frame_hash
from shared.scoring.sampling.selection import brewer_sample, inclusion, systematic_sample

GENERATOR = "numpy.random.PCG64"
SCHOOL_STAGE, PUPIL_STAGE, REPLICATE_STAGE = 1, 2, 3
STRATA_SCHEMA: dict[str, pl.DataType] = {
    "stratum": pl.String(),
    "schools": pl.Int64(),
    "pupils": pl.Int64(),
    "drawn": pl.Int64(),
    "spread": pl.Float64(),
    "random_numbers": pl.List(pl.Float64),
}
SCHOOL_SCHEMA: dict[str, pl.DataType] = {
    "stratum": pl.String(),
    "position": pl.Int64(),
    "school_code": pl.String(),
    "size": pl.Int64(),
    "probability": pl.Float64(),
    "is_certain": pl.Boolean(),
    "role": pl.String(),
    "replaces": pl.String(),
    "replacement_order": pl.Int64(),
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SampleDraw:
    """A draw of schools.

    Args:
        design: how it was drawn.
        seed: what the random numbers start from.
        frame_hash: fingerprint of the canonical school frame.
        strata: per stratum its schools, pupils, the number drawn, the spread where the allocation used one, and the
            random numbers used: the one start of a systematic sample, or one number per draw.
        schools: drawn schools (``role`` sampled) and their replacements, with place in the ordered stratum, size and
            inclusion probability, as in ``SCHOOL_SCHEMA``.
        generator: the random number generator.
    """

    design: SampleDesign
    seed: int
    frame_hash: str
    strata: pl.DataFrame
    schools: pl.DataFrame
    generator: str = GENERATOR

    def to_json(self) -> str:
        """The draw as JSON; equal draws give equal text."""
        return json.dumps(
            {
                "design": json.loads(self.design.to_json()),
                "seed": self.seed,
                "generator": self.generator,
                "frame_hash": self.frame_hash,
                "strata": self.strata.to_dict(as_series=False),
                "schools": self.schools.to_dict(as_series=False),
            },
            ensure_ascii=False,
            sort_keys=True,
        )

    @classmethod
    def from_json(cls, text: str) -> SampleDraw:
        """Reads :meth:`to_json`."""
        fields = json.loads(text)
        return cls(
            design=SampleDesign.from_json(json.dumps(fields["design"])),
            seed=fields["seed"],
            generator=fields["generator"],
            frame_hash=fields["frame_hash"],
            strata=pl.DataFrame(fields["strata"], schema=STRATA_SCHEMA).select(*STRATA_SCHEMA),
            schools=pl.DataFrame(fields["schools"], schema=SCHOOL_SCHEMA).select(*SCHOOL_SCHEMA),
        )


def generator(seed: int, stage: int, *, context: int = 0) -> np.random.Generator:
    """The stream of random numbers of one stage; stages of one seed do not depend on each other."""
    if seed < 0:
        raise out_of_range("seed", seed, allowed="≥ 0")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, stage, context])))


def draw_schools(
    schools: pl.DataFrame, design: SampleDesign, *, seed: int, spread: Mapping[str, float] | None = None
) -> SampleDraw:
    """Draws schools and their replacements.

    Args:
        schools: school frame, see :func:`~shared.scoring.sampling.frames.canonical_frame`; row order does not matter.
        design: the design.
        seed: ≥ 0, chosen and recorded after the frame was closed.
        spread: standard deviation of the outcome per stratum, for Neyman allocation; ignored by others.
    """
    frame = canonical_frame(schools, design)
    numbers = allocated_schools(frame, design, spread=spread)
    random = generator(seed, SCHOOL_STAGE)
    ordered = _implicit_order(frame, design)
    drawn, used = [], []
    # Strata are few; inside one everything is an array operation.
    for stratum in ordered.partition_by("stratum", maintain_order=True):
        part, random_numbers = _drawn_stratum(stratum, numbers[stratum["stratum"][0]], design=design, random=random)
        drawn.append(part)
        used.append(random_numbers)
    strata = ordered.group_by("stratum", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("schools"), pl.col("size").sum().alias("pupils")
    )
    allocation = pl.Series("drawn", [numbers[code] for code in strata["stratum"]], pl.Int64)
    known = spread if spread and design.allocation is Allocation.NEYMAN else {}
    spreads = pl.Series("spread", [known.get(code) for code in strata["stratum"]], pl.Float64)
    random_column = pl.Series("random_numbers", used, pl.List(pl.Float64))
    return SampleDraw(
        design=design,
        seed=seed,
        frame_hash=frame_hash(frame),
        strata=strata.with_columns(allocation, spreads, random_column),
        schools=with_replacements(pl.concat(drawn), design.replacements),
    )


def draw_differences(draw: SampleDraw, schools: pl.DataFrame) -> tuple[str, ...]:
    """Repeats a draw and names what differs: of ``frame_hash``, ``strata``, ``schools``; nothing means verified."""
    spread = dict(draw.strata.drop_nulls("spread").select("stratum", "spread").iter_rows())
    again = draw_schools(schools, draw.design, seed=draw.seed, spread=spread)
    same = {
        "frame_hash": again.frame_hash == draw.frame_hash,
        "strata": again.strata.equals(draw.strata),
        "schools": again.schools.equals(draw.schools),
    }
    return tuple(name for name, is_equal in same.items() if not is_equal)


def with_replacements(ordered: pl.DataFrame, replacements: int) -> pl.DataFrame:
    """Sampled schools and their replacements, from whole strata in order with ``sampled`` flags.

    The first replacement is the next school of the ordered stratum, the second the one before; a school that is sampled
    itself, or is already somebody's first replacement, is passed over, so no school is named twice.
    """
    here = ordered.with_columns(
        pl.col("school_code", "sampled").shift(1).over("stratum").name.prefix("before_"),
        pl.col("school_code", "sampled").shift(-1).over("stratum").name.prefix("after_"),
    )
    free = ~pl.col("sampled")
    sources = [
        pl.when(free & pl.col("before_sampled")).then(pl.col("before_school_code")),
        pl.when(free & pl.col("after_sampled")).then(pl.col("after_school_code")),
    ][:replacements]
    replaces = pl.coalesce(*sources) if sources else pl.lit(None, pl.String)
    side = pl.when(pl.col("replaces") == pl.col("before_school_code")).then(1).otherwise(2)
    order = side.rank("ordinal").over("replaces").cast(pl.Int64)
    named = here.with_columns(replaces.alias("replaces")).filter(pl.col("sampled") | pl.col("replaces").is_not_null())
    return named.with_columns(
        pl.when("sampled").then(pl.lit("sampled")).otherwise(pl.lit("replacement")).alias("role"),
        pl.when(pl.col("replaces").is_not_null()).then(order).alias("replacement_order"),
    ).select(pl.col(name).cast(kind) for name, kind in SCHOOL_SCHEMA.items())


def _implicit_order(frame: pl.DataFrame, design: SampleDesign) -> pl.DataFrame:
    # Sizes run up in one cell and down in the next, so that neighbors across a border are alike too.
    ordered = frame.sort("stratum", *design.sort_by, "school_code")
    cell = ["stratum", *design.sort_by]
    changed = pl.any_horizontal(pl.col(column) != pl.col(column).shift(1) for column in cell).fill_null(value=False)
    turn = pl.when(changed.cast(pl.Int64).cum_sum() % 2 == 0).then(1).otherwise(-1)
    ordered = ordered.with_columns((turn * pl.col("size")).alias("__turned"))
    ordered = ordered.sort(*cell, "__turned", "school_code").drop("__turned")
    return ordered.with_columns((pl.int_range(pl.len()).over("stratum") + 1).cast(pl.Int64).alias("position"))


def _drawn_stratum(
    stratum: pl.DataFrame, schools: int, *, design: SampleDesign, random: np.random.Generator
) -> tuple[pl.DataFrame, list[float]]:
    size = stratum["size"].to_numpy()
    found = inclusion(size, schools)
    if design.selection is SchoolSelection.SYSTEMATIC:
        start = int(random.integers(max(found.remaining, 1)))
        sampled, used = systematic_sample(size, found, start), [float(start)]
    else:
        uniform = random.random(found.draws)
        sampled, used = brewer_sample(found, uniform), uniform.tolist()
    columns = [
        pl.Series("probability", found.probability),
        pl.Series("is_certain", found.certain),
        pl.Series("sampled", sampled),
    ]
    return stratum.with_columns(columns), used
