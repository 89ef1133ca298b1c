"""The plain measures of value added, in the order in which they are reported beside the model."""

from __future__ import annotations

from shared.scoring.value_added.gains import gains
from shared.scoring.value_added.growth_schools import mean_growth, median_growth
from shared.scoring.value_added.prior_groups import exact_prior_residuals, twentieth_residuals
from shared.scoring.value_added.school_measures import SchoolMeasure

SCHOOL_MEASURES = (
    SchoolMeasure("median_growth", "8.5", median_growth),
    SchoolMeasure("mean_growth", "8.5", mean_growth),
    SchoolMeasure("exact_prior_residuals", "8.7", exact_prior_residuals),
    SchoolMeasure("twentieth_residuals", "8.7", twentieth_residuals),
    SchoolMeasure("gains", "8.7", gains),
)
