"""Every table of the gateway's schema, so that migrations see one metadata."""

from __future__ import annotations

from gateway.identity.accounts.tables import Account
from gateway.identity.attempts.tables import LoginAttempts
from gateway.identity.clients.tables import Client
from gateway.identity.database import Base
from gateway.identity.tokens.tables import RevokedToken

__all__ = ["Account", "Base", "Client", "LoginAttempts", "RevokedToken"]
