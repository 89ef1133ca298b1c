"""Drawing pupils, or whole classes, inside the schools that take part (SCORING §8b.4)."""

from __future__ import annotations

import json
from dataclasses import dataclass

import polars as pl

from shared.scoring.sampling.design import PupilSelection, SampleDesign
from shared.scoring.sampling.draws import GENERATOR, PUPIL_STAGE, generator
from shared.scoring.sampling.frames import canonical_roster, frame_hash

PUPIL_SCHEMA = {
    "school_code": pl.String,
    "class_code": pl.String,
    "student_id": pl.String,
    "pupil_probability": pl.Float64,
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PupilDraw:
    """A draw inside schools.

    Args:
        design: how it was drawn.
        seed: what the random numbers start from.
        roster_hash: fingerprint of the canonical roster.
        pupils: the pupils drawn and their inclusion probabilities, given that their school was drawn.
        generator: the random number generator.
    """

    design: SampleDesign
    seed: int
    roster_hash: str
    pupils: pl.DataFrame
    generator: str = GENERATOR

    def to_json(self) -> str:
        """The draw as JSON; equal draws give equal text."""
        return json.dumps(
            {
                "design": json.loads(self.design.to_json()),
                "seed": self.seed,
                "generator": self.generator,
                "roster_hash": self.roster_hash,
                "pupils": self.pupils.to_dict(as_series=False),
            },
            ensure_ascii=False,
            sort_keys=True,
        )

    @classmethod
    def from_json(cls, text: str) -> PupilDraw:
        """Reads :meth:`to_json`."""
        fields = json.loads(text)
        return cls(
            design=SampleDesign.from_json(json.dumps(fields["design"])),
            seed=fields["seed"],
            generator=fields["generator"],
            roster_hash=fields["roster_hash"],
            pupils=pl.DataFrame(fields["pupils"], schema=PUPIL_SCHEMA).select(*PUPIL_SCHEMA),
        )


def draw_pupils(roster: pl.DataFrame, design: SampleDesign, *, seed: int) -> PupilDraw:
    """Simple random sample of ``design.take`` pupils or classes in every school of a roster.

    A school with no more than ``take`` is taken whole. The stream of random numbers follows from the seed and the
    roster's fingerprint, so that rosters that come later (of replacement schools) do not reuse one another's numbers.

    Args:
        roster: ``school_code, class_code, student_id`` of all pupils of the grade; row order does not matter.
        design: the design.
        seed: ≥ 0, chosen and recorded after the roster was closed.
    """
    ordered = canonical_roster(roster)
    fingerprint = frame_hash(ordered)
    by_class = design.pupil_selection is PupilSelection.CLASSES
    unit = ["school_code", "class_code"] if by_class else ["school_code", "student_id"]
    units = ordered.select(unit).unique().sort(unit)
    numbers = generator(seed, PUPIL_STAGE, context=int(fingerprint, 16)).random(units.height)
    chosen = (
        units.with_columns(pl.Series("__number", numbers))
        .with_columns(
            pl.col("__number").rank("ordinal").over("school_code").alias("__place"),
            (design.take / pl.len().over("school_code").clip(lower_bound=design.take)).alias("pupil_probability"),
        )
        .filter(pl.col("__place") <= design.take)
    )
    pupils = ordered.join(chosen, on=unit, how="inner").sort("school_code", "student_id").select(*PUPIL_SCHEMA)
    return PupilDraw(design=design, seed=seed, roster_hash=fingerprint, pupils=pupils)
