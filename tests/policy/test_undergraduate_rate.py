"""The definition of the comprehensive undergraduate rate is nobody's yet, and says so."""

from shared.policy.undergraduate_rate import undergraduate_rate


def test_a_definition_without_a_document_is_not_called_verified() -> None:
    policy = undergraduate_rate()
    assert policy.is_verified is False or policy.source is not None
    assert set(policy.categories) >= {"general", "arts", "sports"}
    assert all(set(names) == {"zh", "en"} for names in policy.categories.values())
    assert policy.grades == {12}
