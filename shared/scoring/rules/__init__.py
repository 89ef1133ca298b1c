"""Rules from raw values to shares of full marks (SCORING §10.1): one kind per file, listed here.

To add one: write ``rules/<kind>.py`` with a frozen dataclass, add it to the tuple, test it in
``tests/scoring/spec/rules/test_<kind>.py``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.scoring.rules.bands import Bands
from shared.scoring.rules.base import Rule
from shared.scoring.rules.deduct import Deduct
from shared.scoring.rules.levels import Levels
from shared.scoring.rules.linear import Linear
from shared.scoring.rules.parameters import KIND, RuleFault
from shared.scoring.rules.rank_in_group import RankInGroup
from shared.scoring.rules.target import Target
from shared.scoring.rules.veto import Veto
from shared.scoring.rules.yes_no import YesNo

RULES: tuple[type[Rule], ...] = (Linear, Bands, Levels, YesNo, Target, Deduct, RankInGroup, Veto)
RULES_BY_KIND: Mapping[str, type[Rule]] = {rule.kind: rule for rule in RULES}


def rule_faults(content: Any) -> Sequence[RuleFault]:
    """Everything wrong with a rule written as ``{kind: …, parameters…}``."""
    if not isinstance(content, Mapping):
        return [RuleFault((), "scheme.rule_wrong_shape", {"name": "rule", "expected": "{kind: …}"})]
    kind = content.get(KIND)
    rule = RULES_BY_KIND.get(kind) if isinstance(kind, str) else None
    if rule is None:
        params = {"value": str(kind)[:40], "allowed": ", ".join(RULES_BY_KIND)}
        return [RuleFault((KIND,) if KIND in content else (), "scheme.rule_kind_unknown", params)]
    return tuple(rule.faults(content))


def parse_rule(content: Mapping[str, Any]) -> Rule:
    """The rule written as ``{kind: …, parameters…}``.

    Raises:
        ValueError: when it has faults; see :func:`rule_faults`.
    """
    if rule_faults(content):
        raise ValueError("the rule has faults")
    return RULES_BY_KIND[content[KIND]].parse(content)


__all__ = ["RULES", "RULES_BY_KIND", "Rule", "RuleFault", "parse_rule", "rule_faults"]
