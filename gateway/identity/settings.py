"""What the issuer of tokens is set to: lifetimes, costs and limits as one table."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from gateway.identity.attempts.rules import AttemptPolicy


class IdentitySettings(BaseModel):
    """Lifetimes, costs and limits.

    Args:
        token_seconds: lifetime of an access token.
        argon2_memory_kib, argon2_passes: cost of one check of a secret (about 20 ms and 19 MiB as given).
        argon2_slots: checks that run at once; guessing can keep no more cores busy than this.
        argon2_queue: checks that may wait for a slot; further ones are told to slow down.
        remember_seconds: how long a secret found right need not be checked again.
        revocation_seconds: how often revocations made by another gateway process are looked for.
        pair, name, address: limits of failures of one name from one address, of one name from addresses that never
            succeeded with it, and of one address.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    token_seconds: PositiveInt = Field(default=600, le=1_800)
    argon2_memory_kib: int = Field(default=19_456, ge=8_192)
    argon2_passes: PositiveInt = 2
    argon2_slots: PositiveInt = 2
    argon2_queue: PositiveInt = 64
    remember_seconds: PositiveFloat = 60.0
    revocation_seconds: PositiveFloat = 2.0
    pair: AttemptPolicy = AttemptPolicy(allowed=5, leak_seconds=300, first_wait_seconds=15, max_wait_seconds=900)
    name: AttemptPolicy = AttemptPolicy(allowed=20, leak_seconds=600, first_wait_seconds=30, max_wait_seconds=3_600)
    # Generous: a whole school, and sometimes a county, shares one address.
    address: AttemptPolicy = AttemptPolicy(allowed=60, leak_seconds=10, first_wait_seconds=5, max_wait_seconds=300)
