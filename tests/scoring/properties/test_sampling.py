"""Draws, weights and estimates keep their promises (docs/scoring.md §8b)."""

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.scoring.sampling.allocation import bounded_shares
from shared.scoring.sampling.design import PupilSelection, SampleDesign, SchoolSelection
from shared.scoring.sampling.draws import draw_schools
from shared.scoring.sampling.estimates import estimated
from shared.scoring.sampling.estimators import mean, quantiles, regression, total
from shared.scoring.sampling.pupils import draw_pupils
from shared.scoring.sampling.replicates import ReplicateMethod
from shared.scoring.sampling.selection import brewer_step, inclusion, systematic_sample
from shared.scoring.sampling.weights import sample_weights, weight_check
from shared.scoring.sampling.zones import variance_zones
from shared.terms.errors import DomainError
from tests.scoring.properties.strategies import QUICK
from tests.scoring.sampling_builders import roster, sample, schools

SIZES = st.lists(st.integers(1, 60), min_size=2, max_size=9)


@QUICK
@given(SIZES, st.data())
def test_every_start_of_a_systematic_sample_together_gives_the_probabilities(sizes, data):
    number = data.draw(st.integers(1, len(sizes)))
    size = np.array(sizes, np.int64)
    found = inclusion(size, number)
    assert found.probability.sum() == pytest.approx(number)
    assert (found.probability > 0).all()
    assert (found.probability <= 1).all()
    starts = max(found.remaining, 1)
    samples = np.array([systematic_sample(size, found, start) for start in range(starts)])
    assert (samples.sum(axis=1) == number).all()
    # Exactly: the share of starts that hit a school is its probability, so Horvitz–Thompson totals are unbiased.
    for count, unit, certain in zip(samples.sum(axis=0), sizes, found.certain, strict=True):
        assert Fraction(int(count), starts) == (1 if certain else Fraction(found.draws * unit, found.remaining))
    outcome = np.arange(len(sizes)) ** 2 + 1
    assert np.mean(samples @ (outcome / found.probability)) == pytest.approx(outcome.sum())


@QUICK
@given(st.lists(st.integers(1, 30), min_size=3, max_size=6), st.data())
def test_all_orders_of_brewer_draws_together_give_the_probabilities(sizes, data):
    number = data.draw(st.integers(1, min(3, len(sizes) - 1)))
    found = inclusion(np.array(sizes, np.int64), number)
    others = found.probability[~found.certain]
    reached = np.zeros(len(others))

    def follow(taken, chance, left):
        if not left:
            reached[taken] += chance
            return
        step = brewer_step(others, taken, found.draws)
        for school in np.flatnonzero(step):
            next_taken = taken.copy()
            next_taken[school] = True
            follow(next_taken, chance * step[school], left - 1)

    follow(np.zeros(len(others), bool), 1.0, found.draws)
    assert reached == pytest.approx(others)


def test_two_stages_are_unbiased_over_every_possible_sample():
    size, take = np.array([2, 3, 5], np.int64), 2
    outcome = [[1, 4], [2, 2, 9], [0, 5, 5, 7, 1]]
    found = inclusion(size, 2)
    estimates = []
    for start in range(found.remaining):
        chosen = np.flatnonzero(systematic_sample(size, found, start))
        parts = []
        for school in chosen:
            within = take / len(outcome[school])
            parts.append(
                [sum(pick) / within / found.probability[school] for pick in combinations(outcome[school], take)]
            )
        estimates.append(np.mean([sum(pair) for pair in product(*parts)]))
    assert np.mean(estimates) == pytest.approx(sum(map(sum, outcome)))


@QUICK
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 4), st.integers(0, 6)), min_size=1, max_size=8), st.data())
def test_shares_add_up_inside_their_bounds(strata, data):
    weights = [Fraction(weight) for weight, _, _ in strata]
    low, high = [low for _, low, _ in strata], [low + more for _, low, more in strata]
    number = data.draw(st.integers(0, sum(high)))
    reachable = sum(most if weight else least for weight, least, most in zip(weights, low, high, strict=True))
    if not sum(low) <= number <= reachable:
        with pytest.raises(DomainError):
            bounded_shares(number, weights, low=low, high=high)
        return
    found = bounded_shares(number, weights, low=low, high=high)
    assert sum(found) == number
    assert all(least <= share <= most for share, least, most in zip(found, low, high, strict=True))
    # Where two strata stand between their bounds, the heavier one gives no less.
    free = [(w, s) for w, s, least, most in zip(weights, found, low, high, strict=True) if least < s < most]
    assert all(a[1] >= b[1] for a in free for b in free if a[0] > b[0])


