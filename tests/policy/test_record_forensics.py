"""Every kind of finding has its words, every number of the detectors its value."""

from shared.policy.record_forensics import forensics_policy
from shared.scoring.forensics.base import FindingKind, Parameters


def test_words_and_numbers_are_whole() -> None:
    policy = forensics_policy()
    assert set(policy.findings) == set(FindingKind)
    assert set(policy.parameters) == set(Parameters.__slots__)
    assert Parameters(**policy.parameters).most_minutes == 960
    assert not policy.verified
