"""One node of a text is changed and nothing else: comments, order and lines of the rest stay."""

import pytest

from shared.kits.schemes.editing import with_node_added, with_node_replaced, without_node
from shared.scoring.scheme.document import SchemeDocument
from shared.scoring.scheme.reading import read_scheme
from shared.terms.errors import DomainError
from tests.services.school_eval.campaigns.city import SCHEME

LEAF = {
    "code": "B4",
    "name": {"zh": "内部治理", "en": "Governance"},
    "weight": [{"from": "2026-01-01", "value": 30}, {"from": "2027-01-01", "value": 25.5}],
    "rule": {"kind": "yes_no"},
    "source": "inspection",
    "evaluators": ["county"],
    "methods": ["on_site"],
    "evaluation_kind": "process",
}


def document(text: str) -> SchemeDocument:
    found = read_scheme(text)
    assert isinstance(found, SchemeDocument), found
    return found


def codes(text: str) -> list[str]:
    return [node.code for node in document(text).nodes()]


def test_a_node_is_written_anew_in_its_place() -> None:
    changed = with_node_replaced(SCHEME, "B4", LEAF)
    before, after = SCHEME.splitlines(), changed.splitlines()
    start = before.index("      - code: B4")
    assert after[:start] == before[:start]
    assert after[after.index("      - code: B5") :] == before[before.index("      - code: B5") :]
    assert codes(changed) == codes(SCHEME)
    entry = next(node for node in document(changed).nodes() if node.code == "B4")
    assert [str(value.value) for value in entry.weight.values] == ["30", "25.5"]


def test_comments_after_a_node_stay() -> None:
    changed = with_node_replaced(SCHEME, "B3", LEAF | {"code": "B3"})
    assert "  # 学校管理\n  - code: A2\n" in changed
    assert "  # 学校管理\n  - code: A2\n" in without_node(SCHEME, "B3")


def test_a_node_is_added_last_and_taken_out() -> None:
    added = with_node_added(SCHEME, "A1", LEAF | {"code": "B9"})
    assert codes(added) == ["A1", "B1", "B2", "B3", "B9", "A2", "B4", "B5"]
    assert without_node(added, "B9") == SCHEME
    whole = {
        "code": "A3",
        "name": {"zh": "学生发展", "en": "Students"},
        "weight": 10,
        "children": [LEAF | {"code": "B9"}],
    }
    grown = with_node_added(SCHEME, "city_school", whole)
    assert codes(grown)[-2:] == ["A3", "B9"]
    assert without_node(grown, "A3") == SCHEME


def test_what_is_not_there_cannot_be_edited() -> None:
    for edit in (
        lambda: with_node_replaced(SCHEME, "Z", LEAF),
        lambda: without_node(SCHEME, "Z"),
        lambda: with_node_added(SCHEME, "B1", LEAF),
    ):
        with pytest.raises(DomainError, match=r"scheme\.node_unknown"):
            edit()
    alone = without_node(SCHEME, "B5")
    with pytest.raises(DomainError, match=r"scheme\.node_last"):
        without_node(alone, "B4")