@QUICK
@given(st.integers(0, 10**6), st.sampled_from(SchoolSelection), st.sampled_from(PupilSelection))
def test_full_participation_restores_the_frame(seed, selection, inside):
    counts = {f"a{number:02d}": {"1": 4 + number, "2": 4 + number} for number in range(9)}
    frame = schools(*[8 + 2 * number for number in range(9)])
    design = SampleDesign(
        4, take=2 if inside is PupilSelection.CLASSES else 5, selection=selection, pupil_selection=inside
    )
    draw = draw_schools(frame, design, seed=seed)
    taken = draw.schools.filter(role="sampled")["school_code"].to_list()
    drawn = draw_pupils(roster(**{code: counts[code] for code in taken}), design, seed=seed).pupils
    weighted = sample_weights(draw, drawn.with_columns(participation=pl.lit("participated")))
    assert weight_check(draw, weighted)["ratio"].to_list() == pytest.approx([1, 1])
    assert variance_zones(weighted)["zone"].n_unique() == 2


@st.composite
def samples(draw: st.DrawFn) -> pl.DataFrame:
    """Two to five zones with one to four pupils in each unit."""
    rows, x = [], []
    for zone in range(draw(st.integers(2, 5))):
        for unit in (0, 1):
            for _ in range(draw(st.integers(1, 4))):
                rows.append((zone, unit, draw(st.integers(1, 9)), float(draw(st.integers(0, 20)))))
                x.append(float(draw(st.integers(0, 9))))
    return sample(*rows, x=x, sex=[("g", "b")[number % 2] for number in range(len(rows))])


@QUICK
@given(samples(), st.sampled_from(ReplicateMethod), st.randoms(use_true_random=False))
def test_row_order_changes_no_bit(rows, method, random):
    order = list(range(rows.height))
    random.shuffle(order)
    for estimator in (mean(), quantiles([0.25, 0.5], width=0.5), regression(["x"])):
        left = estimated(rows, "y", estimator, by=["sex"], method=method)
        assert estimated(rows[order], "y", estimator, by=["sex"], method=method).equals(left)


@QUICK
@given(samples(), st.sampled_from(ReplicateMethod), st.sampled_from([0.25, 3.0, 1000.0]))
def test_the_scale_of_weights_changes_totals_only(rows, method, factor):
    scaled = rows.with_columns(pl.col("weight") * factor)
    for estimator, change in ((mean(), 1.0), (quantiles([0.5], width=1.0), 1.0), (total(), factor)):
        left = estimated(rows, "y", estimator, method=method)
        right = estimated(scaled, "y", estimator, method=method)
        for figure in ("estimate", "se", "ci_low", "ci_high"):
            assert right[figure][0] == pytest.approx(left[figure][0] * change, rel=1e-9, abs=1e-9)


@QUICK
@given(samples(), st.sampled_from(ReplicateMethod))
def test_moving_and_stretching_marks_moves_and_stretches_the_mean(rows, method):
    left = estimated(rows, "y", mean(), method=method).row(0, named=True)
    right = estimated(rows.with_columns(y=7 - 3 * pl.col("y")), "y", mean(), method=method).row(0, named=True)
    assert right["estimate"] == pytest.approx(7 - 3 * left["estimate"])
    assert right["se"] == pytest.approx(3 * left["se"], abs=1e-9)


@QUICK
@given(samples())
def test_groups_add_up_to_the_whole(rows):
    parts = estimated(rows, "y", total(), by=["sex"])
    assert parts["estimate"].sum() == pytest.approx(estimated(rows, "y", total())["estimate"][0])
    assert parts["n"].sum() == rows.height


@pytest.mark.parametrize("method", ReplicateMethod)
def test_intervals_cover_as_often_as_they_say(method):
    """100 seeded cities of 160 schools and a sample of each: 95 % intervals of the mean hold the truth about 95 times.

    A new city every time: one city has only some eight different systematic samples, far too few to judge by.
    """
    random = np.random.default_rng(20)
    sizes = random.integers(20, 60, 160)
    frame = schools(*sizes.tolist()).with_columns(school_code=pl.format("a{}", pl.int_range(100, 260)))
    pupils = roster(**{code: {"1": size} for code, size in frame.select("school_code", "size").iter_rows()})
    place = pupils["school_code"].str.slice(1).cast(pl.Int64).to_numpy() - 100
    design, covered, errors = SampleDesign(20, take=10, replacements=0), 0, []
    for seed in range(100):
        effect = random.normal(0, 4, 160)
        pupils = pupils.with_columns(y=60 + effect[place] + random.normal(0, 9, pupils.height))
        truth = pupils["y"].mean()
        draw = draw_schools(frame, design, seed=seed)
        drawn = draw_pupils(pupils.join(draw.schools, on="school_code", how="semi"), design, seed=seed).pupils
        weighted = sample_weights(draw, drawn.with_columns(participation=pl.lit("participated")))
        rows = variance_zones(weighted).join(pupils.select("student_id", "y"), on="student_id")
        found = estimated(rows, "y", mean(), method=method, seed=seed).row(0, named=True)
        covered += found["ci_low"] <= truth <= found["ci_high"]
        errors.append((found["estimate"] - truth, found["se"]))
    # 95 expected with sd √(100 · 0.95 · 0.05) = 2.2; the seeds are fixed.
    assert 88 <= covered <= 100
    deviation = np.sqrt(np.mean(np.square([error for error, _ in errors])))
    assert np.mean([se for _, se in errors]) == pytest.approx(deviation, rel=0.2)
