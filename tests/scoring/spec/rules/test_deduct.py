"""``deduct`` (SCORING §10.1)."""

from tests.scoring.rule_builders import fault_paths, rule, shares


def test_so_much_off_for_each_event_down_to_the_floor() -> None:
    found = shares(rule("deduct", per_event=0.3, floor=0.2), [0, 1, 2, 3, 9, None])
    assert found == [1, 1 - 0.3, 1 - 2 * 0.3, 0.2, 0.2, None]


def test_from_something_less_than_full_marks() -> None:
    assert shares(rule("deduct", **{"from": 0.8, "per_event": 0.1}), [0, 3, 8, 100]) == [0.8, 0.5, 0, 0]


def test_faults() -> None:
    assert fault_paths("deduct") == [("parameter_missing", ("per_event",))]
    assert fault_paths("deduct", per_event=0) == [("order", ("per_event",))]
    assert fault_paths("deduct", per_event=0.1, floor=1) == [("order", ("floor",))]
    assert fault_paths("deduct", per_event=1.5) == [("out_of_bounds", ("per_event",))]


def test_its_sentence() -> None:
    assert rule("deduct", per_event=0.2).sentence(2.0, 0.6).zh == "2；起点 100%，每次减 20%，最低 0%：得满分的 60%。"
    assert rule("deduct", per_event=0.2).description.en == "100% less 20% for each, at least 0%"
