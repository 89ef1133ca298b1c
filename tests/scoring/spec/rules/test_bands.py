"""``bands`` (SCORING §10.1)."""

from decimal import Decimal

from tests.scoring.rule_builders import fault_paths, rule, shares

STEPS = [{"from": 0.95, "share": 1}, {"from": 0.9, "share": 0.8}, {"from": 0.85, "share": 0.6}]


def test_the_best_band_met_counts_and_a_boundary_belongs_to_its_band() -> None:
    found = shares(rule("bands", bands=STEPS), [0.96, 0.95, 0.949999, 0.9, 0.85, 0.849999])
    assert found == [1, 1, 0.8, 0.8, 0.6, 0]


def test_a_rate_of_whole_pupils_meets_its_boundary_exactly() -> None:
    assert shares(rule("bands", bands=STEPS), [19 / 20, 57 / 60, 9 / 10, 17 / 20, 51 / 60]) == [1, 1, 0.8, 0.6, 0.6]


def test_boundaries_are_the_decimals_that_were_written() -> None:
    assert shares(rule("bands", bands=[{"from": Decimal("0.30"), "share": Decimal("0.7")}]), [0.3, 0.29]) == [0.7, 0]


def test_otherwise_is_what_is_left_and_missing_stays_missing() -> None:
    assert shares(rule("bands", bands=STEPS, otherwise=0.2), [0.1, None]) == [0.2, None]


def test_up_to_where_less_is_better() -> None:
    found = shares(rule("bands", bands=[{"up_to": 1, "share": 1}, {"up_to": 5, "share": 0.5}]), [0, 1, 1.01, 5, 6])
    assert found == [1, 1, 0.5, 0.5, 0]


def test_faults() -> None:
    assert fault_paths("bands") == [("wrong_shape", ("bands",))]
    assert fault_paths("bands", bands=list(reversed(STEPS))) == [("not_best_first", ("bands",))] * 2
    assert fault_paths("bands", bands=[{"from": 1, "share": 1}, {"from": 1, "share": 0.5}]) == [
        ("not_best_first", ("bands",))
    ]
    assert fault_paths("bands", bands=STEPS, otherwise=0.6) == [("not_best_first", ("otherwise",))]
    assert fault_paths("bands", bands=[{"from": 2, "share": 1.1}, {"up_to": 1, "share": 0.5}]) == [
        ("out_of_bounds", ("bands", 0, "share")),
        ("parameter_missing", ("bands", 1, "from")),
        ("parameter_unknown", ("bands", 1, "up_to")),
    ]
    many = [{"from": 100 - place, "share": Decimal(100 - place) / 100} for place in range(51)]
    assert fault_paths("bands", bands=many) == [("out_of_bounds", ("bands",))]


def test_its_sentence_lists_the_bands() -> None:
    sentence = rule("bands", bands=STEPS).sentence(0.91, 0.8)
    assert sentence.zh == "0.91；≥ 0.95 100%，≥ 0.9 80%，≥ 0.85 60%，其余 0%：得满分的 80%。"
    assert sentence.en == "0.91; ≥ 0.95 100%, ≥ 0.9 80%, ≥ 0.85 60%, otherwise 0%: 80% of full marks."
