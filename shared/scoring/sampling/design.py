"""How a sample is to be drawn: everything a draw depends on beside the frame and the seed (SCORING §8b.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

from shared.terms.errors import DomainError, Fault


class SchoolSelection(StrEnum):
    """How schools are selected with probability proportional to size."""

    SYSTEMATIC = "systematic"
    BREWER = "brewer"


class Allocation(StrEnum):
    """How the number of schools is shared out to strata."""

    PROPORTIONAL = "proportional"
    EQUAL = "equal"
    NEYMAN = "neyman"


class PupilSelection(StrEnum):
    """What is selected inside a school."""

    PUPILS = "pupils"
    CLASSES = "classes"


@dataclass(frozen=True, slots=True)
class SampleDesign:
    """A stratified two-stage design.

    Args:
        schools: number of schools to draw, over all strata.
        pupil_selection: single pupils or whole classes inside a school.
        take: pupils (or classes) to draw per school; smaller schools are taken whole.
        allocation: how schools are shared out to strata.
        min_schools: at least so many schools per stratum (fewer only where the stratum has fewer); two are needed for
            a variance inside the stratum.
        selection: systematic or Brewer's method.
        sort_by: frame columns by which schools are ordered inside a stratum (implicit stratification).
        replacements: 0, 1 or 2 replacement schools for every drawn school.

    Raises:
        DomainError: ``scoring.sample_design_invalid``, with every contradiction.
    """

    schools: int
    pupil_selection: PupilSelection = PupilSelection.PUPILS
    take: int = 30
    allocation: Allocation = Allocation.PROPORTIONAL
    min_schools: int = 2
    selection: SchoolSelection = SchoolSelection.SYSTEMATIC
    sort_by: tuple[str, ...] = ()
    replacements: int = 2

    def __post_init__(self) -> None:
        faults = tuple(_faults(self))
        if faults:
            raise DomainError("scoring.sample_design_invalid", faults=faults)

    def to_json(self) -> str:
        """The design as JSON, keys in a fixed order."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> SampleDesign:
        """Reads :meth:`to_json`."""
        fields = json.loads(text)
        return cls(
            schools=fields["schools"],
            pupil_selection=PupilSelection(fields["pupil_selection"]),
            take=fields["take"],
            allocation=Allocation(fields["allocation"]),
            min_schools=fields["min_schools"],
            selection=SchoolSelection(fields["selection"]),
            sort_by=tuple(fields["sort_by"]),
            replacements=fields["replacements"],
        )


def out_of_range(name: str, value: object, *, allowed: str) -> DomainError:
    """The refusal of one number."""
    fault = Fault("scoring.sample_number", column=name, value=str(value), allowed=allowed)
    return DomainError("scoring.sample_design_invalid", faults=[fault])


def _faults(design: SampleDesign) -> Iterator[Fault]:
    for name in ("schools", "take", "min_schools"):
        if getattr(design, name) < 1:
            yield Fault("scoring.sample_number", column=name, value=str(getattr(design, name)), allowed="≥ 1")
    if design.replacements not in (0, 1, 2):
        yield Fault("scoring.sample_number", column="replacements", value=str(design.replacements), allowed="0–2")
    if len(set(design.sort_by)) < len(design.sort_by) or {"school_code", "stratum", "size"} & set(design.sort_by):
        yield Fault("scoring.sample_sort_columns", column="sort_by", value=", ".join(design.sort_by))
