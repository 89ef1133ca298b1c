"""``target`` (SCORING §10.1)."""

from tests.scoring.rule_builders import fault_paths, rule, shares


def test_full_marks_from_the_goal_on_and_falling_over_the_tolerance() -> None:
    found = shares(rule("target", goal=95, tolerance=10), [99, 95, 92, 85, 80, None])
    assert found == [1, 1, 1 - (95 - 92) / 10, 0, 0, None]


def test_at_most() -> None:
    found = shares(rule("target", goal=45, tolerance=10, direction="at_most"), [40, 45, 50, 55, 60])
    assert found == [1, 1, 1 - (50 - 45) / 10, 0, 0]


def test_near() -> None:
    assert shares(rule("target", goal=1, tolerance=0.5, direction="near"), [1, 0.75, 1.25, 0.5, 2]) == [
        1,
        0.5,
        0.5,
        0,
        0,
    ]


def test_without_tolerance_it_is_all_or_nothing() -> None:
    assert shares(rule("target", goal=0.5), [0.5, 0.4999, None]) == [1, 0, None]
    assert shares(rule("target", goal=0.5, direction="at_most"), [0.5, 0.5001]) == [1, 0]
    assert shares(rule("target", goal=0.5, direction="near"), [0.5, 0.5001, 0.4999]) == [1, 0, 0]


def test_faults() -> None:
    assert fault_paths("target", tolerance=-1, direction="up") == [
        ("parameter_missing", ("goal",)),
        ("out_of_bounds", ("tolerance",)),
        ("word_unknown", ("direction",)),
    ]


def test_its_sentence() -> None:
    assert rule("target", goal=95, tolerance=10).sentence(92.0, 0.7).zh == (
        "92；达到 95 为满分，每差 1 减满分的 1/10：得满分的 70%。"
    )
    assert rule("target", goal=0.5, direction="at_most").description.en == "full marks up to 0.5, nothing otherwise"
    assert rule("target", goal=1, direction="near").description.zh == "等于 1 为满分，否则零分"
