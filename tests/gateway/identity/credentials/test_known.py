from __future__ import annotations

import datetime as dt

from gateway.identity.credentials.known import KnownSecrets

AT = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)


def test_it_is_known_for_a_minute_under_its_name_and_hash() -> None:
    known = KnownSecrets(60)
    known.remember("client a", "secret", stored="hash-1", at=AT)
    assert known.knows("client a", "secret", stored="hash-1", at=AT + dt.timedelta(seconds=59))
    assert not known.knows("client a", "secret", stored="hash-2", at=AT)
    assert not known.knows("client b", "secret", stored="hash-1", at=AT)
    assert not known.knows("client a", "Secret", stored="hash-1", at=AT)
    assert not known.knows("client as", "ecret", stored="hash-1", at=AT)
    assert not known.knows("client a", "secret", stored="hash-1", at=AT + dt.timedelta(seconds=60))


def test_it_holds_no_secret() -> None:
    known = KnownSecrets(60)
    known.remember("client a", "a very plain secret", stored="hash-1", at=AT)
    assert "a very plain secret" not in repr(vars(known))
    assert b"a very plain secret" not in b"".join(known._known)
