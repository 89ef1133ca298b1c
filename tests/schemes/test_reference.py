"""The reference page says what the code does."""

from shared.scoring.rules import RULES
from shared.scoring.scheme.checks import CHECKS
from tools.scheme_reference import TARGET, scheme_reference


def test_the_page_is_the_code_s() -> None:
    assert TARGET.read_text("utf-8") == scheme_reference(), "run make scheme-reference"


def test_it_lists_every_rule_and_every_check() -> None:
    page = scheme_reference()
    assert all(f"### `{rule.kind}`" in page for rule in RULES)
    assert all(f"| `{check.name}` |" in page for check in CHECKS)
